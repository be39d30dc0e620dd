//! Why a journal could not be opened for writing.

use std::io;

use thiserror::Error;

use crate::reader::ReadError;

/// Why a journal could not be opened for writing.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The file could not be opened or locked.
    #[error("failed to open the journal `{path}` for writing")]
    #[non_exhaustive]
    Open {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// The file to be created has content.
    #[error(
        "`{path}` is not empty: continue it with `Journal::append`, remove it, or name another \
         file"
    )]
    #[non_exhaustive]
    NotEmpty {
        /// The file.
        path: String,
    },
    /// Another journal, of this process or another, has the file.
    #[error("`{path}` is being written by another journal: close that one, or name another file")]
    #[non_exhaustive]
    Locked {
        /// The file.
        path: String,
    },
    /// The file to be continued does not begin with the header of a journal.
    #[error("`{path}` is no journal: its first line is no header; name another file")]
    #[non_exhaustive]
    NotAJournal {
        /// The file.
        path: String,
    },
    /// The file to be continued cannot be read.
    #[error("failed to continue the journal")]
    Read(#[source] ReadError),
    /// The header, or the cut that goes before it, could not be written.
    #[error("failed to write the header of the journal `{path}`")]
    #[non_exhaustive]
    Write {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
}
