//! Why a journal, or one line of it, cannot be read.

use std::io;
use std::sync::Arc;

use thiserror::Error;
use tidings_core::wire::InvalidCloudEvent;

use crate::header::FORMAT;

/// Why a journal, or one line of it, cannot be read.
///
/// After a [`ReadError::Line`] reading goes on with the next line; the others are the end.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file could not be opened.
    #[error("failed to open the journal `{name}`")]
    #[non_exhaustive]
    Open {
        /// The file.
        name: Arc<str>,
        /// What the system says.
        source: io::Error,
    },
    /// The input failed.
    #[error("failed to read the journal `{name}` after line {line}")]
    #[non_exhaustive]
    Io {
        /// The file.
        name: Arc<str>,
        /// The last line that was read, from 1 on.
        line: u64,
        /// What the system says.
        source: io::Error,
    },
    /// One line is no event. Those around it are unharmed.
    #[error("{name}:{line}: {fault}")]
    #[non_exhaustive]
    Line {
        /// The file.
        name: Arc<str>,
        /// The line, from 1 on.
        line: u64,
        /// What is wrong with it.
        fault: LineFault,
    },
    /// A newer Tidings wrote this session, and says that older ones would misread it.
    #[error(
        "{name}:{line}: the journal is written in format {needed}, and only formats up to \
         {FORMAT} are known here: read it with a newer version of Tidings"
    )]
    #[non_exhaustive]
    Format {
        /// The file.
        name: Arc<str>,
        /// The header's line, from 1 on.
        line: u64,
        /// The format that a reader has to know.
        needed: u32,
    },
}

impl ReadError {
    /// The line it is about, from 1 on; none when the file could not be opened.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::Open { .. } => None,
            Self::Io { line, .. } | Self::Line { line, .. } | Self::Format { line, .. } => {
                Some(*line)
            }
        }
    }

    /// Whether only this line is lost, and reading goes on with the next.
    pub fn is_line(&self) -> bool {
        matches!(self, Self::Line { .. })
    }
}

/// What is wrong with one line, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LineFault {
    /// The line is no `CloudEvent`.
    #[error("{0} (restore the line from a copy, or remove it)")]
    CloudEvent(InvalidCloudEvent),
    /// The line is no text.
    #[error("byte {byte} of the line is not UTF-8 (restore the line from a copy, or remove it)")]
    #[non_exhaustive]
    NotUtf8 {
        /// The first byte that is not, from 1 on.
        byte: usize,
    },
    /// The line is longer than the reader's bound.
    #[error(
        "the line has {bytes} bytes, more than the {bytes_max} that are read (raise \
         `line_bytes_max` of the reader)"
    )]
    #[non_exhaustive]
    TooLong {
        /// Its bytes, with its line break.
        bytes: u64,
        /// The bound.
        bytes_max: usize,
    },
    /// The line is a header, and its data are not those of one.
    #[error("the header cannot be read: {0} (restore the line from a copy)")]
    Header(String),
}
