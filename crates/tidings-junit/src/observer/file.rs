//! A file that is replaced as a whole: readers see the old report or the new one, never half.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::Builder;

use super::WriteError;

/// Writes `text` beside the file, then gives it the file's name.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), WriteError> {
    let name = || path.display().to_string();
    // A link stays, and what it leads to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if fs::metadata(&target).is_ok_and(|found| !found.is_file()) {
        return Err(WriteError::NotAFile { path: name() });
    }
    let folder = folder_of(&target);
    fs::create_dir_all(&folder).map_err(|source| WriteError::Folder { path: name(), source })?;
    let written = settings(&target).tempfile_in(&folder).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        // Before the name, so that a power failure cannot leave the name of an empty file.
        file.as_file().sync_all()?;
        Ok(file)
    });
    let file = written.map_err(|source| WriteError::Write { path: name(), source })?;
    let replaced = file.persist(&target);
    replaced.map(drop).map_err(|fault| WriteError::Replace { path: name(), source: fault.error })
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A file that others may read like any other: those of CI systems often are others.
#[cfg(unix)]
fn settings(target: &Path) -> Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt as _;

    let permissions = match fs::metadata(target) {
        Ok(found) => found.permissions(),
        // The mask of the process takes away what it takes from other files.
        Err(_) => fs::Permissions::from_mode(0o666),
    };
    let mut builder = Builder::new();
    builder.prefix(".tidings-junit-").suffix(".tmp").permissions(permissions);
    builder
}

#[cfg(not(unix))]
fn settings(_: &Path) -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(".tidings-junit-").suffix(".tmp");
    builder
}
