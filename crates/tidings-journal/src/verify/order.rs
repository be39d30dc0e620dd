//! The order of a journal: positions, and sequences lane by lane.
//!
//! In a sound journal every sequence is above the last one of its lane. What is not may be
//! a repetition or a late event; a second reading, which only such journals need, tells
//! which. Memory therefore depends on the lanes and the misplaced events, not on the length.

use std::collections::HashMap;

use tidings_core::wire::Received;
use tidings_core::{BusId, ContentId, EventId, Lane, RawJson, RawPayload, envelope::Encoded};

use super::fault::FaultKind;

/// Positions, which go up by one from line to line and from session to session.
#[derive(Debug, Default)]
pub(super) struct Positions {
    next: u64,
}

impl Positions {
    /// Checks where a session says that it begins.
    pub(super) fn begin(&mut self, continues_at: u64) -> Option<FaultKind> {
        let expected = self.next;
        self.next = continues_at;
        fault_between(expected, continues_at)
    }

    pub(super) fn take(&mut self, position: Option<u64>) -> Option<FaultKind> {
        let Some(found) = position else {
            return Some(FaultKind::PositionMissing);
        };
        let expected = self.next;
        self.next = expected.max(found.saturating_add(1));
        if found.checked_add(1) == Some(expected) {
            return Some(FaultKind::PositionRepeated { position: found });
        }
        fault_between(expected, found)
    }
}

fn fault_between(expected: u64, found: u64) -> Option<FaultKind> {
    match found.cmp(&expected) {
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some(FaultKind::PositionGap { expected, found }),
        std::cmp::Ordering::Less => Some(FaultKind::PositionBackwards { expected, found }),
    }
}

/// Sequences, which go up on each lane.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    lanes: HashMap<(BusId, Lane), Last>,
    misplaced: HashMap<EventId, Misplaced>,
}

#[derive(Debug)]
struct Last {
    sequence: u64,
    session: u64,
}

/// How a lane went up to an event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// The sequence before it; none when it begins the lane.
    pub(super) after: Option<u64>,
    /// Whether that was in the same session.
    pub(super) same_session: bool,
}

/// An id that was not above the last of its lane.
#[derive(Debug)]
struct Misplaced {
    line: u64,
    /// Where the id is first, and what it says there; known in the second reading.
    first: Option<(u64, Option<ContentId>)>,
}

impl Lanes {
    pub(super) fn len(&self) -> usize {
        self.lanes.len()
    }

    /// Takes the next event of a journal; nothing when it is misplaced.
    pub(super) fn take(&mut self, line: u64, id: EventId, session: u64) -> Option<Step> {
        let sequence = id.sequence();
        let this = Last { sequence, session };
        let Some(last) = self.lanes.get_mut(&(id.bus(), id.lane())) else {
            self.lanes.insert((id.bus(), id.lane()), this);
            return Some(Step { after: None, same_session: false });
        };
        if sequence <= last.sequence {
            self.misplaced.entry(id).or_insert(Misplaced { line, first: None });
            return None;
        }
        let last = std::mem::replace(last, this);
        Some(Step { after: Some(last.sequence), same_session: last.session == session })
    }

    /// The highest sequence of this event's lane so far; none before the first.
    pub(super) fn last(&self, id: EventId) -> Option<u64> {
        self.lanes.get(&(id.bus(), id.lane())).map(|last| last.sequence)
    }

    /// Whether a second reading is needed.
    pub(super) fn has_misplaced(&self) -> bool {
        !self.misplaced.is_empty()
    }

    /// Takes an event of the second reading.
    pub(super) fn judge(&mut self, line: u64, received: &Received) -> Option<FaultKind> {
        let id = received.envelope.id();
        let misplaced = self.misplaced.get_mut(&id)?;
        match misplaced.first {
            None => {
                misplaced.first = Some((line, content_of(received)));
                (misplaced.line == line).then_some(FaultKind::SequenceBackwards { id })
            }
            Some((first_line, content)) if content == content_of(received) => {
                Some(FaultKind::Duplicate { id, first_line })
            }
            Some((first_line, _)) => Some(FaultKind::Corrupt { id, first_line }),
        }
    }
}

/// What the event says. Where the data has no canonical form, its text takes its place.
fn content_of(received: &Received) -> Option<ContentId> {
    if let Ok(content_id) = received.recomputed_content_id() {
        return Some(content_id);
    }
    let envelope = &received.envelope;
    let text = RawJson::of(envelope.data().ok()?).ok()?;
    let encoded =
        Encoded::new(&RawPayload::new(text), envelope.event_type(), envelope.entity()).ok()?;
    Some(encoded.content_id())
}
