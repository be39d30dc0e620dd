//! What the macros name.

pub use tidings_assert_macros::{assert_events, check_events, event};
pub use tidings_core::Envelope;

pub use crate::expectation::{Count, Expectation};
pub use crate::pattern::{Explain, Pattern, Show, ShowAnything};
use crate::{Mismatch, Recorder};

/// Checks clauses, each in its turn.
///
/// # Errors
///
/// [`Mismatch`] for the first that does not hold.
pub fn check(recorder: &Recorder, expectations: &[Expectation<'_>]) -> Result<(), Mismatch> {
    recorder.check(expectations)
}

/// Compares two recordings.
///
/// # Errors
///
/// [`Mismatch`] when they differ.
pub fn same(expected: &Recorder, actual: &Recorder) -> Result<(), Mismatch> {
    expected.same_as(actual)
}

/// Panics with the mismatch, if there is one.
///
/// # Panics
///
/// That is what it is for.
#[track_caller]
pub fn enforce(result: Result<(), Mismatch>) {
    if let Err(mismatch) = result {
        crate::recorder::fail(&mismatch.to_string());
    }
}

/// The key of a group.
pub fn key_text<K: std::fmt::Display + ?Sized>(key: &K) -> String {
    key.to_string()
}
