//! The report as a file for programs.
//!
//! It appears whole or not at all: it is written beside its place and moved there. That the
//! place exists is asked before any event is read.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tidings_registry::Report;

use super::screen::print;
use crate::failure::Failure;

/// Where a report will go.
#[derive(Debug)]
pub(crate) enum ReportFile {
    /// To standard output.
    Stdout,
    /// To this file.
    At(PathBuf),
}

impl ReportFile {
    /// The place that the command line names.
    ///
    /// # Errors
    ///
    /// [`Failure::ReportPlace`] when there can be no file.
    pub(crate) fn at(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Ok(Self::Stdout);
        }
        let wrong = |reason| Failure::ReportPlace { path: path.to_owned(), reason };
        if path.is_dir() {
            return Err(wrong("it is a folder"));
        }
        if !folder_of(path).is_dir() {
            return Err(wrong("its folder is not there: make it first"));
        }
        Ok(Self::At(path.to_owned()))
    }

    /// Writes the report, complete or not, as one line of JSON.
    ///
    /// # Errors
    ///
    /// [`Failure::Report`] or [`Failure::Output`]; a file that was there is then as it was.
    pub(crate) fn write(&self, report: &Report) -> Result<(), Failure> {
        let mut text = serde_json::to_string(report).expect("names and numbers have a JSON form");
        text.push('\n');
        match self {
            Self::Stdout => print(&text),
            Self::At(path) => replace(path, &text)
                .map_err(|source| Failure::Report { path: path.clone(), source }),
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Writes a file of another name and gives it the name of `path`.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let beside = folder_of(path).join(format!(".{name}.{}.part", std::process::id()));
    let written = File::create(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What is told is why the report is missing, not that its remains are still there.
        let _remains = fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tidings_registry::Bus;

    use super::*;

    #[test]
    fn a_report_replaces_the_one_before_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.json");
        fs::write(&path, "old").expect("a file");
        let report = Bus::new().close(Duration::ZERO).expect("not strict");
        ReportFile::at(&path).expect("a place").write(&report).expect("written");
        let text = fs::read_to_string(&path).expect("a file");
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(json["complete"], true);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn a_place_that_cannot_be_is_refused_beforehand() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing = folder.path().join("no").join("report.json");
        assert!(matches!(ReportFile::at(&missing), Err(Failure::ReportPlace { .. })));
        assert!(matches!(ReportFile::at(folder.path()), Err(Failure::ReportPlace { .. })));
        assert!(matches!(ReportFile::at(Path::new("report.json")), Ok(ReportFile::At(_))));
        assert!(matches!(ReportFile::at(Path::new("-")), Ok(ReportFile::Stdout)));
    }
}
