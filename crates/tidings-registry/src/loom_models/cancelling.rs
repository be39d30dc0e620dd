//! Cancel and wait: after it returned the observer is never called again.

use std::time::Duration;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use tidings_core::Envelope;

use super::support::{LONG, Log, all_delivered, check, emitter, first};
use crate::{Bus, Observer, ObserverError, Overflow, Subscription};

/// Counts the calls that have begun, and those that are over, with room for others between.
#[derive(Default)]
struct Calls {
    begun: AtomicUsize,
    over: AtomicUsize,
}

struct Watched(Arc<Calls>);

impl Observer for Watched {
    fn on_event(&self, _envelope: &std::sync::Arc<Envelope>) -> Result<(), ObserverError> {
        self.0.begun.store(self.0.begun.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        self.0.over.store(self.0.over.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        Ok(())
    }

    fn needs_close(&self) -> bool {
        false
    }
}

#[test]
fn after_cancel_and_wait_no_call_runs() {
    check(3, || {
        let bus = Bus::new();
        let calls = Arc::new(Calls::default());
        let subscription = bus.subscribe(Watched(Arc::clone(&calls)));
        let emitting = emitter(&bus);
        let emits = thread::spawn(move || {
            emitting.emit(first(1));
            emitting.emit(first(2));
        });
        subscription.cancel_and_wait(LONG).expect("no call lasts so long");
        // Plain reads: what they see, the wait has made seen.
        let over = calls.over.load(Ordering::Relaxed);
        assert_eq!(calls.begun.load(Ordering::Relaxed), over, "a call runs");
        emits.join().expect("the emitter does not panic");
        assert_eq!(calls.begun.load(Ordering::Relaxed), over, "it was called again");
    });
}

/// A queue for two events, and what came out of it.
fn queued(bus: &Bus) -> (Log, Subscription) {
    let log = Log::default();
    let queued = bus.register(log.clone()).queued(2, Overflow::DropNewest);
    (log, queued.start().expect("the bus is open"))
}

#[test]
fn after_cancel_and_wait_a_queue_is_empty_and_its_events_are_settled() {
    check(1, || {
        let bus = Bus::new();
        let (log, subscription) = queued(&bus);
        let emitting = emitter(&bus);
        let emits = thread::spawn(move || emitting.emit(first(1)).enqueued() as usize);
        subscription.cancel_and_wait(LONG).expect("no call lasts so long");
        let shown = log.seen().len();
        let enqueued = emits.join().expect("the emitter does not panic");
        assert_eq!(shown, enqueued, "it was called again, or an event was lost");
        let counts = bus.report().observers[0].counts;
        assert_eq!((counts.accepted, counts.pending), (enqueued as u64, 0), "{counts:?}");
    });
}

#[test]
fn a_cancelled_queue_still_gets_what_an_emit_under_way_pushes() {
    check(3, || {
        let bus = Bus::new();
        let (log, subscription) = queued(&bus);
        let emitting = emitter(&bus);
        // The second knows its route: no lock of the registry tells of the cancel.
        let emits = thread::spawn(move || {
            [1, 2].into_iter().map(|n| u64::from(emitting.emit(first(n)).enqueued())).sum()
        });
        subscription.cancel();
        let enqueued = emits.join().expect("the emitter does not panic");
        let report = bus.close(LONG).expect("the bus is not strict");
        assert_eq!(report.observers[0].counts, all_delivered(enqueued));
        assert_eq!(log.seen().len() as u64, enqueued);
    });
}

#[test]
fn an_event_that_comes_too_late_for_a_cancelled_queue_is_dropped_and_counted() {
    check(2, || {
        let bus = Bus::new();
        let (log, subscription) = queued(&bus);
        let emitting = emitter(&bus);
        let emits = thread::spawn(move || u64::from(emitting.emit(first(1)).enqueued()));
        // Without time to wait in, the worker may end before the emit has pushed.
        let waited = subscription.cancel_and_wait(Duration::ZERO);
        let enqueued = emits.join().expect("the emitter does not panic");
        let report = bus.close(LONG).expect("the bus is not strict");
        let counts = report.observers[0].counts;
        assert_eq!((counts.accepted, counts.pending), (enqueued, 0), "{counts:?}, {waited:?}");
        assert_eq!(log.seen().len() as u64, counts.delivered);
    });
}
