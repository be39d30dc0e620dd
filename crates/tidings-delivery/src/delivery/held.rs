//! One accepted event and what is known of it.

use std::sync::Arc;
use std::time::Instant;

use tidings_core::Envelope;

/// What an event costs beside its JSON: envelope, context, places in queues.
const OVERHEAD_BYTES: usize = 256;

/// An event that has no fate yet.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and all combine")]
pub(super) struct Held {
    pub(super) envelope: Arc<Envelope>,
    pub(super) position: u64,
    /// What it counts for in the queue.
    pub(super) bytes: usize,
    /// When it was accepted, or read from the spool.
    pub(super) since: Instant,
    /// Its number in the spool, if it is kept there.
    pub(super) record: Option<u64>,
    /// It is too large for the spool.
    pub(super) too_long: bool,
    /// Its record went to make room: it is in memory alone, and before all that is on disk.
    pub(super) evicted: bool,
    /// It was left in the spool by an earlier delivery, which has counted it.
    pub(super) earlier: bool,
    /// It has a fate, and only waits for those before it.
    pub(super) settled: bool,
}

impl Held {
    pub(super) fn new(envelope: Arc<Envelope>, position: u64, json: usize, since: Instant) -> Self {
        let bytes = json + OVERHEAD_BYTES;
        Self {
            envelope,
            position,
            bytes,
            since,
            record: None,
            too_long: false,
            evicted: false,
            earlier: false,
            settled: false,
        }
    }

    /// Whether only memory has it, and a spool could.
    pub(super) fn is_unspooled(&self) -> bool {
        self.record.is_none() && !self.evicted && !self.too_long && !self.settled
    }
}

/// Where an event ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Delivered,
    /// Set aside: it can never be taken.
    Rejected,
    /// Given up.
    Failed,
    Dropped,
}

/// How many events met which fate.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) accepted: u64,
    pub(super) delivered: u64,
    pub(super) rejected: u64,
    pub(super) failed: u64,
    pub(super) dropped: u64,
    /// In the spool and without a fate.
    pub(super) spooled: u64,
    pub(super) retries: u64,
}

impl Tally {
    pub(super) fn count(&mut self, fate: Fate) {
        match fate {
            Fate::Delivered => self.delivered += 1,
            Fate::Rejected => self.rejected += 1,
            Fate::Failed => self.failed += 1,
            Fate::Dropped => self.dropped += 1,
        }
    }

    /// Neither a fate nor a place in the spool.
    pub(super) fn pending(&self) -> u64 {
        let settled = self.delivered + self.rejected + self.failed + self.dropped;
        self.accepted.saturating_sub(settled + self.spooled)
    }
}
