//! The corpus: inputs that are worth running each time, and where those that broke go.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of this package.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The committed inputs of a target, in the order of their names.
///
/// # Errors
///
/// When the folder is missing or a file cannot be read.
pub fn read(target: &str) -> std::io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(root().join("corpus").join(target))? {
        paths.push(entry?.path());
    }
    paths.sort();
    paths.into_iter().map(|path| Ok((path.clone(), fs::read(path)?))).collect()
}

/// The folder for inputs that broke a target.
///
/// # Errors
///
/// When it cannot be made.
pub fn found(target: &str) -> std::io::Result<PathBuf> {
    let folder = root().join("found").join(target);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
