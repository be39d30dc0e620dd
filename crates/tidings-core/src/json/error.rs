//! Why a value or a text has no canonical form, and where in it.
//!
//! Both errors are values: cloneable, comparable, and kept small on the path that
//! succeeds. The place is built while the error travels outwards, so a value that
//! can be written pays nothing for it.

use std::fmt;

use serde::ser;
use thiserror::Error;

use crate::json::DEPTH_MAX;
use crate::json::writer::WRAPPERS_MAX;

/// Why a value could not be written as canonical JSON.
///
/// The text says where and what: `config.rates[3]: NaN is not a JSON number`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodeError(Box<Place>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    path: String,
    fault: EncodeFault,
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum EncodeFault {
    #[error("{0} is not a JSON number")]
    NotANumber(&'static str),
    #[error("duplicate key `{0}`")]
    DuplicateKey(String),
    #[error("a map key must be a string, a character, an integer, a bool or a unit variant")]
    KeyNotText,
    #[error("nested deeper than {DEPTH_MAX} levels")]
    TooDeep,
    #[error("more than {WRAPPERS_MAX} newtypes and options around one value")]
    TooWrapped,
    #[error("longer than 4 GiB")]
    TooLong,
    #[error("a value's own `Serialize` swallowed an error and left a container open")]
    Swallowed,
    #[error("a raw value must hold its JSON as a string")]
    RawNotText,
    #[error("raw JSON is not valid")]
    Raw(#[source] CanonicalizeError),
    #[error("{0}")]
    Custom(String),
}

impl EncodeError {
    /// Returns where the value is, seen from the top: `config.rates[3]`; empty for the
    /// top itself.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    #[cold]
    pub(super) fn within_key(mut self, key: &str) -> Self {
        let plain = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_');
        let path = &mut self.0.path;
        let separator = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        *path = if plain {
            format!("{key}{separator}{path}")
        } else {
            format!("[{key:?}]{separator}{path}")
        };
        self
    }

    #[cold]
    pub(super) fn within_index(mut self, index: usize) -> Self {
        let path = &mut self.0.path;
        let separator = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        *path = format!("[{index}]{separator}{path}");
        self
    }
}

impl From<EncodeFault> for EncodeError {
    #[cold]
    fn from(fault: EncodeFault) -> Self {
        Self(Box::new(Place { path: String::new(), fault }))
    }
}

impl From<CanonicalizeError> for EncodeError {
    #[cold]
    fn from(fault: CanonicalizeError) -> Self {
        EncodeFault::Raw(fault).into()
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.path.is_empty() {
            write!(f, "{}: ", self.0.path)?;
        }
        write!(f, "{}", self.0.fault)
    }
}

impl std::error::Error for EncodeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.fault.source()
    }
}

impl ser::Error for EncodeError {
    #[cold]
    fn custom<T: fmt::Display>(message: T) -> Self {
        EncodeFault::Custom(message.to_string()).into()
    }
}

/// Why a text is not JSON that has a canonical form.
///
/// The text says where and what: `line 3 column 7: a lone surrogate is no character`.
/// Lines and columns count from one, columns in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line} column {column}: {fault}")]
pub struct CanonicalizeError {
    line: usize,
    column: usize,
    offset: usize,
    fault: TextFault,
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum TextFault {
    #[error("expected {0}")]
    Expected(&'static str),
    #[error("duplicate key `{0}` in the object that ends here")]
    DuplicateKey(String),
    #[error("nested deeper than {DEPTH_MAX} levels")]
    TooDeep,
    #[error("longer than 4 GiB")]
    TooLong,
    #[error("a control character in a string must be escaped")]
    BareControl,
    #[error("the text ends inside a string")]
    OpenString,
    #[error("a backslash must be followed by one of \"\\/bfnrtu")]
    UnknownEscape,
    #[error("a lone surrogate is no character")]
    LoneSurrogate,
    #[error("characters follow the end of the value")]
    Trailing,
}

impl CanonicalizeError {
    #[cold]
    pub(super) fn new(text: &str, offset: usize, fault: TextFault) -> Self {
        let before = &text.as_bytes()[..offset.min(text.len())];
        let line_start =
            before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
        let line = before.split(|&byte| byte == b'\n').count();
        Self { line, column: before.len() - line_start + 1, offset: before.len(), fault }
    }

    /// Returns the line of the fault, counted from one.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns the column of the fault in its line, in bytes, counted from one.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Returns how many bytes stand before the fault.
    pub fn offset(&self) -> usize {
        self.offset
    }
}
