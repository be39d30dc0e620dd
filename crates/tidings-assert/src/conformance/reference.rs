//! A sink, its receiver and their harness, in memory: an example to begin with.
//!
//! The three parts that an author writes are here in their smallest form. A [`ShelfSink`]
//! puts batches on a [`Shelf`], which answers as a server would, and makes every trouble
//! that the suite knows; a [`ShelfHarness`] holds them together.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use thiserror::Error;
use tidings_delivery::{Batch, Outcome, Secret, Sink};

use super::{Harness, Receiver, Support, Trouble};

/// How long a sink waits for an answer.
const TIMEOUT: Duration = Duration::from_millis(100);
/// How long a slow shelf takes for an event, and for how many it is slow.
const SLOW_PAUSE: Duration = Duration::from_millis(1);
const SLOW_EVENTS_MAX: usize = 10;
/// What opens the shelf.
const TOKEN: &str = "f52a1c0e-shelf-token";

/// A place for events. A clone is the same place.
#[derive(Debug, Clone, Default)]
pub struct Shelf(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    accepted: Vec<String>,
    troubles: VecDeque<Trouble>,
    poison: Option<String>,
    bytes_max: Option<usize>,
    is_refusing: bool,
    is_down: bool,
    /// How often hanging batches were let go.
    clears: u64,
}

/// What a shelf answers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// All of it was taken.
    Taken,
    /// So many of the first events were taken; there is no room for the rest now.
    Busy {
        /// How many.
        taken: usize,
    },
    /// Nothing was taken; there is room after this time.
    NotBefore {
        /// How long.
        pause: Duration,
    },
    /// The event of this index is none; those before it were taken.
    Invalid {
        /// Its index.
        index: usize,
    },
    /// Nothing was taken; it is too much at once.
    TooLarge,
    /// Nothing was taken; this token opens nothing.
    Forbidden {
        /// What the shelf says; it repeats the token, as careless servers do.
        message: String,
    },
}

/// No answer came; nobody knows what was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoAnswer {
    /// It took too long.
    #[error("no answer within the time-out")]
    TimedOut,
    /// The connection broke.
    #[error("the connection was reset")]
    Reset,
    /// There was no connection.
    #[error("the shelf cannot be reached")]
    Unreachable,
}

impl Shelf {
    /// Puts a batch on the shelf and waits for the answer.
    ///
    /// # Errors
    ///
    /// [`NoAnswer`] when none comes.
    pub fn put(
        &self,
        token: &str,
        batch: &Batch<'_>,
        timeout: Duration,
    ) -> Result<Answer, NoAnswer> {
        let mut state = self.0.state.lock();
        if state.is_down {
            return Err(NoAnswer::Unreachable);
        }
        let trouble = state.troubles.pop_front();
        match trouble {
            Some(Trouble::Unavailable { .. }) => Ok(Answer::Busy { taken: 0 }),
            Some(Trouble::RetryAfter { pause }) => Ok(Answer::NotBefore { pause }),
            Some(Trouble::TakeSome { events }) => Ok(state.take(batch, token, events)),
            Some(Trouble::ResetBefore) => Err(NoAnswer::Reset),
            Some(Trouble::ResetAfter) => {
                state.take(batch, token, batch.len());
                Err(NoAnswer::Reset)
            }
            Some(trouble @ (Trouble::HangBefore | Trouble::HangAfter)) => {
                if trouble == Trouble::HangAfter {
                    state.take(batch, token, batch.len());
                }
                let (deadline, clears) = (Instant::now() + timeout, state.clears);
                while state.clears == clears {
                    if self.0.changed.wait_until(&mut state, deadline).timed_out() {
                        return Err(NoAnswer::TimedOut);
                    }
                }
                Err(NoAnswer::Reset)
            }
            Some(Trouble::SlowRead) => {
                for _ in 0..batch.len().min(SLOW_EVENTS_MAX) {
                    self.0.changed.wait_for(&mut state, SLOW_PAUSE);
                }
                Ok(state.take(batch, token, batch.len()))
            }
            _ => Ok(state.take(batch, token, batch.len())),
        }
    }
}

impl State {
    /// Takes the first `limit` events as far as they are in order.
    fn take(&mut self, batch: &Batch<'_>, token: &str, limit: usize) -> Answer {
        if self.is_refusing {
            return Answer::Forbidden { message: format!("`{token}` opens nothing") };
        }
        if self.bytes_max.is_some_and(|max| batch.bytes().len() > max) {
            return Answer::TooLarge;
        }
        for (index, event) in batch.iter().enumerate().take(limit) {
            let text = String::from_utf8_lossy(event.bytes());
            if self.poison.as_deref().is_some_and(|marker| text.contains(marker)) {
                return Answer::Invalid { index };
            }
            self.accepted.push(event.envelope().id().to_string());
        }
        if limit < batch.len() { Answer::Busy { taken: limit } } else { Answer::Taken }
    }
}

impl Receiver for Shelf {
    fn accepted(&self) -> Vec<String> {
        self.0.state.lock().accepted.clone()
    }

    fn inject(&self, trouble: Trouble) -> Support {
        let mut state = self.0.state.lock();
        match trouble {
            Trouble::Poison { marker } => state.poison = Some(marker),
            Trouble::TooLarge { bytes } => state.bytes_max = Some(bytes),
            Trouble::Refuse => state.is_refusing = true,
            Trouble::Down => state.is_down = true,
            Trouble::Unavailable { times } => {
                state.troubles.extend(std::iter::repeat_n(trouble, times));
            }
            trouble => state.troubles.push_back(trouble),
        }
        Support::Supported
    }

    fn clear(&self) {
        let mut state = self.0.state.lock();
        *state = State {
            accepted: std::mem::take(&mut state.accepted),
            clears: state.clears + 1,
            ..State::default()
        };
        self.0.changed.notify_all();
    }

    fn reset(&self) {
        self.clear();
        self.0.state.lock().accepted.clear();
    }
}

/// Puts batches on a [`Shelf`].
#[derive(Debug)]
pub struct ShelfSink {
    shelf: Shelf,
    token: Secret,
}

impl ShelfSink {
    /// A sink that opens the shelf with this token.
    pub fn new(shelf: Shelf, token: Secret) -> Self {
        Self { shelf, token }
    }
}

impl Sink for ShelfSink {
    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        match self.shelf.put(self.token.expose(), batch, TIMEOUT) {
            Ok(Answer::Taken) => Outcome::delivered(),
            Ok(Answer::Busy { taken }) => Outcome::retry("the shelf is full").after_taking(taken),
            Ok(Answer::NotBefore { pause }) => Outcome::retry_after(pause, "the shelf is full"),
            Ok(Answer::Invalid { index }) => {
                Outcome::set_aside(index, "the shelf calls it invalid").after_taking(index)
            }
            Ok(Answer::TooLarge) => Outcome::split("the shelf calls it too large"),
            // What a place says may repeat what it was sent.
            Ok(Answer::Forbidden { message }) => Outcome::hold(self.token.scrub(&message)),
            Err(silence) => Outcome::retry(silence.to_string()),
        }
    }
}

/// Makes sinks to one shelf.
#[derive(Debug, Default)]
pub struct ShelfHarness {
    shelf: Shelf,
}

impl ShelfHarness {
    /// An empty shelf.
    pub fn new() -> Self {
        Self::default()
    }

    /// The shelf.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// What opens it.
    pub fn token(&self) -> Secret {
        Secret::new(TOKEN)
    }
}

impl Harness for ShelfHarness {
    type Sink = ShelfSink;

    fn sink(&self) -> ShelfSink {
        ShelfSink::new(self.shelf.clone(), self.token())
    }

    fn receiver(&self) -> &dyn Receiver {
        &self.shelf
    }

    fn timeout(&self) -> Duration {
        TIMEOUT
    }

    fn secrets(&self) -> Vec<String> {
        vec![TOKEN.to_owned()]
    }

    fn debug(&self) -> Option<String> {
        Some(format!("{:?}", self.sink()))
    }
}
