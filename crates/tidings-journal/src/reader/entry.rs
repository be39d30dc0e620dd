//! What a reader finds: events, headers, a torn end.
//!
//! Lines are counted from 1 on, bytes from 0 on.

use std::sync::Arc;

use tidings_core::Envelope;
use tidings_core::wire::Received;

/// One event of a journal, and the line it stands on.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Entry {
    /// The line, from 1 on.
    pub line: u64,
    /// The event and its position.
    pub received: Received,
}

impl Entry {
    /// The event.
    pub fn envelope(&self) -> &Arc<Envelope> {
        &self.received.envelope
    }

    /// Its place in the journal.
    pub fn position(&self) -> Option<u64> {
        self.received.position
    }
}

/// A last line that was never finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Torn {
    /// The line, from 1 on.
    pub line: u64,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// How many bytes of it there are.
    pub bytes: u64,
}

/// A line that could be read.
#[derive(Debug)]
pub(crate) enum Line {
    Header(Received),
    Event(Entry),
}
