//! Containing what an observer does.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::observer::ObserverError;

/// Why a call into an observer did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) reason: String,
    pub(crate) rejected: bool,
    /// Left out for want of room, which the observer was asked to do.
    pub(crate) dropped: bool,
}

impl Failure {
    fn of(error: &ObserverError) -> Self {
        Self {
            reason: error.to_string(),
            rejected: error.is_rejected(),
            dropped: error.is_dropped(),
        }
    }
}

/// Runs a call into user code; a panic becomes a failure like any other.
#[inline]
pub(crate) fn contained(call: impl FnOnce() -> Result<(), ObserverError>) -> Result<(), Failure> {
    // Whatever an observer left half done is its own: nobody else can reach it.
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(failure_of_error(error)),
        Err(panic) => Err(failure_of_panic(panic)),
    }
}

/// An error is the user's own as well: showing and dropping it may panic.
#[cold]
fn failure_of_error(error: ObserverError) -> Failure {
    let shown = catch_unwind(AssertUnwindSafe(move || Failure::of(&error)));
    shown.unwrap_or_else(failure_of_panic)
}

#[cold]
fn failure_of_panic(panic: Box<dyn Any + Send>) -> Failure {
    let reason = format!("panicked: {}", text_of(panic));
    Failure { reason, rejected: false, dropped: false }
}

/// Drops something that may be the last handle of an observer, whose `Drop` may panic.
pub(crate) fn drop_contained<T>(value: T) {
    let dropped = contained(|| {
        drop(value);
        Ok(())
    });
    // The observer is gone; there is nobody left whom the failure could be counted for.
    drop(dropped);
}

fn text_of(panic: Box<dyn Any + Send>) -> String {
    let text = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (None, Some(text)) => text.clone(),
        (None, None) => "the panic carried no text".to_owned(),
    };
    // The payload of a panic may panic when it is dropped.
    match catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        Ok(()) => text,
        Err(second) => {
            std::mem::forget(second);
            format!("{text} (and its payload panicked when it was dropped)")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }

    #[test]
    fn a_panic_whose_payload_panics_is_contained_too() {
        let failure = contained(|| std::panic::panic_any(Bomb)).expect_err("it panicked");
        assert!(failure.reason.contains("panicked when it was dropped"), "{failure:?}");
    }

    #[test]
    fn a_panic_says_its_text() {
        let failure = contained(|| panic!("no {}", 7)).expect_err("it panicked");
        assert_eq!(failure.reason, "panicked: no 7");
    }
}
