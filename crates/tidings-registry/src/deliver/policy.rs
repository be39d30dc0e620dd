//! How an observer wants its events, and what a full queue means.

use std::time::Duration;

/// How many events a queue holds unless it was said otherwise.
pub const QUEUE_CAPACITY_DEFAULT: usize = 10_000;

/// How long an emit waits for room in a blocking queue unless it was said otherwise.
pub const BLOCK_TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);

/// How events reach an observer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Deliver {
    /// On the emitting thread, before `emit` returns. An observer that never returns
    /// holds up that thread; the report shows where it is and for how long.
    #[default]
    Inline,
    /// On a thread of the observer's own, through a queue of `capacity` events.
    ///
    /// An event that it is through with, and that nobody else holds, is dropped by a thread
    /// that emits another one, or soon by its own: what the `Drop` of a payload locks must not
    /// be locked while emitting.
    Queued {
        /// The most events that wait, at least one.
        capacity: usize,
        /// What happens to an event that finds the queue full.
        overflow: Overflow,
    },
    /// On a thread of the observer's own; `emit` waits until the observer is finished
    /// with the event, but at most `wait_max`. After that the observer is stalled: it is
    /// reported, nobody waits for it, and it catches up from a queue of
    /// [`QUEUE_CAPACITY_DEFAULT`] events, of which the newest go when it is full.
    Synchronous {
        /// The longest that one emit waits.
        wait_max: Duration,
    },
}

/// What happens to an event that finds a queue full. What is left out is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Overflow {
    /// The emit waits for room, up to a timeout; then the event is dropped, and until the
    /// observer moves again nobody waits for it. The threads of observers never wait:
    /// what they emit into a full queue is dropped at once.
    #[default]
    Block,
    /// The event is dropped.
    DropNewest,
    /// The event that waited longest is dropped in its place.
    DropOldest,
}
