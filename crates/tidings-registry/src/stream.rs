//! The lane of a state machine.
//!
//! The machine's own critical section gives its events their order; one thread at a time
//! delivers them, outside of every lock. The lane counts as emitting from the first
//! accepted event until the last is delivered, so that a close waits for it.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};

use tidings_core::emitter::{Accepted, Draft, Source, Stream, StreamClosed, TypeSlot};
use tidings_core::{Lane, Receipt, Tally};

use crate::bus::{Made, Offer, Shared};
use crate::deliver::drop_contained;
use crate::lane::{Job, LaneLocal, LaneShared, with_lane};
use crate::sync::Mutex;

/// The events of one machine on one bus.
pub(crate) struct MachineStream {
    me: Weak<Self>,
    bus: Weak<Shared>,
    lane: Arc<LaneShared>,
    outbox: Mutex<Outbox>,
}

#[derive(Default)]
struct Outbox {
    events: VecDeque<Made>,
    /// Somebody is delivering, or has promised to.
    draining: bool,
    /// The lane of the thread that is making the next event. The machine's lane counts as
    /// emitting while either holds.
    accepting: Option<Lane>,
}

impl MachineStream {
    pub(crate) fn open(bus: &Shared) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            me: me.clone(),
            bus: bus.weak(),
            lane: bus.open_lane(),
            outbox: Mutex::default(),
        })
    }

    /// Delivers all that was accepted, on this thread; the tally is that of the first.
    fn deliver_all(&self, bus: &Shared, lane: &LaneLocal) -> Option<Tally> {
        let mut first = None;
        loop {
            let mut outbox = self.outbox.lock();
            let Some(made) = outbox.events.pop_front() else {
                outbox.draining = false;
                self.lane.set_driver(outbox.accepting);
                if outbox.accepting.is_none() {
                    // Still under the lock: the next to accept enters the lane again.
                    self.lane.gate.leave();
                }
                return first;
            };
            drop(outbox);
            let route = bus.route_now(lane, &made.envelope);
            let tally = bus.deliver(lane, &route, &made);
            first.get_or_insert(tally);
            // A payload that panics must not leave the lane with nobody to deliver.
            drop_contained(made);
        }
    }

    /// As [`deliver_all`](Self::deliver_all), as a job of the lane's own queue.
    pub(crate) fn drain_on(&self, bus: &Shared, lane: &LaneLocal) {
        self.deliver_all(bus, lane);
    }
}

impl MachineStream {
    fn begin_accepting(&self, bus: &Shared, thread: Lane) -> Result<(), StreamClosed> {
        let mut outbox = self.outbox.lock();
        let may_enter = if outbox.draining {
            bus.gate.may_continue()
        } else {
            bus.gate.try_enter(&self.lane.gate)
        };
        if !may_enter {
            return Err(StreamClosed);
        }
        outbox.accepting = Some(thread);
        if !outbox.draining {
            self.lane.set_driver(Some(thread));
        }
        Ok(())
    }

    fn end_accepting(&self, made: Result<Made, Receipt>) -> Accepted {
        let mut outbox = self.outbox.lock();
        let thread = outbox.accepting.take();
        match made {
            Ok(made) => {
                outbox.events.push_back(made);
                // Whoever delivers now finds it; else it is up to the caller.
                if std::mem::replace(&mut outbox.draining, true) {
                    Accepted::Settled(Receipt::Reentrant)
                } else {
                    self.lane.set_driver(thread);
                    Accepted::Drain
                }
            }
            Err(receipt) => {
                if !outbox.draining {
                    self.lane.set_driver(None);
                    self.lane.gate.leave();
                }
                Accepted::Settled(receipt)
            }
        }
    }
}

impl Stream for MachineStream {
    fn accept(
        &self,
        source: &Source,
        slot: TypeSlot<'_>,
        draft: &mut dyn Draft,
    ) -> Result<Accepted, StreamClosed> {
        let bus = self.bus.upgrade().ok_or(StreamClosed)?;
        with_lane(&bus, |thread_lane| {
            self.begin_accepting(&bus, thread_lane.shared.number)?;
            // Not under the lock: processors are user code.
            let mut offer = Offer { source, slot: &slot, draft, lane: &self.lane, dedup: false };
            let made = bus.make(thread_lane, &mut offer);
            Ok(self.end_accepting(made.map(|(made, _route)| made)))
        })
    }

    fn drain(&self) -> Receipt {
        let (Some(bus), Some(me)) = (self.bus.upgrade(), self.me.upgrade()) else {
            return Receipt::Closed;
        };
        with_lane(&bus, |lane| {
            if lane.is_dispatching() {
                lane.pending.borrow_mut().push_back(Job::Stream(me));
                return Receipt::Reentrant;
            }
            // What was accepted is delivered, closed or not: the machine's lane is waited for.
            let _inside = lane.enter();
            let tally = self.deliver_all(&bus, lane).unwrap_or_default();
            bus.drain_pending(lane);
            Receipt::Dispatched(tally)
        })
    }
}

impl Drop for MachineStream {
    fn drop(&mut self) {
        if let Some(bus) = self.bus.upgrade() {
            bus.return_lane(&self.lane);
        }
    }
}
