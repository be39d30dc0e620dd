//! Routes: the calls that one event type means on one lane.

use std::sync::Arc;

use crate::deliver::drop_contained;
use crate::entry::Entry;
use crate::observer::Observer;
use crate::report::Counts;
use crate::sync::atomic::{AtomicU64, Ordering};

/// The observers of one type, in the order they are called.
pub(crate) struct Route {
    pub(crate) calls: Box<[Call]>,
    /// Whether the type is one of the types of Tidings itself.
    pub(crate) reserved: bool,
}

impl Route {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }
}

impl Drop for Route {
    /// A route may hold the last handle of a cancelled observer.
    fn drop(&mut self) {
        drop_contained(std::mem::take(&mut self.calls));
    }
}

/// One observer, as one lane calls it.
pub(crate) struct Call {
    pub(crate) entry: Arc<Entry>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) cell: Arc<Cell>,
}

/// What one lane counts for one observer. Written by one thread at a time, with plain
/// loads and stores; a report adds up the cells of all lanes.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Cell {
    accepted: AtomicU64,
    delivered: AtomicU64,
    failed: AtomicU64,
    rejected: AtomicU64,
    dropped: AtomicU64,
    suppressed: AtomicU64,
}

/// What can become of an accepted event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Delivered,
    Failed,
    Rejected,
    Dropped,
    Suppressed,
}

impl Cell {
    #[inline]
    pub(crate) fn accept(&self) {
        let accepted = self.accepted.load(Ordering::Relaxed);
        self.accepted.store(accepted + 1, Ordering::Release);
    }

    #[inline]
    pub(crate) fn settle(&self, fate: Fate) {
        let counter = match fate {
            Fate::Delivered => &self.delivered,
            Fate::Failed => &self.failed,
            Fate::Rejected => &self.rejected,
            Fate::Dropped => &self.dropped,
            Fate::Suppressed => &self.suppressed,
        };
        counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Release);
    }

    /// Adds the fates; [`add_accepted`](Self::add_accepted) comes after, over all cells,
    /// so that nothing ever seems to have more fates than events.
    pub(crate) fn add_fates(&self, counts: &mut Counts) {
        counts.delivered += self.delivered.load(Ordering::Acquire);
        counts.failed += self.failed.load(Ordering::Acquire);
        counts.rejected += self.rejected.load(Ordering::Acquire);
        counts.dropped += self.dropped.load(Ordering::Acquire);
        counts.suppressed += self.suppressed.load(Ordering::Acquire);
    }

    pub(crate) fn add_accepted(&self, counts: &mut Counts) {
        counts.accepted += self.accepted.load(Ordering::Acquire);
    }
}
