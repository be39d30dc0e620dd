//! Observers that fail, panic or never return harm nobody but themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tidings_core::{Envelope, Interest};
use tidings_registry::{Bus, Counts, Observer, ObserverError, Overflow, Strictness};

use crate::support::{
    Latch, Log, OpenAtEnd, PATIENCE, assert_balanced, diagnostics, note, observer, step, timed,
    types, words,
};

struct Act<F> {
    name: &'static str,
    act: F,
}

impl<F> Observer for Act<F>
where
    F: Fn(&Arc<Envelope>) -> Result<(), ObserverError> + Send + Sync + 'static,
{
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        (self.act)(envelope)
    }
}

/// The payload of a panic that panics again when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the payload too");
    }
}

fn misbehave(how: usize) -> Result<(), ObserverError> {
    match how {
        0 => panic!("number {how}"),
        1 => std::panic::panic_any(Bomb),
        2 => Err(ObserverError::failed("no")),
        _ => Err(ObserverError::rejected("too large")),
    }
}

#[test]
fn a_failure_is_contained_counted_told_and_in_the_receipt() {
    for queued in [false, true] {
        let bus = Bus::new();
        let (before, told) = (words(&bus), diagnostics(&bus));
        let calls = AtomicU32::new(0);
        let act =
            move |_: &Arc<Envelope>| misbehave(calls.fetch_add(1, Ordering::Relaxed) as usize % 4);
        let registration = bus.register(Act { name: "bad", act });
        let registration =
            if queued { registration.queued(10, Overflow::Block) } else { registration };
        registration.start().expect("open").detach();
        let after = words(&bus);
        let emitter = bus.emitter("case", "t");
        for number in 0..4 {
            let receipt = emitter.emit(step(number));
            assert_eq!(receipt.delivered(), 2);
            assert_eq!(
                (receipt.failed(), receipt.enqueued()),
                if queued { (0, 1) } else { (1, 0) }
            );
        }
        bus.barrier(PATIENCE).expect("nothing hangs");
        assert_eq!(before.all(), ["0", "1", "2", "3"]);
        assert_eq!(after.all(), ["0", "1", "2", "3"]);
        assert_eq!(types(&told), ["tidings.observer.failed"; 4]);
        let reasons: Vec<String> = told
            .all()
            .iter()
            .map(|envelope| {
                let data = envelope.data().expect("a diagnostic has JSON");
                let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
                assert_eq!(data["observer"], "bad");
                assert_eq!(
                    envelope.caused_by().map(|id| id.to_string()).as_deref(),
                    data["event"].as_str()
                );
                data["reason"].as_str().expect("a text").to_owned()
            })
            .collect();
        assert_eq!(reasons[0], "panicked: number 0");
        assert!(reasons[1].contains("panicked when it was dropped"), "{reasons:?}");
        assert_eq!(reasons[2..], ["no", "too large"]);
        let report = bus.close(PATIENCE).expect("not strict");
        let line = observer(&report, "bad");
        assert_eq!((line.counts.failed, line.counts.rejected, line.counts.accepted), (3, 1, 4));
        assert_eq!(line.last_error.as_deref(), Some("too large"));
        assert!(!report.complete);
    }
}

#[test]
fn a_strict_bus_closes_with_an_error_that_names_who_failed() {
    let bus = Bus::builder().strictness(Strictness::Strict).build();
    let act = |_: &Arc<Envelope>| Err(ObserverError::failed("no"));
    bus.subscribe(Act { name: "bad", act }).detach();
    bus.emitter("case", "t").emit(step(1));
    let error = bus.close(PATIENCE).expect_err("it failed");
    assert!(error.to_string().contains("`bad`"), "{error}");
    assert_eq!(error.report().observers.len(), 1);
}

#[test]
fn an_observer_goes_after_so_many_failures_in_a_row() {
    for queued in [false, true] {
        let bus = Bus::new();
        let told = diagnostics(&bus);
        let act = |envelope: &Arc<Envelope>| match crate::support::word(envelope).as_str() {
            "good" => Ok(()),
            "refused" => Err(ObserverError::rejected("no")),
            _ => Err(ObserverError::failed("no")),
        };
        let registration = bus.register(Act { name: "bad", act }).remove_after(2);
        let registration = if queued { registration.synchronous(PATIENCE) } else { registration };
        registration.start().expect("open").detach();
        let emitter = bus.emitter("case", "t");
        for text in ["bad", "good", "bad", "refused", "bad", "bad", "good"] {
            emitter.emit(note(text));
        }
        let report = bus.close(PATIENCE).expect("not strict");
        let counts = observer(&report, "bad").counts;
        assert_eq!((counts.accepted, counts.failed, counts.rejected), (5, 3, 1), "{queued}");
        let last = told.all().pop().expect("told");
        assert!(last.data().expect("JSON").contains(r#""removed":true"#));
    }
}

#[test]
fn an_inline_observer_that_never_returns_is_named_with_the_time_it_took() {
    let (bus, latch, entered) = (Bus::new(), Latch::closed(), Latch::closed());
    let _open = OpenAtEnd(latch.clone());
    let (door, bell) = (latch.clone(), entered.clone());
    let act = move |_: &Arc<Envelope>| {
        bell.open();
        door.wait();
        Ok(())
    };
    bus.subscribe(Act { name: "hung", act }).detach();
    let after = words(&bus);
    let emitter = bus.emitter("case", "t");
    let emitting = std::thread::spawn(move || emitter.emit(step(1)));
    entered.wait();
    let report = bus.report();
    let line = observer(&report, "hung");
    assert_eq!((line.counts.accepted, line.counts.pending), (1, 1));
    let first = line.busy.expect("it is busy");
    let later = bus.report();
    assert!(observer(&later, "hung").busy.expect("it is still busy") >= first);
    let barrier = bus.barrier(Duration::from_millis(20)).expect_err("it hangs");
    assert!(barrier.to_string().contains("`hung`"), "{barrier}");
    let (report, waited) = timed(|| bus.close(Duration::from_millis(50)).expect("not strict"));
    assert!(waited < PATIENCE / 2, "{waited:?}");
    let line = observer(&report, "hung");
    assert!(line.busy.is_some() && line.stalled && !report.complete, "{line}");
    assert_eq!((line.counts.pending, report.unfinished_emitters), (1, 1));
    latch.open();
    emitting.join().expect("no panic");
    assert_eq!(after.len(), 1, "the event went on after the close");
}

#[test]
fn an_observer_that_hangs_in_close_is_named_at_the_deadline() {
    struct Hangs(Latch);
    impl Observer for Hangs {
        fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
            Ok(())
        }
        fn close(&self, _: Instant) -> Result<(), ObserverError> {
            self.0.wait();
            Ok(())
        }
    }
    for queued in [false, true] {
        let (bus, latch) = (Bus::new(), Latch::closed());
        let _open = OpenAtEnd(latch.clone());
        let registration = bus.register(Hangs(latch)).name("hangs");
        let registration =
            if queued { registration.queued(1, Overflow::Block) } else { registration };
        registration.start().expect("open").detach();
        let other = words(&bus);
        bus.emitter("case", "t").emit(step(1));
        let (report, waited) = timed(|| bus.close(Duration::from_millis(50)).expect("not strict"));
        assert!(waited < PATIENCE / 2, "{waited:?}");
        assert!(observer(&report, "hangs").stalled, "{report:?}");
        assert_eq!(other.len(), 1);
    }
}

#[test]
fn flush_and_close_may_panic_and_are_told() {
    struct Panics;
    impl Observer for Panics {
        fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
            Ok(())
        }
        fn flush(&self, _: Instant) -> Result<(), ObserverError> {
            panic!("in flush")
        }
        fn close(&self, _: Instant) -> Result<(), ObserverError> {
            panic!("in close")
        }
    }
    let bus = Bus::new();
    bus.register(Panics).name("panics").start().expect("open").detach();
    bus.emitter("case", "t").emit(step(1));
    let barrier = bus.barrier(PATIENCE).expect_err("the flush panicked");
    assert!(barrier.to_string().contains("`panics`: panicked: in flush"), "{barrier}");
    let error = |report: &tidings_registry::Report| observer(report, "panics").last_error.clone();
    assert_eq!(error(&bus.report()).as_deref(), Some("failed to flush: panicked: in flush"));
    let report = bus.close(PATIENCE).expect("not strict");
    assert_eq!(error(&report).as_deref(), Some("failed to close: panicked: in close"));
}

#[test]
fn a_payload_whose_encoding_panics_harms_nobody() {
    #[derive(Debug)]
    struct Rude;
    impl serde::Serialize for Rude {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("no JSON of me")
        }
    }
    impl<'de> serde::Deserialize<'de> for Rude {
        fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            Ok(Self)
        }
    }
    #[derive(Debug, serde::Serialize, serde::Deserialize, tidings_derive::Event)]
    #[event(namespace = "rude", crate = "tidings_core")]
    enum Bad {
        Event { rude: Rude },
    }
    let dedup = tidings_registry::Dedup::by_content(10, Duration::from_mins(1));
    let bus = Bus::builder().dedup(dedup).build();
    let log = words(&bus);
    let told = diagnostics(&bus);
    let act = |envelope: &Arc<Envelope>| {
        envelope.data().map(drop).map_err(|_| ObserverError::rejected("?"))
    };
    bus.register(Act { name: "deduplicating", act }).dedup(dedup).start().expect("open").detach();
    let queued = bus.register(Act { name: "queued", act }).dedup(dedup);
    queued.queued(10, Overflow::Block).start().expect("open").detach();
    let emitter = bus.emitter::<Bad>("case", "t");
    for _ in 0..2 {
        assert_eq!(emitter.emit(Bad::Event { rude: Rude }).delivered(), 1);
    }
    bus.emitter("case", "t").emit(note("after"));
    bus.barrier(PATIENCE).expect("nobody died");
    assert_eq!(log.all(), ["rude.event", "rude.event", "after"]);
    assert_eq!(told.len(), 4);
    let report = bus.close(PATIENCE).expect("not strict");
    for name in ["deduplicating", "queued"] {
        let counts = observer(&report, name).counts;
        assert_eq!((counts.failed, counts.delivered), (2, 1), "{name}");
    }
}

#[test]
fn an_observer_with_counts_of_its_own_is_balanced_at_any_time() {
    /// Counts an event as delivered before the call that hands it over returns.
    struct Ahead {
        delivered: AtomicU32,
        latch: Latch,
        entered: Latch,
    }
    impl Observer for Ahead {
        fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
            self.delivered.fetch_add(1, Ordering::Relaxed);
            self.entered.open();
            self.latch.wait();
            Ok(())
        }
        fn counts(&self) -> Option<Counts> {
            Some(Counts {
                delivered: u64::from(self.delivered.load(Ordering::Relaxed)),
                ..Counts::default()
            })
        }
    }
    let (bus, latch, entered) = (Bus::new(), Latch::closed(), Latch::closed());
    let _open = OpenAtEnd(latch.clone());
    let ahead =
        Ahead { delivered: AtomicU32::new(0), latch: latch.clone(), entered: entered.clone() };
    let registration = bus.register(ahead).name("ahead");
    registration.queued(10, Overflow::Block).start().expect("open").detach();
    let emitter = bus.emitter("case", "t");
    emitter.emit(step(1));
    emitter.emit(step(2));
    entered.wait();
    let counts = observer(&bus.report(), "ahead").counts;
    assert_eq!((counts.accepted, counts.delivered, counts.pending), (2, 1, 1));
    latch.open();
    let counts = observer(&bus.close(PATIENCE).expect("not strict"), "ahead").counts;
    assert_eq!((counts.accepted, counts.delivered, counts.pending), (2, 2, 0));
}

#[test]
fn an_observer_may_use_its_bus_in_its_own_questions() {
    struct Curious(Bus, Log<usize>);
    impl Observer for Curious {
        fn interest(&self) -> Interest {
            self.1.push(self.0.report().observers.len());
            Interest::everything()
        }
        fn kind(&self) -> &'static str {
            self.1.push(self.0.report().observers.len());
            "curious"
        }
        fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
            assert_balanced(&self.0.report());
            Ok(())
        }
        fn needs_close(&self) -> bool {
            panic!("who asks?")
        }
    }
    let bus = Bus::new();
    let _first = bus.observe("**", |_| ()).expect("a good prefix");
    let asked = Log::new();
    let curious = bus.subscribe(Curious(bus.clone(), asked.clone()));
    assert_eq!(bus.emitter("case", "t").emit(step(1)).delivered(), 2);
    assert!(asked.all().iter().all(|observers| *observers == 1), "{asked:?}");
    curious.cancel_and_wait(PATIENCE).expect("nothing hangs");
}
