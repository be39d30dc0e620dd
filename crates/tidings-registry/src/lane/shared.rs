//! The part of a lane that other threads may read.

use tidings_core::Lane;

use super::gate::LaneGate;
use crate::sync::atomic::{AtomicU64, Ordering};

/// A lane: its gate, its next sequence, and which observer it is in.
///
/// Aligned to two cache lines, so that lanes of different threads share none.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct LaneShared {
    pub(crate) number: Lane,
    pub(crate) gate: LaneGate,
    next_sequence: AtomicU64,
    /// Events emitted here that another event caused.
    caused: AtomicU64,
    /// The key of the observer that runs on this lane now, plus one; 0 for none.
    observer: AtomicU64,
    /// When the event it was called for was emitted, in nanoseconds of the bus.
    since_ns: AtomicU64,
    /// For the lane of a machine: the number of the lane whose thread is making or
    /// delivering its events, plus one; 0 for none.
    driver: AtomicU64,
}

impl LaneShared {
    pub(crate) fn new(number: Lane) -> Self {
        Self {
            number,
            gate: LaneGate::new(),
            next_sequence: AtomicU64::new(0),
            caused: AtomicU64::new(0),
            observer: AtomicU64::new(0),
            since_ns: AtomicU64::new(0),
            driver: AtomicU64::new(0),
        }
    }

    /// The next number of the lane; only its one writer asks.
    #[inline]
    pub(crate) fn take_sequence(&self) -> u64 {
        let sequence = self.next_sequence.load(Ordering::Relaxed);
        self.next_sequence.store(sequence + 1, Ordering::Relaxed);
        sequence
    }

    pub(crate) fn count_caused(&self) {
        let caused = self.caused.load(Ordering::Relaxed);
        self.caused.store(caused + 1, Ordering::Release);
    }

    pub(crate) fn caused(&self) -> u64 {
        self.caused.load(Ordering::Acquire)
    }

    #[inline]
    pub(crate) fn begin_event(&self, now_ns: u64) {
        self.since_ns.store(now_ns, Ordering::Relaxed);
    }

    /// Says which observer runs on this lane from here on; the answer is which one did.
    #[inline]
    pub(crate) fn enter_observer(&self, key: u64) -> u64 {
        let outer = self.observer.load(Ordering::Relaxed);
        self.observer.store(key + 1, Ordering::Relaxed);
        outer
    }

    /// Goes back to what [`enter_observer`](Self::enter_observer) answered.
    #[inline]
    pub(crate) fn leave_observer(&self, outer: u64) {
        self.observer.store(outer, Ordering::Relaxed);
    }

    /// Says whose thread moves this lane, which is a machine's, from here on.
    pub(crate) fn set_driver(&self, lane: Option<Lane>) {
        let driver = lane.map_or(0, |lane| u64::from(lane.number()) + 1);
        self.driver.store(driver, Ordering::Relaxed);
    }

    /// Whether it is up to the thread of `lane` alone to move this one.
    pub(crate) fn is_driven_by(&self, lane: Lane) -> bool {
        self.number == lane || self.driver.load(Ordering::Relaxed) == u64::from(lane.number()) + 1
    }

    /// Whether the lane's thread is calling, or waiting for, this observer.
    pub(crate) fn is_in(&self, observer: u64) -> bool {
        self.observer.load(Ordering::Relaxed) == observer + 1
    }

    /// The key of the observer that runs here, and since when.
    pub(crate) fn busy(&self) -> Option<(u64, u64)> {
        let observer = self.observer.load(Ordering::Relaxed);
        let since_ns = self.since_ns.load(Ordering::Relaxed);
        observer.checked_sub(1).map(|key| (key, since_ns))
    }
}
