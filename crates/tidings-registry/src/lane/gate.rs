//! The gate between emitting and closing.
//!
//! A lane says "I am in", then looks whether the bus is closed; a closer says "closed",
//! then looks who is in. Between the two steps of each stands a full fence, so at least
//! one of them sees the other: an event is either refused, or waited for. Registrations
//! use the same protocol with the generation in place of the closed flag. The loom test
//! at the end fails without the fences; a stress test does not.

use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};

/// The bus's side: whether it is closed.
#[derive(Debug)]
pub(crate) struct Gate {
    closed: AtomicBool,
}

/// A lane's side: odd while an emit is under way. Written by one thread at a time.
#[derive(Debug)]
pub(crate) struct LaneGate {
    epoch: AtomicU64,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self { closed: AtomicBool::new(false) }
    }

    /// Marks the lane as emitting, unless the bus is closed.
    #[inline]
    pub(crate) fn try_enter(&self, lane: &LaneGate) -> bool {
        lane.enter();
        if self.is_closed() {
            lane.leave();
            return false;
        }
        true
    }

    /// Whether a lane that is in already may take one more event.
    pub(crate) fn may_continue(&self) -> bool {
        fence(Ordering::SeqCst);
        !self.is_closed()
    }

    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Closes; true for the caller that did it. What [`LaneGate::ticket`] says afterwards
    /// tells which lanes have to be waited for.
    pub(crate) fn close(&self) -> bool {
        let first = !self.closed.swap(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        first
    }
}

impl LaneGate {
    pub(crate) fn new() -> Self {
        Self { epoch: AtomicU64::new(0) }
    }

    /// Marks the lane as emitting; every write before a later fence elsewhere is seen.
    ///
    /// Releases as well: who waited for the emit before may see this one instead.
    #[inline]
    pub(crate) fn enter(&self) {
        let epoch = self.epoch.load(Ordering::Relaxed);
        self.epoch.store(epoch + 1, Ordering::Release);
        fence(Ordering::SeqCst);
    }

    /// Marks the lane as idle; what it did is seen by whoever sees that.
    #[inline]
    pub(crate) fn leave(&self) {
        let epoch = self.epoch.load(Ordering::Relaxed);
        self.epoch.store(epoch + 1, Ordering::Release);
    }

    /// What to wait for: none when the lane is idle. The caller has made its own write
    /// and a full fence before.
    pub(crate) fn ticket(&self) -> Option<u64> {
        let epoch = self.epoch.load(Ordering::Acquire);
        (epoch % 2 == 1).then_some(epoch)
    }

    /// Whether the emit that the ticket was taken for is over.
    pub(crate) fn has_passed(&self, ticket: u64) -> bool {
        self.epoch.load(Ordering::Acquire) != ticket
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use loom::sync::Arc;
    use loom::sync::atomic::{AtomicU64, Ordering};
    use loom::thread;

    use super::*;

    struct Bus {
        gate: Gate,
        lane: LaneGate,
        delivered: AtomicU64,
    }

    fn emit(bus: &Bus) -> bool {
        let accepted = bus.gate.try_enter(&bus.lane);
        if accepted {
            let delivered = bus.delivered.load(Ordering::Relaxed);
            bus.delivered.store(delivered + 1, Ordering::Relaxed);
            bus.lane.leave();
        }
        accepted
    }

    #[test]
    fn what_was_accepted_is_delivered_before_close_returns() {
        loom::model(|| {
            let bus = Arc::new(Bus {
                gate: Gate::new(),
                lane: LaneGate::new(),
                delivered: AtomicU64::new(0),
            });
            let emitter = {
                let bus = Arc::clone(&bus);
                thread::spawn(move || u64::from(emit(&bus)) + u64::from(emit(&bus)))
            };
            assert!(bus.gate.close());
            if let Some(ticket) = bus.lane.ticket() {
                while !bus.lane.has_passed(ticket) {
                    thread::yield_now();
                }
            }
            let delivered_at_close = bus.delivered.load(Ordering::Relaxed);
            let accepted = emitter.join().expect("the emitter does not panic");
            assert_eq!(delivered_at_close, accepted, "an accepted event came after close");
        });
    }

    #[test]
    fn a_registration_is_seen_by_the_next_emit_or_waits_for_this_one() {
        loom::model(|| {
            let lane = Arc::new(LaneGate::new());
            let generation = Arc::new(AtomicU64::new(0));
            let in_old = Arc::new(AtomicU64::new(0));
            let emitter = {
                let (lane, generation, in_old) = (lane.clone(), generation.clone(), in_old.clone());
                thread::spawn(move || {
                    lane.enter();
                    if generation.load(Ordering::Relaxed) == 0 {
                        in_old.store(1, Ordering::Relaxed);
                        in_old.store(0, Ordering::Relaxed);
                    }
                    lane.leave();
                })
            };
            generation.store(1, Ordering::Relaxed);
            fence(Ordering::SeqCst);
            if let Some(ticket) = lane.ticket() {
                while !lane.has_passed(ticket) {
                    thread::yield_now();
                }
            }
            assert_eq!(in_old.load(Ordering::Relaxed), 0, "an old route is still in use");
            emitter.join().expect("the emitter does not panic");
        });
    }
}
