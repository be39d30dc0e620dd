//! Why a report could not be written.

use std::io;

use thiserror::Error;

/// Why a report could not be written; the file that was there before is still there.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The folder of the file is not there and could not be made.
    #[error("failed to make the folder of the report `{path}`")]
    #[non_exhaustive]
    Folder {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// There is something at the path that is no file.
    #[error("the report `{path}` would take the place of something that is no file: name another")]
    #[non_exhaustive]
    NotAFile {
        /// The path.
        path: String,
    },
    /// The new file could not be written beside the old one.
    #[error("failed to write the report `{path}`")]
    #[non_exhaustive]
    Write {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// The new file could not take the place of the old one.
    #[error("failed to put the report in the place of `{path}`")]
    #[non_exhaustive]
    Replace {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
}
