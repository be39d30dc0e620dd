//! From an envelope to its observers.

use std::rc::Rc;
use std::sync::Arc;

use tidings_core::{Envelope, Receipt, Tally};

use super::Shared;
use super::emit::{Made, cause};
use crate::deliver::{Aside, Handed, Queue, drop_contained};
use crate::lane::{Current, Job, LaneLocal, with_lane};
use crate::route::{Call, Fate, Route};
use crate::time::nanos;

impl Shared {
    /// Delivers what was emitted while observers ran, in order, until nothing is left.
    #[inline]
    pub(crate) fn drain_pending(&self, lane: &LaneLocal) {
        if !lane.pending.borrow().is_empty() {
            self.run_pending(lane);
        }
    }

    fn run_pending(&self, lane: &LaneLocal) {
        loop {
            // The borrow ends before the job runs: the job may push.
            let next = lane.pending.borrow_mut().pop_front();
            match next {
                None => return,
                Some(Job::Event(made)) => {
                    let route = self.route_now(lane, &made.envelope);
                    self.deliver(lane, &route, &made);
                    // A payload that panics must not keep the others from being delivered.
                    drop_contained(made);
                }
                Some(Job::Stream(stream)) => stream.drain_on(self, lane),
            }
        }
    }

    /// Calls everybody on the route, in order.
    pub(crate) fn deliver(&self, lane: &LaneLocal, route: &Route, made: &Made) -> Tally {
        let current = Current { id: made.envelope.id(), depth: made.depth };
        // Nothing is delivered within a delivery: what observers emit waits its turn.
        lane.set_current(Some(current));
        lane.shared.begin_event(self.now_of(&made.envelope));
        let mut tally = Tally::default();
        for call in &route.calls {
            let handed = self.call(lane, call, made);
            handed.count_in(&mut tally);
            if let Some(claim) = &made.claim {
                handed.tell(claim);
            }
        }
        lane.set_current(None);
        tally
    }

    /// Who hears the event now. With a history, remembering the event and choosing its
    /// observers are one step, so that late joiners neither miss it nor get it twice.
    pub(crate) fn route_now(&self, lane: &LaneLocal, envelope: &Arc<Envelope>) -> Rc<Route> {
        let Some(history) = &self.history else {
            lane.refresh(self);
            return lane.named_route(self, envelope.event_type());
        };
        // Routes may hold the last handle of an observer: they go after the lock.
        let mut history = history.lock();
        let oldest = history.push(envelope);
        let stale = lane.take_stale(self);
        let route = lane.named_route(self, envelope.event_type());
        drop(history);
        drop(stale);
        // The event at hand is not yet delivered: a payload that panics must not prevent it.
        drop_contained(oldest);
        route
    }

    #[inline]
    fn call(&self, lane: &LaneLocal, call: &Call, made: &Made) -> Handed {
        call.cell.accept();
        match call.entry.queue() {
            None => self.call_inline(lane, call, &made.envelope),
            Some(queue) => self.call_queued(lane, call, queue, made),
        }
    }

    #[inline(never)]
    fn call_queued(&self, lane: &LaneLocal, call: &Call, queue: &Queue, made: &Made) -> Handed {
        // Whoever waits for an observer says so: it must not be waited for by that one.
        let outer = lane.shared.enter_observer(call.entry.key);
        let enqueued = queue.push(&made.envelope, made.depth, made.claim.as_ref(), &call.cell);
        lane.shared.leave_observer(outer);
        if lane.may_let_go()
            && let Some(spent) = queue.take_spent()
        {
            lane.let_go_later(spent);
        }
        if enqueued.newly_stalled {
            self.diagnose_stall(&call.entry);
        }
        enqueued.handed
    }

    #[inline]
    fn call_inline(&self, lane: &LaneLocal, call: &Call, envelope: &Arc<Envelope>) -> Handed {
        let entry = &call.entry;
        match entry.late.put_aside(envelope) {
            Aside::Live => {}
            Aside::Kept => return Handed::Aside,
            Aside::Full => {
                call.cell.settle(Fate::Dropped);
                return Handed::Dropped;
            }
        }
        let outer = lane.shared.enter_observer(entry.key);
        let handed = match entry.offer(self, &*call.observer, envelope, &call.cell) {
            Ok(offered) => Handed::of(offered, entry),
            Err(_suppressed) => Handed::Suppressed,
        };
        lane.shared.leave_observer(outer);
        handed
    }

    /// When the event was emitted, in nanoseconds of this bus.
    #[inline]
    fn now_of(&self, envelope: &Envelope) -> u64 {
        if envelope.id().bus() == self.id { nanos(envelope.elapsed()) } else { self.now_ns() }
    }

    /// Delivers an envelope that another bus made, as if it were emitted here and now.
    pub(crate) fn republish(&self, envelope: Arc<Envelope>) -> Receipt {
        if self.gate.is_closed() {
            return Receipt::Closed;
        }
        with_lane(self, |lane| {
            let Some(_inside) = lane.try_enter(self) else {
                return Receipt::Closed;
            };
            let cause = cause(lane);
            let depth = cause.map_or(0, |current| current.depth + 1);
            if depth > self.chain_max {
                return self.cut_off(envelope.event_type(), cause, 1);
            }
            if cause.is_some() {
                lane.shared.count_caused();
            }
            let made = Made::elsewhere(envelope, depth);
            if lane.is_dispatching() {
                lane.pending.borrow_mut().push_back(Job::Event(made));
                return Receipt::Reentrant;
            }
            let route = self.route_now(lane, &made.envelope);
            let tally = self.deliver(lane, &route, &made);
            self.drain_pending(lane);
            Receipt::Dispatched(tally)
        })
    }

    /// Shows a new inline observer the past, and then what came meanwhile.
    pub(super) fn catch_up(&self, call: &Call, past: Vec<Arc<Envelope>>) {
        with_lane(self, |lane| {
            let _inside = lane.enter();
            for envelope in past {
                call.cell.accept();
                self.show(lane, call, &envelope);
            }
            while let Some(envelope) = call.entry.late.next() {
                // Accepted when it was put aside, by the lane that emitted it.
                self.show(lane, call, &envelope);
            }
            if !lane.is_dispatching() {
                self.drain_pending(lane);
            }
        });
    }

    fn show(&self, lane: &LaneLocal, call: &Call, envelope: &Arc<Envelope>) {
        let current = Current { id: envelope.id(), depth: 0 };
        let outer = lane.current.get();
        lane.set_current(Some(current));
        lane.shared.begin_event(self.now_ns());
        let outside = lane.shared.enter_observer(call.entry.key);
        // What becomes of it is counted in the cell; there is no receipt to say it in.
        let _fate = call.entry.offer(self, &*call.observer, envelope, &call.cell);
        lane.shared.leave_observer(outside);
        lane.set_current(outer);
    }
}
