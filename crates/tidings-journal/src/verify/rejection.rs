//! Rejections: events that a journal cannot have, by its own account.
//!
//! An observer that rejects an event takes no position for it, and its bus says so in a
//! `tidings.observer.failed` that the journal can keep.

use serde::Deserialize;
use tidings_core::{EventId, EventType};

use crate::reader::Entry;

const FAILED: EventType = EventType::reserved("tidings.observer.failed");

/// The most bytes of a reason that are kept.
const REASON_BYTES_MAX: usize = 1_024;

/// An event that is not in the journal because it was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejection {
    /// The line that says so, from 1 on.
    pub line: u64,
    /// The event.
    pub event: EventId,
    /// Why it was rejected, cut to 1 KiB.
    pub reason: String,
}

/// Of the data of a `tidings.observer.failed`, what explains a gap.
#[derive(Deserialize)]
struct FailedData {
    #[serde(default)]
    rejected: bool,
    event: Option<EventId>,
    #[serde(default)]
    reason: String,
}

impl Rejection {
    /// What the line says of a rejection; nothing for any other line.
    pub(super) fn read(entry: &Entry) -> Option<Self> {
        if *entry.envelope().event_type() != FAILED {
            return None;
        }
        let data: FailedData = serde_json::from_str(entry.envelope().data().ok()?).ok()?;
        let event = data.event.filter(|_| data.rejected)?;
        let mut reason = data.reason;
        reason.truncate(reason.floor_char_boundary(REASON_BYTES_MAX));
        reason.shrink_to_fit();
        Some(Self { line: entry.line, event, reason })
    }
}
