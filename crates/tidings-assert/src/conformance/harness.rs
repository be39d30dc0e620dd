//! What an author of a sink writes to have it checked.

use std::time::Duration;

use tidings_delivery::Sink;

/// Makes sinks that all lead to one receiver.
///
/// [`reference`](super::reference) is one to begin with.
pub trait Harness {
    /// The sink that is checked.
    type Sink: Sink;

    /// A new sink, as it would be after a restart of the process, to the same place.
    ///
    /// Nothing that it waits for may take longer than [`timeout`](Self::timeout).
    fn sink(&self) -> Self::Sink;

    /// The other end.
    fn receiver(&self) -> &dyn Receiver;

    /// The longest that one `send` waits for the place.
    fn timeout(&self) -> Duration;

    /// The most events that the place takes in one batch; by default it has no limit.
    fn batch_events_max(&self) -> usize {
        usize::MAX
    }

    /// What no text may show: tokens, passwords. Best when the receiver repeats them in its
    /// refusals, as real ones do. By default there are none, and that check is skipped.
    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }

    /// The `Debug` text of a sink, and whatever else it prints; none by default.
    fn debug(&self) -> Option<String> {
        None
    }
}

/// The place where a sink leads to, as the suite steers it.
///
/// Called from the thread that runs the suite.
pub trait Receiver {
    /// The ids of the events that were taken, in that order, doubles included. What a sink
    /// was told is taken must be among them at once.
    fn accepted(&self) -> Vec<String>;

    /// Makes trouble; answers whether it can.
    fn inject(&self, trouble: Trouble) -> Support;

    /// Ends all trouble: requests that hang end, what was stopped is started again, what was
    /// refused is welcome. What was taken stays listed.
    fn clear(&self);

    /// Ends all trouble and forgets what was taken.
    fn reset(&self);
}

/// Whether a receiver can make some trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a check that cannot be made must not pass"]
#[non_exhaustive]
pub enum Support {
    /// It makes it.
    Supported,
    /// It cannot, and its check is skipped.
    Unsupported {
        /// Why not.
        reason: String,
    },
}

impl Support {
    /// It cannot, and this is why: lower case, without a full stop.
    pub fn no(reason: impl Into<String>) -> Self {
        Self::Unsupported { reason: reason.into() }
    }
}

/// What a receiver is asked to do to the batches that come next.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// Refuses so many batches for the moment, taking nothing.
    Unavailable {
        /// How many.
        times: usize,
    },
    /// Refuses the next batch, taking nothing, and asks not to be sent another before this
    /// time.
    RetryAfter {
        /// How long; whole seconds.
        pause: Duration,
    },
    /// Takes the first events of the next batch and says so; refuses the rest for the
    /// moment.
    TakeSome {
        /// How many.
        events: usize,
    },
    /// Refuses events for good whose text has this in it, until it is cleared.
    Poison {
        /// A word of ASCII letters and digits, found in the data of an event.
        marker: String,
    },
    /// Refuses batches whose encoded events have more bytes, until it is cleared.
    TooLarge {
        /// How many; what a place puts around events comes on top.
        bytes: usize,
    },
    /// Refuses everything until a person does something, credentials for example; until it
    /// is cleared.
    Refuse,
    /// Takes nothing of the next batch, and never answers.
    HangBefore,
    /// Takes the next batch, and never answers.
    HangAfter,
    /// Takes nothing of the next batch, and breaks the connection.
    ResetBefore,
    /// Takes the next batch, and breaks the connection.
    ResetAfter,
    /// Takes the next batch slowly, but within the time-out.
    SlowRead,
    /// Cannot be reached until it is cleared.
    Down,
}
