//! What a payload does when it is dropped: it emits, or it panics. Neither may harm anybody
//! else, wherever it happens.

use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};

use serde::{Deserialize, Serialize};
use tidings_core::state::{StateMachine, Table};
use tidings_core::{Emitter, Envelope, Interest, Receipt};
use tidings_derive::Event;
use tidings_registry::{Bus, Observer, ObserverError, Overflow};

use crate::support::*;

/// An event that does something when it is dropped.
#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespace = "hostile", crate = "tidings_core")]
struct Hostile {
    number: u32,
    #[serde(skip)]
    last: Option<Act>,
}

struct Act(Option<Box<dyn FnOnce() + Send + Sync>>);

impl fmt::Debug for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Act")
    }
}

impl Drop for Act {
    fn drop(&mut self) {
        if let Some(act) = self.0.take() {
            act();
        }
    }
}

fn hostile(number: u32, act: impl FnOnce() + Send + Sync + 'static) -> Hostile {
    Hostile { number, last: Some(Act(Some(Box::new(act)))) }
}

/// Panics when it is dropped.
fn bomb(number: u32) -> Hostile {
    hostile(number, || assert!(std::thread::panicking(), "dropped"))
}

fn plain(number: u32) -> Hostile {
    Hostile { number, last: None }
}

struct Watch<F>(F);

impl<F: Fn(&Arc<Envelope>) + Send + Sync + 'static> Observer for Watch<F> {
    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        (self.0)(envelope);
        Ok(())
    }
}

/// Emits something whose payload may panic meanwhile.
fn unharmed<T>(emit: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(emit)).ok()
}

/// The numbers of all that is heard inline.
fn numbers(bus: &Bus) -> Log<u32> {
    let seen = Log::new();
    let log = seen.clone();
    bus.on::<Hostile>(move |event, _| log.push(event.number)).detach();
    seen
}

fn machine() -> StateMachine<tidings_core::state::StateName> {
    let table = Table::builder("case").initial("a").edge("a", "b").edge("b", "a").build();
    StateMachine::with_table("m", &table.expect("a good table"))
}

thread_local! {
    /// How many payloads this thread is at dropping.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

#[test]
fn payloads_that_emit_when_they_are_dropped_do_not_pile_up_on_the_stack() {
    let bus = Bus::new();
    let (begin, end, at_last) = (Latch::closed(), Latch::closed(), Log::new());
    let _open = OpenAtEnd(end.clone());
    let (door, last_door, arrived) = (begin.clone(), end.clone(), at_last.clone());
    let seen = AtomicUsize::new(0);
    let observer = Watch(move |_: &Arc<Envelope>| match seen.fetch_add(1, Ordering::SeqCst) {
        0 => door.wait(),
        256 => {
            arrived.push(());
            last_door.wait();
        }
        _ => {}
    });
    let registration = bus.register(observer).queued(100_000, Overflow::DropNewest);
    registration.start().expect("open").detach();
    let (emitter, work): (Emitter<Hostile>, Emitter<Work>) =
        (bus.emitter("case", "t"), bus.emitter("case", "t"));
    let deepest = Arc::new(AtomicUsize::new(0));
    for number in 0..257 {
        let (work, deepest) = (work.clone(), Arc::clone(&deepest));
        emitter.emit(hostile(number, move || {
            DEPTH.set(DEPTH.get() + 1);
            deepest.fetch_max(DEPTH.get(), Ordering::SeqCst);
            work.emit(step(number));
            DEPTH.set(DEPTH.get() - 1);
        }));
    }
    begin.open();
    at_last.wait_for(1);
    work.emit(step(0));
    end.open();
    assert!(deepest.load(Ordering::SeqCst) <= 1, "{deepest:?} payloads deep");
}

#[test]
fn what_a_payload_emits_when_it_is_dropped_its_own_event_has_caused() {
    let bus = Bus::new();
    let registration = bus.register(Watch(|_: &Arc<Envelope>| ()));
    let registration = registration.interest(Interest::parse(["hostile"]).expect("a prefix"));
    registration.queued(10, Overflow::Block).start().expect("open").detach();
    let causes = Log::new();
    let log = causes.clone();
    bus.observe("work", move |envelope| log.push(envelope.caused_by())).expect("a prefix").detach();
    let (emitter, work): (Emitter<Hostile>, Emitter<Work>) =
        (bus.emitter("case", "t"), bus.emitter("case", "t"));
    emitter.emit(hostile(0, move || {
        work.emit(step(1));
    }));
    emitter.emit(plain(1));
    causes.wait_for(1);
    // None when the emitter was the last to hold it.
    let causes = causes.all();
    assert!(causes[0].is_none_or(|id| id.sequence() == 0), "{causes:?}");
}

#[test]
fn an_evicted_payload_that_panics_loses_no_other_event() {
    let bus = Bus::new();
    let (latch, seen) = (Latch::closed(), Log::new());
    let _open = OpenAtEnd(latch.clone());
    let (door, log) = (latch.clone(), seen.clone());
    let observer = Watch(move |_: &Arc<Envelope>| {
        log.push(());
        door.wait();
    });
    let registration = bus.register(observer).queued(1, Overflow::DropOldest);
    registration.start().expect("open").detach();
    let emitter: Emitter<Hostile> = bus.emitter("case", "t");
    emitter.emit(plain(0));
    seen.wait_for(1);
    emitter.emit(bomb(1));
    assert!(unharmed(|| emitter.emit(plain(2))).is_some());
    assert_ne!(emitter.emit(plain(3)), Receipt::Reentrant);
    latch.open();
    let report = bus.close(PATIENCE).expect("the bus is lenient");
    assert_balanced(&report);
    assert_eq!(report.observers[0].counts.pending, 0);
}

#[test]
fn a_payload_of_a_machine_that_panics_leaves_its_lane_in_order() {
    let bus = Bus::new();
    bus.observe("**", |_| ()).expect("a prefix").detach();
    let (machine, emitter): (_, Emitter<Hostile>) = (machine(), bus.emitter("case", "t"));
    unharmed(|| emitter.transition(&machine, "b", bomb(1)).map(|made| made.1));
    let second = emitter.transition(&machine, "a", plain(2)).expect("it is allowed").1;
    assert!(matches!(second, Receipt::Dispatched(_)), "{second:?}");
}

#[test]
fn a_nested_payload_that_panics_leaves_nothing_pending() {
    let bus = Bus::new();
    let emitter: Emitter<Hostile> = bus.emitter("case", "t");
    let (inner, seen) = (emitter.clone(), Log::new());
    let log = seen.clone();
    bus.on::<Hostile>(move |event, _| {
        log.push(event.number);
        if event.number == 0 {
            inner.emit(bomb(1));
            inner.emit(plain(2));
        }
    })
    .detach();
    unharmed(|| emitter.emit(plain(0)));
    assert_eq!(seen.all(), [0, 1, 2]);
}

#[test]
fn a_payload_that_panics_as_the_history_lets_it_go_loses_no_event() {
    let bus = Bus::builder().history(1).build();
    let seen = numbers(&bus);
    let (machine, emitter): (_, Emitter<Hostile>) = (machine(), bus.emitter("case", "t"));
    emitter.emit(bomb(0));
    unharmed(|| emitter.transition(&machine, "b", plain(1)).map(|made| made.1));
    emitter.transition(&machine, "a", plain(2)).expect("it is allowed");
    assert_eq!(seen.all(), [0, 1, 2]);
}

/// Keeps one end of a channel, whose other end tells when this one is gone.
struct Keeper(#[expect(dead_code, reason = "only its end matters")] SyncSender<()>);

impl Observer for Keeper {
    fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
        Ok(())
    }
}

#[test]
fn a_replaced_observer_with_a_queue_is_freed_without_another_event() {
    let (bus, (sender, receiver)) = (Bus::new(), sync_channel(1));
    let registration = bus.register(Keeper(sender)).queued(10, Overflow::Block);
    let subscription = registration.start().expect("open");
    bus.emitter::<Work>("case", "t").emit(step(1));
    bus.barrier(PATIENCE).expect("nothing hangs");
    assert!(subscription.replace(Watch(|_: &Arc<Envelope>| ())));
    assert_eq!(receiver.recv_timeout(PATIENCE), Err(RecvTimeoutError::Disconnected));
}
