//! What a recorder keeps, and for how long.

use std::sync::Barrier;
use std::time::Duration;

use tidings_assert::{Recorder, assert_events, check_events, test_bus};
use tidings_core::Interest;

use crate::events::{Ping, QuickTest, fixture, recorded, started, step};

#[test]
fn events_of_all_threads_are_kept_each_thread_in_order() {
    const THREADS: u32 = 4;
    const EVENTS: u32 = 200;
    let fixture = fixture();
    let start = Barrier::new(THREADS as usize);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (emitter, start) = (fixture.bus.emitter("thread", &thread.to_string()), &start);
            scope.spawn(move || {
                start.wait();
                for n in 0..EVENTS {
                    emitter.emit(step(n));
                }
            });
        }
    });
    assert_eq!(fixture.recorder.len(), (THREADS * EVENTS) as usize);
    for thread in 0..THREADS {
        let own = |n: &u32| *n < EVENTS;
        let entity = thread.to_string();
        let numbers: Vec<u32> = fixture
            .recorder
            .envelopes()
            .iter()
            .filter(|envelope| envelope.entity().id() == entity)
            .filter_map(|envelope| match envelope.event::<QuickTest>() {
                Ok(Some(event)) => match &*event {
                    QuickTest::Step { n, .. } => Some(*n).filter(own),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        assert_eq!(numbers, (0..EVENTS).collect::<Vec<_>>());
    }
}

#[test]
fn a_recorder_goes_to_any_thread_and_through_a_caught_panic() {
    fn check<T: Send + Sync + std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}
    check::<Recorder>();
}

#[test]
fn typed_events_are_those_of_the_type() {
    let fixture = fixture();
    fixture.emitter.emit(started("x"));
    fixture.bus.emitter("ping", "p").emit(Ping { n: 1 });
    let raw = serde_json::json!({"n": 2});
    fixture.bus.raw_emitter("ping", "p").emit("other.ping", raw).expect("a name");
    assert_eq!(fixture.recorder.events::<Ping>(), [Ping { n: 1 }, Ping { n: 2 }]);
    assert_eq!(fixture.recorder.events::<QuickTest>(), [started("x")]);
}

#[test]
fn a_recorder_hears_only_what_it_is_interested_in() {
    let (bus, _clock) = test_bus();
    let interest = Interest::parse(["other"]).expect("a prefix");
    let recorder = Recorder::with_interest(&bus, interest);
    bus.emitter("case", "t1").emit(started("x"));
    bus.emitter("ping", "p").emit(Ping { n: 1 });
    assert_events!(recorder, exactly: [Ping { n: 1 }]);
}

#[test]
fn a_recorder_that_is_dropped_is_off_the_bus() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let clone = recorder.clone();
    drop(recorder);
    bus.emitter("case", "t1").emit(step(1));
    assert_eq!(clone.len(), 1);
    drop(clone);
    assert_eq!(bus.emitter("case", "t1").emit(step(2)).tally().delivered, 0);
}

#[test]
fn a_new_recorder_records_once_it_is_subscribed() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::new();
    bus.emitter("case", "t1").emit(step(1));
    let _subscription = bus.subscribe(recorder.clone());
    bus.emitter("case", "t1").emit(step(2));
    assert_eq!(recorder.events::<QuickTest>(), [step(2)]);
}

#[test]
fn a_cleared_recorder_counts_from_one_again() {
    let fixture = fixture();
    fixture.emitter.emit(step(1));
    fixture.recorder.clear();
    assert!(fixture.recorder.is_empty());
    fixture.emitter.emit(step(2));
    let transcript = fixture.recorder.transcript();
    assert_eq!(transcript, "#1 quick_test.step case/t1 { n: 2, status: Passed }\n");
}

#[test]
fn what_fell_out_of_a_bounded_recorder_fails_every_assertion_until_it_is_cleared() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::bounded(2);
    let _subscription = bus.subscribe(recorder.clone());
    let emitter = bus.emitter("case", "t1");
    emitter.emit(step(1));
    emitter.emit(step(2));
    assert_events!(recorder, exactly: [_, _]);
    emitter.emit(step(3));
    assert_eq!(recorder.events::<QuickTest>(), [step(2), step(3)]);
    let text = check_events!(recorder, never: QuickTest::Idle).expect_err("a hole").to_string();
    assert_eq!(text, "1 event fell out of a recorder that keeps 2: nothing can be asserted\n");
    recorder.clear();
    assert_events!(recorder, exactly: []);
}

#[test]
fn a_guard_may_emit() {
    let fixture = fixture();
    fixture.emitter.emit(step(1));
    let emits = || fixture.emitter.emit(step(2)).tally().delivered == 1;
    assert_events!(fixture.recorder, exactly: [QuickTest::Step { .. } if emits()]);
    assert_eq!(fixture.recorder.len(), 2);
}

#[test]
fn diagnostics_are_not_recorded() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let _failing = bus
        .observe("quick_test", |_: &std::sync::Arc<tidings_core::Envelope>| {
            Err(tidings_registry::ObserverError::failed("no"))
        })
        .expect("a prefix");
    bus.emitter("case", "t1").emit(step(1));
    bus.barrier(Duration::from_secs(10)).expect("in time");
    assert_events!(recorder, exactly: [QuickTest::Step { .. }]);
}

#[test]
fn recordings_with_equal_content_are_the_same() {
    let left = recorded([started("x"), QuickTest::Completed { steps: 1, seconds: 0.1 }]);
    let right = recorded([started("x"), QuickTest::Completed { steps: 1, seconds: 0.2 }]);
    tidings_assert::assert_same_events!(left, right);
    let other = recorded([started("x"), QuickTest::Completed { steps: 2, seconds: 0.1 }]);
    assert!(left.same_as(&other).is_err());
    assert!(left.same_as(&fixture().recorder).is_err());
    assert!(fixture().recorder.same_as(&fixture().recorder).is_err());
}
