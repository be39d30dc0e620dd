//! Closing: nothing is accepted afterwards, everything accepted is drained.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tidings_core::state::{StateMachine, Table};
use tidings_core::{Envelope, Receipt};
use tidings_registry::{Bus, Observer, ObserverError, Overflow, SubscribeError, Subscription};

use crate::support::{
    Latch, Log, OpenAtEnd, PATIENCE, Work, emit_steps, note, observer, record, step, word, words,
};

struct Keeps {
    log: Log<String>,
    ended: Log<&'static str>,
    latch: Latch,
}

impl Observer for Keeps {
    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        self.latch.wait();
        self.log.push(word(envelope));
        Ok(())
    }

    fn close(&self, _: Instant) -> Result<(), ObserverError> {
        self.ended.push("closed");
        Ok(())
    }
}

#[test]
fn nothing_is_accepted_after_close_and_nothing_is_built() {
    let bus = Bus::new();
    let log = record(&bus);
    let emitter = bus.emitter("case", "t");
    emitter.emit(step(1));
    let (raw, one) = (bus.raw_emitter("case", "t"), log.all()[0].clone());
    let report = bus.close(PATIENCE).expect("not strict");
    assert!(report.complete && bus.is_closed());
    assert_eq!(emitter.emit(step(2)), Receipt::Closed);
    assert_eq!(emitter.emit_with(Work::STEP, || panic!("it was built")), Receipt::Closed);
    assert_eq!(raw.emit("a.b", serde_json::json!({})), Ok(Receipt::Closed));
    assert_eq!(bus.republish(one), Receipt::Closed);
    assert_eq!(bus.emitter("case", "t").emit(step(3)), Receipt::Closed);
    assert_eq!(log.len(), 1);
    let late = bus.register(Keeps { log: Log::new(), ended: Log::new(), latch: Latch::closed() });
    assert!(matches!(late.start(), Err(SubscribeError::Closed)));
    assert!(bus.observe("**", |_| ()).expect("a good prefix").report().is_none());
}

#[test]
fn an_event_that_nobody_hears_is_refused_after_close_as_well() {
    let bus = Bus::new();
    let emitter = bus.emitter("case", "t");
    assert_eq!(emitter.emit(step(1)), Receipt::UNHEARD);
    bus.close(PATIENCE).expect("not strict");
    assert_eq!(emitter.emit(step(2)), Receipt::Closed);
}

#[test]
fn an_unheard_emit_never_hides_a_close_for_good() {
    for _round in 0..300 {
        let bus = Bus::new();
        thread::scope(|scope| {
            for _ in 0..2 {
                let emitter = bus.emitter("case", "t");
                scope.spawn(move || {
                    for _ in 0..200 {
                        emitter.emit(step(1));
                        emitter.emit_with(Work::NOTE, || note("x"));
                    }
                });
            }
            scope.spawn(|| bus.close(PATIENCE).expect("not strict"));
        });
        let emitter = bus.emitter("case", "t");
        assert_eq!(emitter.emit(step(1)), Receipt::Closed);
        assert_eq!(emitter.emit(note("x")), Receipt::Closed);
    }
}

#[test]
fn a_bus_closes_once_whoever_asks_and_all_get_the_same_report() {
    for _round in 0..50 {
        let bus = Bus::new();
        let ended = Log::new();
        let latch = Latch::closed();
        latch.open();
        let keeps = Keeps { log: Log::new(), ended: ended.clone(), latch };
        bus.register(keeps).queued(100, Overflow::Block).start().expect("open").detach();
        let emitter = bus.emitter("case", "t");
        emit_steps(&emitter, 0..20);
        let reports: Vec<_> = thread::scope(|scope| {
            let closing: Vec<_> =
                (0..3).map(|_| scope.spawn(|| bus.close(PATIENCE).expect("not strict"))).collect();
            closing.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert_eq!(reports[0].observers[0].counts.delivered, 20);
        assert!(reports.iter().all(|report| *report == reports[0]));
        assert_eq!(bus.close(PATIENCE).expect("not strict"), reports[0]);
        assert_eq!(bus.report(), reports[0]);
        assert_eq!(ended.all(), ["closed"]);
    }
}

#[test]
fn dropping_the_last_handle_drains_queued_observers() {
    let (log, ended, latch) = (Log::new(), Log::new(), Latch::closed());
    let keeps = Keeps { log: log.clone(), ended: ended.clone(), latch: latch.clone() };
    let bus = Bus::new();
    bus.register(keeps).queued(100, Overflow::Block).start().expect("open").detach();
    let emitter = bus.emitter("case", "t");
    emit_steps(&emitter, 0..50);
    let clone = bus.clone();
    drop(bus);
    assert_eq!(emitter.emit(step(50)).enqueued(), 1, "a handle is left");
    latch.open();
    drop(clone);
    assert_eq!(log.all(), (0..=50).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(ended.all(), ["closed"]);
    assert_eq!(emitter.emit(step(51)), Receipt::Closed);
}

#[test]
fn emitters_and_subscriptions_that_outlive_the_bus_are_harmless() {
    let bus = Bus::new();
    let emitter = bus.emitter::<Work>("case", "t");
    let subscription = bus.observe("**", |_| ()).expect("a good prefix");
    let other = bus.observe("**", |_| ()).expect("a good prefix");
    drop(bus);
    let child = emitter.child("step", "1").with("a", 1);
    assert_eq!(child.emit(step(1)), Receipt::Closed);
    subscription.pause();
    subscription.resume();
    assert!(!subscription.replace(Keeps {
        log: Log::new(),
        ended: Log::new(),
        latch: Latch::closed(),
    }));
    other.cancel_and_wait(PATIENCE).expect("it is gone");
    drop(subscription);
}

#[test]
fn a_close_ends_every_observer_once_cancelled_ones_too() {
    let bus = Bus::new();
    let ended = Log::new();
    let latch = Latch::closed();
    latch.open();
    let keeps = || Keeps { log: Log::new(), ended: ended.clone(), latch: latch.clone() };
    let inline = bus.subscribe(keeps());
    bus.subscribe(keeps()).detach();
    let queued = bus.register(keeps()).queued(1, Overflow::Block).start().expect("open");
    bus.register(keeps()).queued(1, Overflow::Block).start().expect("open").detach();
    inline.cancel();
    queued.cancel_and_wait(PATIENCE).expect("nothing hangs");
    assert_eq!(ended.len(), 2);
    bus.close(PATIENCE).expect("not strict");
    assert_eq!(ended.len(), 4);
}

#[test]
fn a_registration_that_races_with_close_is_refused_or_ended() {
    for _round in 0..200 {
        let bus = Bus::new();
        let ended = Log::new();
        let latch = Latch::closed();
        latch.open();
        let started = thread::scope(|scope| {
            let keeps = Keeps { log: Log::new(), ended: ended.clone(), latch };
            let registering = scope.spawn(|| {
                bus.register(keeps).queued(1, Overflow::Block).start().map(Subscription::detach)
            });
            bus.close(PATIENCE).expect("not strict");
            registering.join().expect("no panic").is_ok()
        });
        assert_eq!(ended.len(), usize::from(started), "its thread would be left behind");
    }
}

#[test]
fn a_transition_after_close_changes_nothing() {
    let table = Table::builder("case").initial("idle").edge("idle", "done").build().expect("valid");
    let machine = StateMachine::with_table("case#1", &table);
    let bus = Bus::new();
    let log = words(&bus);
    let emitter = bus.emitter("case", "t");
    bus.close(PATIENCE).expect("not strict");
    let error = emitter.transition(&machine, "done", step(1)).expect_err("closed");
    assert_eq!(error.to_string(), "the bus is closed; `case#1` stays as it is");
    assert_eq!((machine.state().as_str(), log.len()), ("idle", 0));
}

#[test]
fn a_cancelled_observer_that_races_with_close_stays_in_the_report() {
    for _round in 0..200 {
        let bus = Bus::new();
        let subscription = bus.observe("**", |_| ()).expect("a good prefix");
        bus.emitter("case", "t").emit(step(1));
        let report = thread::scope(|scope| {
            scope.spawn(|| subscription.cancel());
            bus.close(PATIENCE).expect("not strict")
        });
        assert_eq!(observer(&report, "closure(**)").counts.delivered, 1);
    }
}

/// Ends well only when there is time left to end.
struct EndsInTime;

impl Observer for EndsInTime {
    fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
        Ok(())
    }

    fn close(&self, deadline: Instant) -> Result<(), ObserverError> {
        if Instant::now() < deadline {
            Ok(())
        } else {
            Err(ObserverError::failed("no time was left"))
        }
    }
}

#[test]
fn a_queued_observer_that_hangs_takes_no_time_from_those_that_end_inline() {
    let bus = Bus::new();
    let latch = Latch::closed();
    let _open = OpenAtEnd(latch.clone());
    bus.subscribe(EndsInTime).detach();
    let hangs = Keeps { log: Log::new(), ended: Log::new(), latch };
    bus.register(hangs).queued(1, Overflow::Block).start().expect("open").detach();
    bus.emitter::<Work>("work", "w").emit(step(1));
    let report = bus.close(Duration::from_millis(50)).expect("not strict");
    let stalled: Vec<_> = report.observers.iter().map(|it| (&*it.name, it.stalled)).collect();
    let ends = report.observers.iter().find(|it| it.name.ends_with("EndsInTime")).expect("there");
    assert!(ends.is_complete(), "{ends:?} {stalled:?}");
    assert!(!report.complete);
}
