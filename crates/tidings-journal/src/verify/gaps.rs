//! Gaps in sequences, and the rejections that explain them.
//!
//! A gap is a range of sequences, however long; a rejection takes one out of it. Either may
//! come first: a queued journal may hear of a rejection before the next event of the lane.

use std::collections::BTreeMap;

use tidings_core::{BusId, EventId, Lane};

use super::fault::FaultKind;
use super::rejection::Rejection;

/// A place on a lane.
type Place = (BusId, Lane, u64);

/// What is missing without an explanation, and explanations without a gap.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    /// By the first sequence that is missing.
    missing: BTreeMap<Place, Missing>,
    /// Rejections of events that their lanes have not come to yet.
    ahead: BTreeMap<Place, Rejection>,
}

/// Sequences that are missing in a row, which may be a part of one gap.
#[derive(Debug, Clone, Copy)]
struct Missing {
    last: u64,
    /// The event behind the gap, its line, and the sequence before the gap.
    behind: EventId,
    line: u64,
    after: u64,
}

impl Gaps {
    /// Takes a step of a lane, `after` a sequence or from nothing, to `id`. Gives the
    /// rejections that explain what lies between when that `is_loss`.
    pub(super) fn pass(
        &mut self,
        line: u64,
        id: EventId,
        after: Option<u64>,
        is_loss: bool,
    ) -> Vec<Rejection> {
        let passed = self.take_ahead(id);
        let Some(after) = after.filter(|_| is_loss) else {
            return Vec::new();
        };
        let first = after.saturating_add(1);
        if first >= id.sequence() {
            return Vec::new();
        }
        let gap = Missing { last: id.sequence() - 1, behind: id, line, after };
        self.missing.insert((id.bus(), id.lane(), first), gap);
        passed.into_iter().filter_map(|rejection| self.fill(rejection)).collect()
    }

    /// Takes a rejection; gives it back when it explains a gap. `last` is the highest
    /// sequence of its lane so far.
    pub(super) fn explain(&mut self, rejection: Rejection, last: Option<u64>) -> Option<Rejection> {
        let event = rejection.event;
        if last.is_some_and(|last| event.sequence() <= last) {
            return self.fill(rejection);
        }
        self.ahead.entry(place(event)).or_insert(rejection);
        None
    }

    /// What nothing has explained, one fault per gap, in the order of lines.
    pub(super) fn unexplained(self) -> Vec<(u64, FaultKind)> {
        let mut gaps: BTreeMap<(u64, EventId), (u64, u64)> = BTreeMap::new();
        for ((.., first), Missing { last, behind, line, after }) in self.missing {
            let (_, missing) = gaps.entry((line, behind)).or_insert((after, 0));
            *missing += last - first + 1;
        }
        let fault =
            |((line, id), (after, missing))| (line, FaultKind::SequenceGap { id, after, missing });
        gaps.into_iter().map(fault).collect()
    }

    /// Takes the sequence that was rejected out of the gap that it is in, if it is in one.
    fn fill(&mut self, rejection: Rejection) -> Option<Rejection> {
        let (bus, lane, rejected) = place(rejection.event);
        let (begin, part) = self
            .missing
            .range((bus, lane, 0)..=(bus, lane, rejected))
            .next_back()
            .map(|(begin, part)| (*begin, *part))
            .filter(|(_, part)| rejected <= part.last)?;
        self.missing.remove(&begin);
        if begin.2 < rejected {
            self.missing.insert(begin, Missing { last: rejected - 1, ..part });
        }
        if rejected < part.last {
            self.missing.insert((bus, lane, rejected + 1), part);
        }
        Some(rejection)
    }

    /// Takes out the rejections of the lane up to `id`.
    fn take_ahead(&mut self, id: EventId) -> Vec<Rejection> {
        let range = (id.bus(), id.lane(), 0)..=place(id);
        let places: Vec<Place> = self.ahead.range(range).map(|(place, _)| *place).collect();
        places.iter().filter_map(|place| self.ahead.remove(place)).collect()
    }
}

fn place(id: EventId) -> Place {
    (id.bus(), id.lane(), id.sequence())
}
