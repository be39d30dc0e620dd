//! What is under the lock of a delivery.

use std::time::{Duration, Instant};

use super::backlog::Backlog;
use super::held::Held;
use crate::spool::SpoolError;
use tidings_core::time::moment::after;

/// How long a spool that could not be written is left alone.
const SPILL_PAUSE: Duration = Duration::from_secs(1);
/// How many reasons the report names.
const REASONS_MAX: usize = 5;

/// What is under the lock.
pub(super) struct State {
    pub(super) backlog: Backlog,
    /// The thread is woken when so many events, or bytes, wait.
    pub(super) wake_at: (usize, usize),
    /// How long what was delivered waits for emitters, if nothing is taken in hand before.
    pub(super) spent_until: Option<Instant>,
    /// How many flushes wait.
    pub(super) flushing: usize,
    pub(super) closing: Option<Instant>,
    pub(super) phase: Phase,
    /// Nothing gets through, and why.
    pub(super) outage: Option<String>,
    /// The sink takes nothing more, and why.
    pub(super) stopped: Option<String>,
    /// A blocked emitter waited in vain; nobody waits until something moves.
    pub(super) stalled: bool,
    pub(super) spill_after: Option<Instant>,
    /// When the spool was written last.
    pub(super) spilled_at: Option<Instant>,
    /// The spool was written and the device not waited for.
    pub(super) needs_sync: bool,
    /// Events are being left out, and that was told.
    pub(super) dropping: bool,
    reasons: Reasons,
    /// How many events of earlier deliveries were left when it ended.
    pub(super) earlier_left: u64,
    /// To be told once there is a bus to tell it on.
    pub(super) warnings: Vec<String>,
    /// Events too large for the spool, on their way to the dead letters.
    pub(super) unspoolable: Vec<Held>,
}

/// How far the end of a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Open,
    /// Somebody keeps and counts what is left; no fate changes any more.
    Ending,
    /// What was left is kept and counted.
    Final,
}

/// Why events have no good end: the first reasons, and how many there are.
#[derive(Debug, Default)]
struct Reasons {
    first: Vec<String>,
    more: u64,
}

impl Reasons {
    fn add(&mut self, reason: &str) {
        if self.first.iter().any(|known| known == reason) {
            return;
        }
        if self.first.len() < REASONS_MAX {
            self.first.push(reason.to_owned());
        } else {
            self.more += 1;
        }
    }
}

impl State {
    pub(super) fn new(backlog: Backlog) -> Self {
        Self {
            backlog,
            wake_at: (1, 1),
            spent_until: None,
            flushing: 0,
            closing: None,
            phase: Phase::Open,
            outage: None,
            stopped: None,
            stalled: false,
            spill_after: None,
            spilled_at: None,
            needs_sync: false,
            dropping: false,
            reasons: Reasons::default(),
            earlier_left: 0,
            warnings: Vec::new(),
            unspoolable: Vec::new(),
        }
    }

    /// Takes note of what an earlier process left.
    pub(super) fn note_opened(&mut self) {
        let Some(opened) = self.backlog.spool.as_ref().map(|spool| spool.opened().clone()) else {
            return;
        };
        for fault in opened.faults {
            self.warnings.push(format!("the spool was damaged: {fault}"));
        }
        if opened.records > 0 {
            let records = opened.records;
            self.warnings
                .push(format!("{records} events of an earlier run are in the spool and go first"));
        }
    }

    /// Whether the sink takes nothing more and nothing keeps what comes.
    pub(super) fn is_over(&self) -> bool {
        self.stopped.is_some() && self.backlog.spool.is_none()
    }

    /// Whether it is of any use to wait for room.
    pub(super) fn may_wait(&self) -> bool {
        self.closing.is_none() && !self.is_over()
    }

    pub(super) fn add_reason(&mut self, reason: &str) {
        self.reasons.add(reason);
    }

    /// What stands in the way, or kept events from their place; none when all is well.
    pub(super) fn trouble(&self) -> Option<String> {
        let outage = self.stopped.as_ref().or(self.outage.as_ref());
        let mut parts: Vec<String> =
            outage.into_iter().chain(&self.reasons.first).cloned().collect();
        parts.dedup();
        if self.reasons.more > 0 {
            parts.push(format!("and {} more reasons", self.reasons.more));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// Writes what memory holds to the spool, at most so many events; answers whether that
    /// went well.
    pub(super) fn spill(&mut self, most: usize, now: Instant) -> bool {
        let spilled = self.backlog.spill(most);
        if spilled.written > 0 {
            self.needs_sync = true;
        }
        if spilled.dropped > 0 {
            self.add_reason("the spool was full, and its oldest events made room");
        }
        self.unspoolable.extend(spilled.unspoolable);
        self.spill_after = spilled.failure.as_ref().map(|_| after(now, SPILL_PAUSE));
        self.spilled_at = Some(now);
        match &spilled.failure {
            None => true,
            Some(failure) => {
                self.add_reason(&told(failure));
                false
            }
        }
    }
}

/// An error of the spool with its causes.
pub(super) fn told(failure: &SpoolError) -> String {
    use std::error::Error as _;

    let mut text = failure.to_string();
    let mut next = failure.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}
