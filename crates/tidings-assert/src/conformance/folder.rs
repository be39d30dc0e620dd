//! A folder that goes when it is dropped.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder of its own among the temporary ones.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes a folder of this name, which nobody else uses.
    pub(super) fn new(name: &str) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("tidings-conformance-{name}"));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Copies all files below `from` into it.
    pub(super) fn fill_from(&self, from: &Path) -> io::Result<()> {
        copy(from, &self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What the system cannot remove is its own to clean up.
        drop(fs::remove_dir_all(&self.0));
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
