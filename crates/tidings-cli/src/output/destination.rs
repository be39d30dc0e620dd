//! What is written for programs: reports, summaries, pages.
//!
//! A file appears whole or not at all: it is written beside its place and moved there. That its
//! place exists is asked before any event is read.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::screen::print;
use crate::failure::Failure;

/// Where something for programs will go.
#[derive(Debug, Clone)]
pub(crate) struct Destination {
    /// What it is: `report`.
    what: &'static str,
    /// None for standard output.
    path: Option<PathBuf>,
}

impl Destination {
    /// The place that the command line names, `-` for standard output.
    ///
    /// # Errors
    ///
    /// [`Failure::Place`] when there can be no file.
    pub(crate) fn at(what: &'static str, path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Ok(Self { what, path: None });
        }
        let wrong = |reason| Failure::Place { what, path: path.to_owned(), reason };
        if path.is_dir() {
            return Err(wrong("it is a folder"));
        }
        if !folder_of(path).is_dir() {
            return Err(wrong("its folder is not there: make it first"));
        }
        Ok(Self { what, path: Some(path.to_owned()) })
    }

    /// Standard output.
    pub(crate) fn stdout(what: &'static str) -> Self {
        Self { what, path: None }
    }

    /// Whether it is standard output.
    pub(crate) fn is_stdout(&self) -> bool {
        self.path.is_none()
    }

    /// Writes the text.
    ///
    /// # Errors
    ///
    /// [`Failure::Write`] or [`Failure::Output`]; a file that was there is then as it was.
    pub(crate) fn write(&self, text: &str) -> Result<(), Failure> {
        let Some(path) = &self.path else { return print(text) };
        let what = self.what;
        replace(path, text).map_err(|source| Failure::Write { what, path: path.clone(), source })
    }

    /// Writes one line of JSON.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub(crate) fn write_json(&self, value: &impl Serialize) -> Result<(), Failure> {
        let mut text = serde_json::to_string(value).expect("names and numbers have a JSON form");
        text.push('\n');
        self.write(&text)
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
        let place = Destination::at("report", &path).expect("a place");
        place.write_json(&report).expect("written");
        let text = fs::read_to_string(&path).expect("a file");
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(json["complete"], true);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn a_place_that_cannot_be_is_refused_beforehand() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing = folder.path().join("no").join("report.json");
        let at = |path: &Path| Destination::at("report", path);
        assert!(matches!(at(&missing), Err(Failure::Place { .. })));
        assert!(matches!(at(folder.path()), Err(Failure::Place { .. })));
        assert!(!at(Path::new("report.json")).expect("here").is_stdout());
        assert!(at(Path::new("-")).expect("standard output").is_stdout());
    }
}
