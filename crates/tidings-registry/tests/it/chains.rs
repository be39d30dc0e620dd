//! Events that observers emit, and chains of them.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tidings_core::{Emitter, Envelope, EventId, Receipt};
use tidings_registry::{Bus, Observer, ObserverError, Overflow, Verdict};

use crate::support::{
    Latch, Log, OpenAtEnd, PATIENCE, Work, assert_gapless, diagnostics, note, observer, record,
    step, types, word, words,
};

/// Emits the next number for each number below a limit.
fn count_up(bus: &Bus, limit: u32) -> Log<Receipt> {
    let (emitter, receipts) = (bus.emitter("case", "t"), Log::new());
    let log = receipts.clone();
    bus.observe("work.step", move |envelope| {
        let number: u32 = word(envelope).parse().expect("a number");
        if number < limit {
            log.push(emitter.emit(step(number + 1)));
        }
    })
    .expect("a good prefix")
    .detach();
    receipts
}

#[test]
fn what_an_observer_emits_comes_after_the_current_event_for_everybody() {
    let bus = Bus::new();
    let (first, all) = (words(&bus), record(&bus));
    let emitter = bus.emitter("case", "t");
    let receipts = Log::new();
    let (log, inner) = (receipts.clone(), emitter.clone());
    bus.observe("work.note", move |envelope| {
        let text = word(envelope);
        if text.len() < 3 {
            log.push(inner.emit(note(&format!("{text}a"))));
            log.push(inner.emit(note(&format!("{text}b"))));
        }
    })
    .expect("a good prefix")
    .detach();
    let last = words(&bus);
    assert_eq!(emitter.emit(note("x")).delivered(), 4);
    let expected = ["x", "xa", "xb", "xaa", "xab", "xba", "xbb"];
    assert_eq!(first.all(), expected);
    assert_eq!(last.all(), expected);
    assert_eq!(receipts.all(), [Receipt::Reentrant; 6]);
    let all = all.all();
    assert_gapless(&all);
    let id = |text: &str| -> EventId {
        all.iter().find(|envelope| word(envelope) == text).expect("emitted").id()
    };
    for envelope in &all {
        let text = word(envelope);
        let cause = (text.len() > 1).then(|| id(&text[..text.len() - 1]));
        assert_eq!(envelope.caused_by(), cause, "{text}");
    }
}

#[test]
fn a_chain_deeper_than_the_limit_is_cut_off_counted_and_told() {
    let bus = Bus::builder().chain_max(10).build();
    let (log, told) = (words(&bus), diagnostics(&bus));
    let receipts = count_up(&bus, u32::MAX);
    bus.emitter("case", "t").emit(step(0));
    assert_eq!(log.len(), 11);
    assert_eq!(types(&told), ["tidings.observer.chain_cut"]);
    let data = told.all()[0].data().expect("JSON").to_owned();
    assert!(
        data.contains(r#""event_type":"work.step""#) && data.contains(r#""limit":10"#),
        "{data}"
    );
    assert_eq!(receipts.all().last().expect("one").dropped(), 2);
    // The next chain has the whole length again.
    bus.emitter("case", "t").emit(step(0));
    assert_eq!(log.len(), 22);
    let report = bus.close(PATIENCE).expect("not strict");
    assert_eq!(report.cut_off, 2);
    assert!(!report.complete);
}

#[test]
fn a_chain_through_queued_observers_is_cut_off_too() {
    let bus = Bus::builder().chain_max(20).build();
    let (log, told) = (words(&bus), diagnostics(&bus));
    for name in ["even", "odd"] {
        let emitter = bus.emitter("case", "t");
        let act = move |envelope: &Arc<Envelope>| {
            let number: u32 = word(envelope).parse().expect("a number");
            if number.is_multiple_of(2) == (name == "even") {
                emitter.emit(step(number + 1));
            }
        };
        let registration = bus.register(Watch(act)).name(name);
        registration.queued(100, Overflow::Block).start().expect("open").detach();
    }
    bus.emitter("case", "t").emit(step(0));
    bus.barrier(PATIENCE).expect("it comes to an end");
    assert_eq!(log.len(), 21);
    assert_eq!(types(&told), ["tidings.observer.chain_cut"]);
    assert_eq!(bus.close(PATIENCE).expect("not strict").cut_off, 1);
}

struct Watch<F>(F);

impl<F: Fn(&Arc<Envelope>) + Send + Sync + 'static> Observer for Watch<F> {
    fn interest(&self) -> tidings_core::Interest {
        tidings_core::Interest::parse(["work"]).expect("a good prefix")
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        (self.0)(envelope);
        Ok(())
    }
}

#[test]
fn an_observer_of_diagnostics_that_emits_does_not_run_for_ever() {
    let bus = Bus::builder().chain_max(8).build();
    let emitter = bus.emitter("case", "t");
    let inner = emitter.clone();
    bus.observe("tidings", move |_| {
        inner.emit(note("said again"));
    })
    .expect("a good prefix")
    .detach();
    let failing = bus.try_on(|_: &Work, _| Err(ObserverError::failed("no")));
    emitter.emit(note("first"));
    assert!(bus.report().cut_off > 0);
    drop(failing);
}

#[test]
fn an_observer_of_diagnostics_that_fails_is_only_counted() {
    let bus = Bus::new();
    let told = diagnostics(&bus);
    bus.register(Failing).name("failing").start().expect("open").detach();
    bus.emitter("case", "t").emit(step(1));
    assert_eq!(told.len(), 1, "the failure on the event, not the one on its diagnostic");
    let report = bus.close(PATIENCE).expect("not strict");
    assert_eq!(observer(&report, "failing").counts.failed, 2);
}

struct Failing;

impl Observer for Failing {
    fn interest(&self) -> tidings_core::Interest {
        tidings_core::Interest::parse(["tidings", "**"]).expect("good prefixes")
    }

    fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
        Err(ObserverError::failed("no"))
    }
}

#[test]
fn two_buses_that_emit_to_each_other_come_to_an_end() {
    let buses = [Bus::builder().chain_max(10).build(), Bus::builder().chain_max(10).build()];
    let logs = [words(&buses[0]), words(&buses[1])];
    for (bus, other) in [(0, 1), (1, 0)] {
        let emitter = buses[other].emitter("case", "t");
        buses[bus]
            .observe("**", move |envelope| {
                let number: u32 = word(envelope).parse().expect("a number");
                emitter.emit(step(number + 1));
            })
            .expect("a good prefix")
            .detach();
    }
    buses[0].emitter("case", "t").emit(step(0));
    assert_eq!(logs[0].len(), 11);
    assert_eq!(logs[1].len(), 11);
    assert_eq!(buses[0].report().cut_off + buses[1].report().cut_off, 1);
}

#[test]
fn two_buses_that_relay_everything_to_each_other_come_to_an_end() {
    for queued in [false, true] {
        let buses = [Bus::builder().chain_max(10).build(), Bus::new()];
        let log = words(&buses[0]);
        for (bus, other) in [(0, 1), (1, 0)] {
            let target = buses[other].clone();
            let relay = Watch(move |envelope: &Arc<Envelope>| {
                target.republish(Arc::clone(envelope));
            });
            let registration = buses[bus].register(relay);
            let registration = if queued && bus == 0 {
                registration.queued(100, Overflow::Block)
            } else {
                registration
            };
            registration.start().expect("open").detach();
        }
        buses[0].emitter("case", "t").emit(step(0));
        buses[0].barrier(PATIENCE).expect("it comes to an end");
        assert_eq!(log.len(), 11, "{queued}");
        // Each keeps the other alive through its relay.
        for bus in &buses {
            bus.close(PATIENCE).expect("not strict");
        }
    }
}

#[test]
fn an_observer_may_emit_on_another_bus_at_once() {
    let (outer, inner) = (Bus::new(), Bus::new());
    let log = record(&inner);
    let emitter = inner.emitter("case", "t");
    let receipts = Log::new();
    let kept = receipts.clone();
    outer
        .observe("**", move |envelope| {
            kept.push(emitter.emit(note(&word(envelope))));
        })
        .expect("a good prefix")
        .detach();
    outer.emitter("case", "t").emit(note("x"));
    assert_eq!(receipts.all()[0].delivered(), 1);
    assert_eq!(log.all()[0].caused_by(), None, "causes do not cross buses");
}

#[test]
fn what_a_processor_emits_is_delivered_and_a_close_waits_for_all_of_it() {
    let slot = Arc::new(Mutex::new(None::<Emitter<Work>>));
    let inner = Arc::clone(&slot);
    let bus = Bus::builder()
        .processor(move |event| {
            let emitter = inner.lock().clone();
            if let (Some(emitter), true) = (emitter, event.event_type() == "work.step") {
                assert_eq!(emitter.emit(note("processed")).delivered(), 1);
            }
            Verdict::Keep
        })
        .build();
    let emitter = bus.emitter("case", "t");
    *slot.lock() = Some(emitter.clone());
    let (log, latch, entered) = (Log::new(), Latch::closed(), Latch::closed());
    let _open = OpenAtEnd(latch.clone());
    let (kept, door, bell) = (log.clone(), latch.clone(), entered.clone());
    bus.observe("**", move |envelope| {
        kept.push(word(envelope));
        if word(envelope) == "1" {
            bell.open();
            door.wait();
        }
    })
    .expect("a good prefix")
    .detach();
    let emitting = std::thread::spawn(move || emitter.emit(step(1)));
    entered.wait();
    // The emit inside the processor is over; the one around it is not.
    let report = bus.close(Duration::from_millis(20)).expect("not strict");
    assert_eq!(report.unfinished_emitters, 1);
    latch.open();
    assert_eq!(emitting.join().expect("no panic").delivered(), 1);
    assert_eq!(log.all(), ["processed", "1"]);
}
