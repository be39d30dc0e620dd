//! What an observer holds is freed when the observer is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};

use serde::{Deserialize, Serialize};
use tidings_core::Envelope;
use tidings_derive::Event;
use tidings_registry::{Bus, Observer, ObserverError, Overflow};

use crate::support::*;

/// Keeps one end of a channel, whose other end tells when this one is gone.
struct Keeper(#[expect(dead_code, reason = "only its end matters")] SyncSender<()>);

impl Observer for Keeper {
    fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
        Ok(())
    }
}

fn keeper() -> (Keeper, Receiver<()>) {
    let (sender, receiver) = sync_channel(1);
    (Keeper(sender), receiver)
}

fn is_freed(receiver: &Receiver<()>) -> bool {
    receiver.try_recv() == Err(TryRecvError::Disconnected)
}

#[test]
fn a_cancelled_observer_is_freed_at_once() {
    let bus = Bus::new();
    let (keeper, end) = keeper();
    let subscription = bus.subscribe(keeper);
    bus.emitter::<Work>("case", "t").emit(step(1));
    assert!(!is_freed(&end));
    subscription.cancel();
    assert!(is_freed(&end));
}

#[test]
fn a_cancelled_queued_observer_is_freed_when_its_queue_is_done() {
    let bus = Bus::new();
    let (keeper, end) = keeper();
    let subscription = bus.register(keeper).queued(10, Overflow::Block).start();
    let subscription = subscription.expect("the bus is open");
    bus.emitter::<Work>("case", "t").emit(step(1));
    subscription.cancel_and_wait(PATIENCE).expect("nothing hangs");
    // The worker frees it as its last act.
    assert_eq!(end.recv_timeout(PATIENCE), Err(std::sync::mpsc::RecvTimeoutError::Disconnected));
}

#[test]
fn a_closed_bus_frees_its_observers_though_their_subscriptions_live() {
    let bus = Bus::new();
    let (keeper, end) = keeper();
    let subscription = bus.subscribe(keeper);
    bus.emitter::<Work>("case", "t").emit(step(1));
    bus.close(PATIENCE).expect("the bus is lenient");
    assert!(is_freed(&end));
    assert_eq!(subscription.report().map(|report| report.counts.delivered), Some(1));
}

/// Panics when it is dropped.
struct Bomb;

impl Observer for Bomb {
    fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
        Ok(())
    }
}

impl Bomb {
    /// What keeps it in a closure.
    #[expect(clippy::unused_self, reason = "it is to be captured, not used")]
    fn hear(&self) {}
}

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "dropped");
    }
}

#[test]
fn an_observer_that_panics_when_it_is_dropped_harms_nobody() {
    let bus = Bus::new();
    let emitter = bus.emitter::<Work>("case", "t");
    let bomb = bus.subscribe(Bomb);
    let other = record(&bus);
    let emit_elsewhere =
        || std::thread::scope(|scope| scope.spawn(|| emitter.emit(step(1))).join());
    emitter.emit(step(0));
    emit_elsewhere().expect("the thread ends well");
    bomb.cancel();
    emitter.emit(step(2));
    bus.close(PATIENCE).expect("the bus is lenient");
    assert_eq!(other.all().len(), 3);
}

/// An event that tells when it is dropped, and panics then if it is asked to.
#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespace = "case", crate = "tidings_core")]
struct Held {
    panics: bool,
    #[serde(skip)]
    dropped: Arc<AtomicUsize>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, Ordering::SeqCst);
        assert!(!self.panics || std::thread::panicking(), "dropped");
    }
}

/// Emits events to an observer with a queue; counts those that were dropped.
fn held(events: usize, panics: bool) -> (Bus, Arc<AtomicUsize>) {
    let (bus, dropped) = (Bus::new(), Arc::<AtomicUsize>::default());
    let registration = bus.register(keeper().0).queued(10_000, Overflow::Block);
    registration.start().expect("the bus is open").detach();
    let emitter = bus.emitter::<Held>("case", "t");
    for _event in 0..events {
        emitter.emit(Held { panics, dropped: Arc::clone(&dropped) });
    }
    (bus, dropped)
}

#[test]
fn events_that_a_queue_is_through_with_are_freed_though_nobody_emits_any_more() {
    let (bus, dropped) = held(1_000, false);
    eventually("all are freed", || dropped.load(Ordering::SeqCst) == 1_000);
    assert!(bus.report().complete);
}

#[test]
fn a_payload_that_panics_when_it_is_dropped_ends_no_queue() {
    let (bus, dropped) = held(0, true);
    let emitter = bus.emitter::<Held>("case", "t");
    for _event in 0..100 {
        let event = Held { panics: true, dropped: Arc::clone(&dropped) };
        // The emitter may be the last to hold it: then the panic is its own.
        let emit = std::panic::AssertUnwindSafe(|| emitter.emit(event));
        drop(std::panic::catch_unwind(emit));
    }
    let report = bus.close(PATIENCE).expect("the bus is lenient");
    assert_eq!(dropped.load(Ordering::SeqCst), 100);
    assert!(report.complete, "{report}");
}

#[test]
fn a_closure_that_panics_when_it_is_dropped_harms_nobody() {
    // Nothing is to be closed here, so that the thread that cancels drops it.
    let bus = Bus::new();
    let emitter = bus.emitter::<Work>("case", "t");
    let bomb = Bomb;
    let subscription = bus.observe("**", move |_| bomb.hear());
    emitter.emit(step(0));
    subscription.expect("a good prefix").cancel();
    let bomb = Bomb;
    bus.observe("**", move |_| bomb.hear()).expect("a good prefix").detach();
    let other = record(&bus);
    emitter.emit(step(1));
    bus.close(PATIENCE).expect("the bus is lenient");
    assert_eq!(other.all().len(), 1);
}

#[test]
fn an_observer_with_counts_that_panics_when_it_is_dropped_harms_nobody() {
    /// Kept to the end, for its report.
    struct Counting(Bomb);
    impl Observer for Counting {
        fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
            self.0.hear();
            Ok(())
        }
        fn counts(&self) -> Option<tidings_registry::Counts> {
            Some(tidings_registry::Counts::default())
        }
        fn needs_close(&self) -> bool {
            false
        }
    }
    let bus = Bus::new();
    bus.subscribe(Counting(Bomb)).detach();
    let cancelled = bus.subscribe(Counting(Bomb));
    bus.emitter::<Work>("case", "t").emit(step(1));
    cancelled.cancel();
    let report = bus.close(PATIENCE).expect("the bus is lenient");
    assert_eq!(report.observers.len(), 2);
    drop(bus);
}
