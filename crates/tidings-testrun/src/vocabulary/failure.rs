//! Why something failed, as text that is owned, comparable and readable anywhere.

use std::any::Any;
use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Status;

/// The most causes that [`Failure::from_error`] follows; an error may name itself.
pub const CAUSES_MAX: usize = 32;

/// Why something failed.
///
/// ```
/// use tidings_testrun::{Failure, FailureKind};
///
/// let fault = "x".parse::<u8>().expect_err("no number");
/// let failure = Failure::from_error(&fault);
/// assert_eq!(failure.message, "invalid digit found in string");
///
/// let failure = Failure::assertion("the totals differ")
///     .with_expected("3")
///     .with_actual("2")
///     .at_line("tests/totals.rs", 17);
/// assert_eq!(failure.kind, FailureKind::Assertion);
/// assert_eq!(failure.location.expect("given").to_string(), "tests/totals.rs:17");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Failure {
    /// What sort of failure it is.
    pub kind: FailureKind,
    /// The class of the error: a type or an exception.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// What went wrong, in a line or a few.
    pub message: String,
    /// All the rest: a stack trace, a diff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    /// What led to it, nearest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
    /// What an assertion expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What it got.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// Where it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<SourceLocation>,
}

/// What sort of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailureKind {
    /// What was tested is not as it should be.
    Assertion,
    /// It took longer than it may.
    Timeout,
    /// What has to be there before could not be made.
    Setup,
    /// What was made before could not be cleared away.
    Teardown,
    /// Anything else; also a kind that this version does not know.
    #[default]
    #[serde(other)]
    Error,
}

/// One link of a chain of causes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Cause {
    /// The class of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// What it says.
    pub message: String,
}

impl Cause {
    /// A cause that says this.
    pub fn new(message: impl Into<String>) -> Self {
        Self { class: None, message: message.into() }
    }

    /// Names its class.
    #[must_use]
    pub fn with_class(mut self, class: impl Into<String>) -> Self {
        self.class = Some(class.into());
        self
    }
}

/// A place in source text; lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SourceLocation {
    /// The file, as its producer names it.
    pub file: String,
    /// The line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

impl SourceLocation {
    /// A place somewhere in a file.
    pub fn new(file: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, column: None }
    }

    /// Names the line.
    #[must_use]
    pub fn with_line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    /// Names the column.
    #[must_use]
    pub fn with_column(mut self, column: u32) -> Self {
        self.column = Some(column);
        self
    }
}

impl From<&std::panic::Location<'_>> for SourceLocation {
    fn from(place: &std::panic::Location<'_>) -> Self {
        Self::new(place.file()).with_line(place.line()).with_column(place.column())
    }
}

impl fmt::Display for SourceLocation {
    /// `file`, `file:line` or `file:line:column`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        let Some(line) = self.line else { return Ok(()) };
        write!(f, ":{line}")?;
        self.column.map_or(Ok(()), |column| write!(f, ":{column}"))
    }
}

impl Failure {
    /// A failure of this kind that says this.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), ..Self::default() }
    }

    /// What was tested is not as it should be.
    pub fn assertion(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Assertion, message)
    }

    /// A failure from text alone: the first line is its message, all of it its details.
    pub fn from_text(text: &str) -> Self {
        let text = text.trim();
        let message = text.lines().next().unwrap_or_default();
        let failure = Self::new(FailureKind::Error, message);
        if message.len() == text.len() { failure } else { failure.with_details(text) }
    }

    /// An error with its chain of causes, at most [`CAUSES_MAX`].
    pub fn from_error(error: &dyn Error) -> Self {
        let causes = std::iter::successors(error.source(), |cause| <dyn Error>::source(*cause));
        let mut failure = Self::new(FailureKind::Error, error.to_string());
        failure.causes =
            causes.take(CAUSES_MAX).map(|cause| Cause::new(cause.to_string())).collect();
        failure
    }

    /// What a thread panicked with, as [`catch_unwind`](std::panic::catch_unwind) and
    /// `JoinHandle::join` give it.
    ///
    /// A text that the standard assertions wrote is an [`Assertion`](FailureKind::Assertion),
    /// and the right side of an equality what was expected.
    pub fn from_panic(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let Some(text) = text else {
            return Self::new(FailureKind::Error, "panicked with a payload that is no text");
        };
        let is_assertion = text.starts_with("assertion ");
        let kind = if is_assertion { FailureKind::Assertion } else { FailureKind::Error };
        let mut failure = Self { kind, ..Self::from_text(text) }.with_class("panic");
        if is_assertion {
            let side = |label: &str| {
                let found = text.lines().find_map(|line| line.trim_start().strip_prefix(label));
                found.map(|value| value.trim().to_owned())
            };
            (failure.actual, failure.expected) = (side("left:"), side("right:"));
        }
        failure
    }

    /// Names its class.
    #[must_use]
    pub fn with_class(mut self, class: impl Into<String>) -> Self {
        self.class = Some(class.into());
        self
    }

    /// Adds all the rest.
    #[must_use]
    pub fn with_details(mut self, details: impl Into<String>) -> Self {
        self.details = Some(details.into());
        self
    }

    /// Adds what led to it, behind the causes it has.
    #[must_use]
    pub fn with_cause(mut self, cause: Cause) -> Self {
        self.causes.push(cause);
        self
    }

    /// Says what an assertion expected.
    #[must_use]
    pub fn with_expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Says what it got.
    #[must_use]
    pub fn with_actual(mut self, actual: impl Into<String>) -> Self {
        self.actual = Some(actual.into());
        self
    }

    /// Says where it happened.
    #[must_use]
    pub fn at(mut self, location: impl Into<SourceLocation>) -> Self {
        self.location = Some(location.into());
        self
    }

    /// Says where it happened: file and line.
    #[must_use]
    pub fn at_line(self, file: impl Into<String>, line: u32) -> Self {
        self.at(SourceLocation::new(file).with_line(line))
    }

    /// The status of a case that ends with it.
    pub const fn status(&self) -> Status {
        match self.kind {
            FailureKind::Assertion => Status::Failure,
            FailureKind::Timeout => Status::TimedOut,
            FailureKind::Error | FailureKind::Setup | FailureKind::Teardown => Status::Error,
        }
    }
}

impl fmt::Display for Failure {
    /// Class and message; with `{:#}` those of its causes too, nearest first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_link(f, self.class.as_deref(), &self.message)?;
        let causes = if f.alternate() { &*self.causes } else { &[] };
        causes.iter().try_for_each(|cause| write!(f, ": {cause}"))
    }
}

impl fmt::Display for Cause {
    /// Class and message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_link(f, self.class.as_deref(), &self.message)
    }
}

fn write_link(f: &mut fmt::Formatter<'_>, class: Option<&str>, message: &str) -> fmt::Result {
    match class {
        Some(class) => write!(f, "{class}: {message}"),
        None => f.write_str(message),
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::num::ParseIntError);

    #[test]
    fn an_error_brings_its_causes_along() {
        let inner = "x".parse::<i32>().expect_err("no number");
        let failure = Failure::from_error(&Outer(inner));
        assert_eq!(failure.message, "outer");
        assert_eq!(failure.causes, [Cause::new("invalid digit found in string")]);
        let failure = failure.with_class("Outer").with_cause(Cause::new("x").with_class("C"));
        assert_eq!(failure.to_string(), "Outer: outer");
        assert_eq!(format!("{failure:#}"), "Outer: outer: invalid digit found in string: C: x");
    }

    #[derive(Debug)]
    struct Circle;

    impl fmt::Display for Circle {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("again")
        }
    }

    impl Error for Circle {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&Circle)
        }
    }

    #[test]
    fn an_error_that_causes_itself_comes_to_an_end() {
        assert_eq!(Failure::from_error(&Circle).causes.len(), CAUSES_MAX);
    }

    #[test]
    fn an_assertion_that_panicked_says_what_it_expected() {
        let payload = catch_unwind(|| assert_eq!(1 + 1, 3, "sums")).expect_err("not equal");
        let failure = Failure::from_panic(&*payload);
        assert_eq!(failure.kind, FailureKind::Assertion);
        assert_eq!(failure.message, "assertion `left == right` failed: sums");
        assert_eq!(
            (failure.actual.as_deref(), failure.expected.as_deref()),
            (Some("2"), Some("3"))
        );
        assert_eq!(failure.status(), Status::Failure);
    }

    #[test]
    fn any_panic_becomes_a_failure() {
        let text = catch_unwind(|| panic!("went {}", "wrong")).expect_err("panics");
        let failure = Failure::from_panic(&*text);
        assert_eq!((failure.message.as_str(), failure.details.as_deref()), ("went wrong", None));
        assert_eq!(failure.status(), Status::Error);
        let number = catch_unwind(|| std::panic::panic_any(7_u8)).expect_err("panics");
        let failure = Failure::from_panic(&*number);
        assert_eq!(failure.message, "panicked with a payload that is no text");
    }

    #[test]
    fn the_first_line_of_a_text_is_its_message() {
        let failure = Failure::from_text("\n  first\nsecond\n");
        assert_eq!(failure.message, "first");
        assert_eq!(failure.details.as_deref(), Some("first\nsecond"));
    }

    #[test]
    fn a_kind_of_tomorrow_is_an_error() {
        let failure: Failure =
            serde_json::from_str(r#"{"kind":"flood","message":"wet","depth":3}"#).expect("reads");
        assert_eq!((failure.kind, &*failure.message), (FailureKind::Error, "wet"));
    }
}
