//! Folders that a configuration names and nobody has made yet.

use std::fs;
use std::io;
use std::path::Path;

/// Makes the folder that a file is to be in.
pub(crate) fn make_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => fs::create_dir_all(folder),
        _ => Ok(()),
    }
}
