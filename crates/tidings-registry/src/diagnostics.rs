//! Diagnostics: what a bus has to say about its own observers, as events.
//!
//! They travel like any other event, below `tidings.`, to those who name that prefix, and
//! are never about themselves: an observer that fails on one is only counted.

use serde::{Deserialize, Serialize};
use tidings_core::{EventId, EventType};
use tidings_derive::Event;

/// Something that a bus noticed about one of its observers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "tidings.observer", reserved, crate = "tidings_core")]
#[non_exhaustive]
pub enum ObserverDiagnostic {
    /// It panicked, returned an error, or refused one event.
    #[non_exhaustive]
    Failed {
        /// Its name.
        observer: String,
        /// What it said.
        reason: String,
        /// The event it was called with; none when it failed to flush or close.
        event: Option<EventId>,
        /// That event's type.
        event_type: Option<EventType>,
        /// Whether it refused this one event only.
        rejected: bool,
        /// Whether it was removed, as asked, after this many failures in a row.
        removed: bool,
        /// The event's `Debug` text, cut to 4 KiB, when it has no JSON form to be kept in.
        debug: Option<String>,
    },
    /// It took longer than an emit was to wait for it; nobody waits for it any more.
    #[non_exhaustive]
    Stalled {
        /// Its name.
        observer: String,
        /// How many events wait for it.
        pending: u64,
    },
    /// It has caught up; emits wait for it again.
    #[non_exhaustive]
    Recovered {
        /// Its name.
        observer: String,
    },
    /// Too many events caused each other in a row; the chain was cut off here.
    #[non_exhaustive]
    ChainCut {
        /// The observer that emitted the event, if it still runs.
        observer: Option<String>,
        /// The event that was being delivered.
        cause: EventId,
        /// The type of the event that was cut off.
        event_type: EventType,
        /// The most events that may cause each other in a row.
        limit: u32,
    },
}

impl ObserverDiagnostic {
    /// One line for a person.
    pub fn message(&self) -> String {
        match self {
            Self::Failed { observer, reason, .. } => {
                format!("observer `{observer}` failed: {reason}")
            }
            Self::Stalled { observer, pending } => {
                format!("observer `{observer}` stalled; events waiting: {pending}")
            }
            Self::Recovered { observer } => format!("observer `{observer}` caught up"),
            Self::ChainCut { event_type, limit, observer, .. } => format!(
                "`{event_type}`, emitted by observer `{}`, was cut off: more than {limit} events \
                 caused each other",
                observer.as_deref().unwrap_or("unknown")
            ),
        }
    }

    pub(crate) fn observer(&self) -> &str {
        match self {
            Self::Failed { observer, .. }
            | Self::Stalled { observer, .. }
            | Self::Recovered { observer } => observer,
            Self::ChainCut { observer, .. } => observer.as_deref().unwrap_or("unknown"),
        }
    }
}
