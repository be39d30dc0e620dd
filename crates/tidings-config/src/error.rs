//! Why a configuration cannot be used.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use tidings_core::text::push_visible;

/// The most bytes of a message; those that list all keys of a kind have fewer.
const MESSAGE_BYTES_MAX: usize = 4 * 1024;

/// Why a configuration cannot be used.
///
/// Its text is made for people: for each fault the file, line and column, the line itself
/// with a mark under the place, and what to do. It never shows a secret. `Debug` shows the
/// same, since that is what a `main` prints which returns it.
#[derive(Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("failed to read the configuration `{}`: {reason}", shown_path(path))]
    #[non_exhaustive]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said; it stands in the text, so it is no `source()`.
        reason: io::Error,
    },
    /// The name of the file does not say what is in it.
    #[error(
        "`{}` ends with neither `.toml` nor `.json`: rename it, as that is how the format of a \
         configuration is told",
        shown_path(path)
    )]
    #[non_exhaustive]
    Extension {
        /// The file.
        path: PathBuf,
    },
    /// The text is wrong somewhere, or what it names cannot be used.
    #[error("{}", shown(faults))]
    #[non_exhaustive]
    Invalid {
        /// All that was found, in the order of the text.
        faults: Vec<ConfigFault>,
    },
}

impl ConfigError {
    pub(crate) fn invalid(faults: Vec<ConfigFault>) -> Self {
        Self::Invalid { faults }
    }

    /// What is wrong in the text, place by place.
    pub fn faults(&self) -> &[ConfigFault] {
        match self {
            Self::Invalid { faults } => faults,
            Self::Read { .. } | Self::Extension { .. } => &[],
        }
    }
}

impl fmt::Debug for ConfigError {
    /// As `Display`, below whatever stands before it: the marks count columns.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

fn shown(faults: &[ConfigFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n")
}

/// One thing wrong at one place of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    line: usize,
    column: usize,
    message: String,
    shown: String,
}

impl ConfigFault {
    pub(crate) fn new(line: usize, column: usize, message: String, shown: String) -> Self {
        Self { line, column, message, shown }
    }

    /// The line, counted from one.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in characters, counted from one.
    pub fn column(&self) -> usize {
        self.column
    }

    /// What is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ConfigFault {
    /// The place, what is wrong, the line, and what to do; several lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// What is told of a text that may be anything: nothing of it moves a cursor, and of one that
/// has no end the beginning will do. Line breaks are the message's own.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MESSAGE_BYTES_MAX) + 4);
    let end = text.floor_char_boundary(MESSAGE_BYTES_MAX);
    push_visible(&mut out, &text[..end], &['\n']);
    if end < text.len() {
        out.push('…');
    }
    out
}

fn shown_path(path: &Path) -> String {
    visible(&path.display().to_string().replace('\n', "\\n"))
}

/// An error and what led to it, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let cause = source.to_string();
        if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
        next = source.source();
    }
    text
}
