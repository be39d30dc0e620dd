//! What serde says, in words for people.
//!
//! Values are never repeated, as one may be a secret in the wrong place.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use super::nearest;
use crate::source::{Fault, Span};

/// Why a value does not fit.
#[derive(Debug, Clone)]
pub(super) struct DecodeError {
    pub(super) message: String,
    pub(super) advice: Option<String>,
    /// The words that are known, when an unknown one is the reason.
    pub(super) known: Option<&'static [&'static str]>,
    /// The key that is missing, when that is the reason.
    pub(super) missing: Option<&'static str>,
}

impl DecodeError {
    fn new(message: String) -> Self {
        Self { message, advice: None, known: None, missing: None }
    }

    fn unknown(message: String, word: &str, known: &'static [&'static str]) -> Self {
        let advice = Some(meant_or_known(word, known));
        Self { message, advice, known: Some(known), missing: None }
    }

    pub(super) fn at(self, span: Span) -> Fault {
        Fault { span, message: self.message, advice: self.advice }
    }
}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {}, found {}", wanted(expected), sort(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Signed(number) => number.to_string(),
            Unexpected::Unsigned(number) => number.to_string(),
            other => sort(other).to_owned(),
        };
        Self::new(format!("out of range: expected {}, found {found}", wanted(expected)))
    }

    fn invalid_length(len: usize, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {}, found {len} of them", wanted(expected)))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::unknown("unknown value".to_owned(), variant, expected)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::unknown(format!("unknown key `{field}`"), field, expected)
    }

    fn missing_field(field: &'static str) -> Self {
        Self { missing: Some(field), ..Self::new(format!("`{field}` is missing")) }
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(format!("`{field}` is there twice"))
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DecodeError {}

/// The known word that was probably meant, or else all of them.
pub(super) fn meant_or_known(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("expected {}", one_of(known)),
    }
}

/// A list of words, one of which is meant.
fn one_of(words: &[&str]) -> String {
    listed(words, "or")
}

/// A list of words, all of which are meant.
pub(super) fn all_of(words: &[&str]) -> String {
    listed(words, "and")
}

fn listed(words: &[&str], conjunction: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => {
            format!("{} {conjunction} {last}", rest.join(", "))
        }
        Some((last, _)) => last.clone(),
        None => "nothing".to_owned(),
    }
}

/// What serde expects, without the names that types have in Rust.
fn wanted(expected: &dyn Expected) -> String {
    let text = expected.to_string();
    let plain = match text.as_str() {
        "u8" => "an integer from 0 to 255",
        "u16" => "an integer from 0 to 65535",
        "u32" => "an integer from 0 to 4294967295",
        "u64" | "usize" => "an integer of at least 0",
        "i8" | "i16" | "i32" | "i64" | "isize" | "i128" | "u128" => "an integer",
        "f32" | "f64" => "a number",
        "a sequence" => "a list",
        "path string" => "a path",
        "a map" | "map" => "a table",
        _ if text.starts_with("a nonzero u") => "an integer of at least 1",
        _ if text.starts_with("a nonzero i") => "an integer other than 0",
        _ if text.starts_with("struct ") || text.starts_with("internally tagged ") => "a table",
        _ if text.starts_with("variant identifier") || text.starts_with("enum ") => "a string",
        other => other,
    };
    plain.to_owned()
}

fn sort(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an integer",
        Unexpected::Float(_) => "a decimal number",
        Unexpected::Char(_) | Unexpected::Str(_) => "a string",
        Unexpected::Seq => "a list",
        Unexpected::Map => "a table",
        Unexpected::Unit | Unexpected::Option => "null",
        _ => "something else",
    }
}
