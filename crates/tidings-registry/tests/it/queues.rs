//! What a full queue means, and who waits for whom.

use std::sync::Arc;
use std::time::Duration;

use tidings_core::{Envelope, Receipt};
use tidings_registry::{Bus, Overflow, Registration, Subscription};

use crate::support::{
    Latch, Log, OpenAtEnd, PATIENCE, diagnostics, emit_steps, eventually, observer, step, timed,
    types, word,
};

const WAIT_MAX: Duration = Duration::from_millis(50);

struct Held {
    bus: Bus,
    /// What the observer was shown, noted before it waits at the latch.
    seen: Log<String>,
    latch: Latch,
    _open: OpenAtEnd,
    _subscription: Subscription,
}

/// A bus whose only observer, `held`, waits at a latch with its first event.
fn held(configure: impl FnOnce(Registration) -> Registration) -> Held {
    let (bus, seen, latch) = (Bus::new(), Log::new(), Latch::closed());
    let (log, door) = (seen.clone(), latch.clone());
    let observing = move |envelope: &Arc<Envelope>| {
        log.push(word(envelope));
        door.wait();
    };
    let registration = bus.register(Watch(observing)).name("held");
    let subscription = configure(registration).start().expect("open");
    Held { bus, seen, _open: OpenAtEnd(latch.clone()), latch, _subscription: subscription }
}

struct Watch<F>(F);

impl<F: Fn(&Arc<Envelope>) + Send + Sync + 'static> tidings_registry::Observer for Watch<F> {
    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), tidings_registry::ObserverError> {
        (self.0)(envelope);
        Ok(())
    }
}

fn tally(receipt: Receipt) -> (u32, u32) {
    (receipt.enqueued(), receipt.dropped())
}

#[test]
fn drop_newest_keeps_the_first_and_counts_the_rest() {
    let held = held(|registration| registration.queued(3, Overflow::DropNewest));
    let emitter = held.bus.emitter("case", "t");
    emitter.emit(step(0));
    held.seen.wait_for(1);
    let receipts: Vec<_> = (1..=5).map(|number| tally(emitter.emit(step(number)))).collect();
    assert_eq!(receipts, [(1, 0), (1, 0), (1, 0), (0, 1), (0, 1)]);
    held.latch.open();
    let report = held.bus.close(PATIENCE).expect("not strict");
    let counts = observer(&report, "held").counts;
    assert_eq!((counts.accepted, counts.delivered, counts.dropped), (6, 4, 2));
    assert_eq!(held.seen.all(), ["0", "1", "2", "3"]);
    assert!(!report.complete);
}

#[test]
fn drop_oldest_keeps_the_newest_in_order() {
    let held = held(|registration| registration.queued(3, Overflow::DropOldest));
    let emitter = held.bus.emitter("case", "t");
    emitter.emit(step(0));
    held.seen.wait_for(1);
    for number in 1..=10 {
        assert_eq!(tally(emitter.emit(step(number))), (1, 0));
    }
    held.latch.open();
    let report = held.bus.close(PATIENCE).expect("not strict");
    let counts = observer(&report, "held").counts;
    assert_eq!((counts.accepted, counts.delivered, counts.dropped), (11, 4, 7));
    assert_eq!(held.seen.all(), ["0", "8", "9", "10"]);
}

#[test]
fn block_waits_once_and_then_not_again_until_the_observer_moves() {
    let held = held(|registration| registration.queued(1, Overflow::Block).block_timeout(WAIT_MAX));
    let log = diagnostics(&held.bus);
    let emitter = held.bus.emitter("case", "t");
    emitter.emit(step(0));
    held.seen.wait_for(1);
    assert_eq!(tally(emitter.emit(step(1))), (1, 0));
    let (receipt, waited) = timed(|| emitter.emit(step(2)));
    assert_eq!(tally(receipt), (0, 1));
    assert!(waited >= WAIT_MAX, "{waited:?}");
    let ((), waited) = timed(|| {
        for number in 3..103 {
            assert_eq!(tally(emitter.emit(step(number))), (0, 1));
        }
    });
    assert!(waited < WAIT_MAX * 50, "a stuck observer was waited for again: {waited:?}");
    assert!(observer(&held.bus.report(), "held").stalled);
    held.latch.open();
    held.seen.wait_for(2);
    eventually("it recovers", || types(&log).len() == 2);
    assert_eq!(types(&log), ["tidings.observer.stalled", "tidings.observer.recovered"]);
    assert_eq!(tally(emitter.emit(step(200))), (1, 0));
    let report = held.bus.close(PATIENCE).expect("not strict");
    let counts = observer(&report, "held").counts;
    assert_eq!((counts.accepted, counts.delivered, counts.dropped), (104, 3, 101));
    assert_eq!(held.seen.all(), ["0", "1", "200"]);
}

#[test]
fn block_waits_for_room_and_loses_nothing() {
    let (bus, seen) = (Bus::new(), Log::new());
    let log = seen.clone();
    let observing = move |envelope: &Arc<Envelope>| log.push(word(envelope));
    let registration = bus.register(Watch(observing)).name("slow");
    let _subscription = registration.queued(1, Overflow::Block).start().expect("open");
    let emitter = bus.emitter("case", "t");
    for number in 0..2_000 {
        assert_eq!(tally(emitter.emit(step(number))), (1, 0));
    }
    let report = bus.close(PATIENCE).expect("not strict");
    assert_eq!(observer(&report, "slow").counts.delivered, 2_000);
    assert_eq!(seen.all(), (0..2_000).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[test]
fn an_emit_waits_for_a_synchronous_observer() {
    let (bus, seen) = (Bus::new(), Log::new());
    let log = seen.clone();
    let observing = move |envelope: &Arc<Envelope>| {
        log.push((word(envelope), std::thread::current().id()));
    };
    let registration = bus.register(Watch(observing));
    let _subscription = registration.synchronous(PATIENCE).start().expect("open");
    let emitter = bus.emitter("case", "t");
    for number in 0..200 {
        assert_eq!(emitter.emit(step(number)).delivered(), 1);
        let (last, thread) = seen.all().pop().expect("it was called before emit returned");
        assert_eq!(last, number.to_string());
        assert_ne!(thread, std::thread::current().id());
    }
}

#[test]
fn an_emit_may_wait_for_a_synchronous_observer_without_end() {
    let bus = Bus::new();
    let registration = bus.register(Watch(|_: &Arc<Envelope>| ()));
    let _subscription = registration.synchronous(Duration::MAX).start().expect("open");
    assert_eq!(bus.emitter("case", "t").emit(step(1)).delivered(), 1);
}

#[test]
fn an_emit_goes_on_without_a_synchronous_observer_that_does_not_return() {
    let held = held(|registration| registration.synchronous(WAIT_MAX));
    let log = diagnostics(&held.bus);
    let emitter = held.bus.emitter("case", "t");
    let (receipt, waited) = timed(|| emitter.emit(step(0)));
    assert_eq!(tally(receipt), (1, 0));
    assert!(waited >= WAIT_MAX, "{waited:?}");
    let ((), waited) = timed(|| {
        for number in 1..=100 {
            assert_eq!(tally(emitter.emit(step(number))), (1, 0));
        }
    });
    assert!(waited < WAIT_MAX * 50, "a stalled observer was waited for again: {waited:?}");
    let report = held.bus.report();
    let line = observer(&report, "held");
    assert!(line.stalled && line.busy.is_some(), "{line}");
    assert_eq!(line.counts.pending, 101);
    assert_eq!(types(&log), ["tidings.observer.stalled"]);
    held.latch.open();
    held.seen.wait_for(101);
    assert_eq!(held.seen.all(), (0..=100).map(|n| n.to_string()).collect::<Vec<_>>());
    eventually("it recovers", || types(&log).len() == 2);
    assert_eq!(types(&log)[1], "tidings.observer.recovered");
    // One that catches up within the time is waited for again.
    eventually("emits wait again", || emitter.emit(step(0)).delivered() == 1);
    assert!(held.bus.close(PATIENCE).expect("not strict").complete);
}

#[test]
fn a_close_names_a_queued_observer_that_never_returns_and_what_it_holds() {
    let held = held(|registration| registration.queued(10, Overflow::Block));
    let emitter = held.bus.emitter("case", "t");
    emit_steps(&emitter, 0..4);
    held.seen.wait_for(1);
    let (report, waited) = timed(|| held.bus.close(WAIT_MAX).expect("not strict"));
    assert!(waited < PATIENCE / 2, "{waited:?}");
    let line = observer(&report, "held");
    assert!(line.stalled && line.busy.is_some() && !report.complete, "{line}");
    assert_eq!((line.counts.accepted, line.counts.pending), (4, 4));
}

#[test]
fn emits_of_observer_threads_never_wait_for_a_full_queue() {
    let held = held(|registration| registration.queued(1, Overflow::Block));
    let (bus, emitter) = (held.bus.clone(), held.bus.emitter("case", "t"));
    emitter.emit(step(0));
    held.seen.wait_for(1);
    emitter.emit(step(1));
    let receipts = Log::new();
    let (log, inner) = (receipts.clone(), emitter.clone());
    let observing = move |envelope: &Arc<Envelope>| {
        if word(envelope) == "2" {
            log.push(timed(|| inner.emit(step(3))));
        }
    };
    let registration = bus.register(Watch(observing)).priority(1);
    let _second = registration.queued(10, Overflow::Block).start().expect("open");
    // From a thread of its own: this one may wait, for the held observer's queue is full.
    let emitting = std::thread::spawn(move || emitter.emit(step(2)));
    receipts.wait_for(1);
    let (receipt, waited) = receipts.all()[0];
    assert_eq!(receipt.dropped(), 1);
    assert!(waited < PATIENCE / 2, "{waited:?}");
    held.latch.open();
    emitting.join().expect("no panic");
}
