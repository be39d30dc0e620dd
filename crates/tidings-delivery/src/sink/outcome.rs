//! What became of a batch.

use std::time::Duration;

/// What a sink says of a batch: how many of its first events were taken, and what is to
/// happen to the rest.
///
/// Reasons are for people: lower case, without a full stop, and without a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "an outcome is how a delivery learns what to do with the events"]
pub struct Outcome {
    taken: usize,
    then: Then,
    pause: Option<Duration>,
    warning: Option<String>,
}

/// What is to happen to the events of a batch that were not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Then {
    /// There are none.
    Done,
    /// They were handed over, and [`Sink::confirm`](crate::Sink::confirm) will say.
    Unconfirmed,
    /// They are sent again, after a growing pause.
    Retry {
        /// Why they were not taken.
        reason: String,
        /// The least the pause is to last, as the place said it.
        not_before: Option<Duration>,
    },
    /// One event is set aside, and the rest is sent at once.
    SetAside {
        /// Its index in the batch.
        index: usize,
        /// Why it can never be taken.
        reason: String,
    },
    /// They are sent in two halves; a single event is set aside.
    Split {
        /// Why they were not taken together.
        reason: String,
    },
    /// Nothing can be taken until a person changes something, credentials for example.
    /// They are kept, an alarm is raised, and it is tried again at the longest pause.
    Hold {
        /// What is to be changed.
        reason: String,
    },
    /// Nothing will ever be taken again. They are kept in the spool if there is one.
    Stop {
        /// Why not.
        reason: String,
    },
}

impl Outcome {
    fn of(then: Then) -> Self {
        Self { taken: 0, then, pause: None, warning: None }
    }

    /// The whole batch was taken.
    pub fn delivered() -> Self {
        Self::of(Then::Done)
    }

    /// The whole batch was handed over, and is confirmed or not later.
    pub fn unconfirmed() -> Self {
        Self::of(Then::Unconfirmed)
    }

    /// None was taken; they are to be sent again.
    pub fn retry(reason: impl Into<String>) -> Self {
        Self::of(Then::Retry { reason: reason.into(), not_before: None })
    }

    /// None was taken; they are to be sent again, but not before so long.
    pub fn retry_after(not_before: Duration, reason: impl Into<String>) -> Self {
        Self::of(Then::Retry { reason: reason.into(), not_before: Some(not_before) })
    }

    /// The event of this index can never be taken; the others are to be sent at once.
    pub fn set_aside(index: usize, reason: impl Into<String>) -> Self {
        Self::of(Then::SetAside { index, reason: reason.into() })
    }

    /// None was taken because there are too many, or nobody knows which one is the fault;
    /// they are to be sent in halves, and a single one is to be set aside.
    pub fn split(reason: impl Into<String>) -> Self {
        Self::of(Then::Split { reason: reason.into() })
    }

    /// None was taken, nor will be until a person changes something.
    pub fn hold(reason: impl Into<String>) -> Self {
        Self::of(Then::Hold { reason: reason.into() })
    }

    /// None was taken, nor ever will be.
    pub fn stop(reason: impl Into<String>) -> Self {
        Self::of(Then::Stop { reason: reason.into() })
    }

    /// The first `taken` events of the batch were taken after all; what was said is about
    /// the others.
    pub fn after_taking(mut self, taken: usize) -> Self {
        self.taken = taken;
        self
    }

    /// Whatever comes next is not to be sent before so long.
    pub fn slow_down(mut self, pause: Duration) -> Self {
        self.pause = Some(pause);
        self
    }

    /// Something that a person should know, told as `tidings.sink.warned`.
    pub fn with_warning(mut self, warning: impl Into<String>) -> Self {
        self.warning = Some(warning.into());
        self
    }

    /// How many of the first events were taken, of a batch of `len`.
    pub fn taken(&self, len: usize) -> usize {
        match self.then {
            Then::Done => len,
            _ => self.taken.min(len),
        }
    }

    /// What is to happen to the others.
    pub fn then(&self) -> &Then {
        &self.then
    }

    /// How long nothing is to be sent.
    pub fn pause(&self) -> Option<Duration> {
        self.pause
    }

    /// What a person should know.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }
}
