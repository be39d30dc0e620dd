//! What an observer holds is freed when the observer is over.

use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};

use std::sync::Arc;

use tidings_core::Envelope;
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
