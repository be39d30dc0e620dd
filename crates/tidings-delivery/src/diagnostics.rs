//! Diagnostics: what a delivery has to say about its sink, as events.
//!
//! They are emitted on the bus that the delivery is registered on, with the entity
//! `observer/<name>`, to those who name `tidings.`. One is emitted when something changes,
//! not for each event that it concerns: numbers are in the report.

use serde::{Deserialize, Serialize};
use tidings_core::{EventId, EventType};
use tidings_derive::Event;

/// Something that a delivery noticed about its sink.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "tidings.sink", reserved, crate = "tidings_core")]
#[non_exhaustive]
pub enum SinkDiagnostic {
    /// Nothing gets through; events are kept, and it is tried again.
    #[non_exhaustive]
    Held {
        /// The delivery's name.
        observer: String,
        /// What the sink said.
        reason: String,
        /// Whether it needs a person: credentials, an address.
        alarm: bool,
        /// How many events wait, in memory and in the spool.
        waiting: u64,
    },
    /// Events get through again.
    #[non_exhaustive]
    Recovered {
        /// The delivery's name.
        observer: String,
        /// How many attempts failed meanwhile.
        attempts: u64,
    },
    /// The queue or the spool had no room, and events are being left out.
    #[non_exhaustive]
    Dropped {
        /// The delivery's name.
        observer: String,
        /// How many were left out by then.
        dropped: u64,
        /// Which limit was reached.
        reason: String,
    },
    /// One event can never be taken there.
    #[non_exhaustive]
    SetAside {
        /// The delivery's name.
        observer: String,
        /// Why not.
        reason: String,
        /// The event.
        event: EventId,
        /// Its type.
        event_type: EventType,
    },
    /// Events were given up: too old, too many attempts, or the sink takes nothing more.
    #[non_exhaustive]
    GaveUp {
        /// The delivery's name.
        observer: String,
        /// Why.
        reason: String,
        /// How many events were given up now.
        events: u64,
    },
    /// Something a person should know that loses nothing.
    #[non_exhaustive]
    Warned {
        /// The delivery's name.
        observer: String,
        /// What it is.
        reason: String,
    },
}

impl SinkDiagnostic {
    /// The same of the delivery of this name.
    pub(crate) fn of(mut self, name: &str) -> Self {
        let (Self::Held { observer, .. }
        | Self::Recovered { observer, .. }
        | Self::Dropped { observer, .. }
        | Self::SetAside { observer, .. }
        | Self::GaveUp { observer, .. }
        | Self::Warned { observer, .. }) = &mut self;
        name.clone_into(observer);
        self
    }

    /// One line for a person.
    pub fn message(&self) -> String {
        match self {
            Self::Held { observer, reason, alarm, waiting } => {
                let what = if *alarm { "is on hold and needs you" } else { "cannot deliver" };
                format!("`{observer}` {what}: {reason} ({waiting} events wait)")
            }
            Self::Recovered { observer, attempts } => {
                format!("`{observer}` delivers again, after {attempts} failed attempts")
            }
            Self::Dropped { observer, dropped, reason } => {
                format!("`{observer}` leaves events out, {dropped} so far: {reason}")
            }
            Self::SetAside { observer, reason, event, event_type } => {
                format!("`{observer}` set aside `{event_type}` {event}: {reason}")
            }
            Self::GaveUp { observer, reason, events } => {
                format!("`{observer}` gave up {events} events: {reason}")
            }
            Self::Warned { observer, reason } => format!("`{observer}`: {reason}"),
        }
    }
}
