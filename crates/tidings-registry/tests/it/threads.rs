//! Threads that come and go, and what happens while they end.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::thread;

use tidings_core::{Emitter, RawEmitter, Receipt, Scope};
use tidings_registry::{
    Bus, BusBuilder, CloseError, CloseReport, ObserverDiagnostic, Registration, Report,
    Subscription,
};

use crate::support::{PATIENCE, Work, assert_gapless, note, record, step, word, words};

/// Emits when the thread's own storage is torn down.
struct Last(Emitter<Work>);

impl Drop for Last {
    fn drop(&mut self) {
        self.0.emit(note("last"));
        let _in_scope = Scope::capture().enter();
        self.0.emit(note("very last"));
    }
}

thread_local! {
    static EARLY: RefCell<Option<Last>> = const { RefCell::new(None) };
    static LATE: RefCell<Option<Last>> = const { RefCell::new(None) };
}

#[test]
fn events_emitted_while_a_thread_is_torn_down_are_delivered() {
    let bus = Bus::new();
    let log = record(&bus);
    thread::scope(|scope| {
        for _ in 0..10 {
            let emitter = bus.emitter("case", "t");
            scope.spawn(move || {
                // One is set before the bus stores anything for this thread, one after it.
                EARLY.set(Some(Last(emitter.clone())));
                emitter.emit(step(1));
                LATE.set(Some(Last(emitter)));
            });
        }
    });
    // A scope ends before the storage of its threads is torn down.
    crate::support::eventually("all are there", || log.len() == 50);
    assert_gapless(&log.all());
    assert!(bus.close(PATIENCE).expect("not strict").complete);
}

#[test]
fn a_chain_that_starts_while_a_thread_is_torn_down_comes_to_an_end() {
    let bus = Bus::builder().chain_max(10).build();
    let emitter = bus.emitter("case", "t");
    let inner = emitter.clone();
    bus.observe("work.note", move |envelope| {
        inner.emit(note(&format!("{}+", word(envelope))));
    })
    .expect("a good prefix")
    .detach();
    let log = words(&bus);
    let ending = thread::spawn(move || {
        EARLY.set(Some(Last(emitter.clone())));
        emitter.emit(step(1));
        LATE.set(Some(Last(emitter)));
    });
    ending.join().expect("no panic");
    assert_eq!(log.len(), 45);
    let report = bus.close(PATIENCE).expect("not strict");
    assert_eq!(report.cut_off, 4);
}

#[test]
fn short_lived_threads_share_a_few_lanes() {
    let bus = Bus::new();
    let log = record(&bus);
    for _batch in 0..250 {
        thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    let emitter = bus.emitter("case", "t");
                    scope.spawn(move || assert_eq!(emitter.emit(step(1)).delivered(), 1))
                })
                .collect();
            // Joined by hand: only that waits for the end of the thread's storage.
            for thread in threads {
                thread.join().expect("no panic");
            }
        });
    }
    let lanes: BTreeSet<_> = log.all().iter().map(|envelope| envelope.id().lane()).collect();
    assert_eq!(log.len(), 1_000);
    assert!(lanes.len() <= 8, "{} lanes", lanes.len());
    assert_gapless(&log.all());
}

#[test]
fn an_observer_outlives_the_thread_that_subscribed_it() {
    let bus = Bus::new();
    let (log, inner) = (crate::support::Log::new(), bus.clone());
    let kept = log.clone();
    thread::spawn(move || {
        inner.observe("**", move |envelope| kept.push(word(envelope))).expect("good").detach();
    })
    .join()
    .expect("no panic");
    let inner = bus.clone();
    let panicked = thread::spawn(move || {
        let _subscription = inner.observe("**", |_| ()).expect("a good prefix");
        inner.emitter("case", "t").emit(step(1));
        panic!("with a subscription");
    });
    panicked.join().expect_err("it panicked");
    assert_eq!(bus.emitter("case", "t").emit(step(2)).delivered(), 1, "the other one is cancelled");
    assert_eq!(log.all(), ["1", "2"]);
}

#[test]
fn a_bus_that_is_dropped_on_another_thread_refuses_what_this_one_emits() {
    let bus = Bus::new();
    let log = words(&bus);
    let emitter = bus.emitter("case", "t");
    emitter.emit(step(1));
    thread::spawn(move || drop(bus)).join().expect("no panic");
    assert_eq!(emitter.emit(step(2)), Receipt::Closed);
    assert_eq!(log.all(), ["1"]);
}

#[test]
fn handles_can_be_shared_and_sent() {
    fn shared<T: Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<Bus>();
    shared::<Subscription>();
    shared::<Emitter<Work>>();
    shared::<RawEmitter>();
    shared::<Report>();
    shared::<CloseReport>();
    shared::<CloseError>();
    shared::<ObserverDiagnostic>();
    shared::<Registration>();
    shared::<tidings_registry::Metrics>();
    shared::<tidings_registry::MetricsSnapshot>();
    shared::<tidings_registry::Monitor<tidings_core::state::StateName>>();
    shared::<tidings_registry::Dedup>();
    shared::<tidings_registry::ObserverError>();
    sent::<BusBuilder>();
}
