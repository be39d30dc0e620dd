//! Why a transition was not made: a value that explains itself.

use std::convert::Infallible;
use std::fmt::{self, Display};
use std::sync::Arc;
use std::time::Duration;

use super::derived::Label;
use super::transition::Transition;

/// How many of the last transitions an [`IllegalTransition`] carries.
pub const RECENT_MAX: usize = 8;

/// A transition that was refused; the machine is where it was.
///
/// # Examples
/// ```
/// use tidings_core::state::{StateMachine, Table};
///
/// let table = Table::builder("case").initial("idle").edge("idle", "done").build()?;
/// let machine = StateMachine::with_table("case#17", &table);
/// let refused = machine.transition("finished").unwrap_err();
/// assert_eq!(refused.to_string(), "case#17: `finished` is not allowed in `idle` (allowed: `done`)");
/// assert_eq!(refused.from(), &"idle");
/// # Ok::<(), tidings_core::state::TableError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IllegalTransition<S>(Box<Details<S>>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Details<S> {
    pub(super) machine: Arc<str>,
    pub(super) from: S,
    pub(super) to: S,
    pub(super) allowed: Vec<S>,
    pub(super) time_in_state: Duration,
    pub(super) recent: Vec<Transition<S>>,
    pub(super) cause: Cause<S>,
}

/// What stood in the way of a transition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause<S> {
    /// The table has no such edge, or no such state.
    NotAllowed,
    /// The machine was not in the state that the caller expected.
    #[non_exhaustive]
    Unexpected {
        /** The state the caller expected. */
        expected: S,
    },
    /// A guard said no.
    #[non_exhaustive]
    Refused {
        /** What it said. */
        reason: String,
    },
    /// A guard panicked.
    #[non_exhaustive]
    GuardPanicked {
        /** What it panicked with. */
        message: String,
    },
    /// A guard, or what runs in its place, tried to move the machine it was asked about.
    Reentrant,
}

impl<S> IllegalTransition<S> {
    pub(super) fn new(details: Details<S>) -> Self {
        Self(Box::new(details))
    }

    /// Returns the name of the machine.
    pub fn machine(&self) -> &str {
        &self.0.machine
    }

    /// Returns the state the machine was in, and still is.
    pub fn from(&self) -> &S {
        &self.0.from
    }

    /// Returns the state that was asked for.
    pub fn to(&self) -> &S {
        &self.0.to
    }

    /// Returns the states that the table allows instead.
    pub fn allowed(&self) -> &[S] {
        &self.0.allowed
    }

    /// Returns how long the machine had been in its state.
    pub fn time_in_state(&self) -> Duration {
        self.0.time_in_state
    }

    /// Returns the last transitions before this, oldest first, at most [`RECENT_MAX`].
    pub fn recent(&self) -> &[Transition<S>] {
        &self.0.recent
    }

    /// Returns what stood in the way.
    pub fn cause(&self) -> &Cause<S> {
        &self.0.cause
    }
}

impl<S: Label> Display for IllegalTransition<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { machine, from, to, allowed, cause, .. } = &*self.0;
        let (from, to) = (from.label(), to.label());
        match cause {
            Cause::NotAllowed => {
                write!(out, "{machine}: `{to}` is not allowed in `{from}` (allowed: ")?;
                write_allowed(out, from, allowed)
            }
            Cause::Unexpected { expected } => {
                write!(
                    out,
                    "{machine}: `{to}` was to follow `{}`, the state is `{from}`",
                    expected.label()
                )
            }
            Cause::Refused { reason } => {
                write!(out, "{machine}: `{to}` was refused in `{from}`: {reason}")
            }
            Cause::GuardPanicked { message } => {
                write!(
                    out,
                    "{machine}: `{to}` was refused in `{from}`: its guard panicked: {message}"
                )
            }
            Cause::Reentrant => {
                write!(
                    out,
                    "{machine}: `{to}` was asked for while a transition from `{from}` was being decided"
                )
            }
        }
    }
}

impl<S: Label> std::error::Error for IllegalTransition<S> {}

/// Why [`StateMachine::transition_with`](super::StateMachine::transition_with) changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransitionError<S: Label, E> {
    /// The machine refused the transition.
    #[error(transparent)]
    Illegal(IllegalTransition<S>),
    /// What was to happen together with the transition failed.
    #[error("the state change was called off")]
    CalledOff(#[source] E),
}

impl<S: Label, E> From<IllegalTransition<S>> for TransitionError<S, E> {
    fn from(illegal: IllegalTransition<S>) -> Self {
        Self::Illegal(illegal)
    }
}

impl<S: Label> TransitionError<S, Infallible> {
    pub(super) fn into_illegal(self) -> IllegalTransition<S> {
        match self {
            Self::Illegal(illegal) => illegal,
            Self::CalledOff(never) => match never {},
        }
    }
}

fn write_allowed<S: Label>(out: &mut fmt::Formatter<'_>, from: &str, allowed: &[S]) -> fmt::Result {
    if allowed.is_empty() {
        return write!(out, "none, `{from}` is terminal)");
    }
    for (place, state) in allowed.iter().enumerate() {
        let separator = if place == 0 { "" } else { ", " };
        write!(out, "{separator}`{}`", state.label())?;
    }
    out.write_str(")")
}
