//! The event's type follows from its pattern, however that is written.

use serde::{Deserialize, Serialize};
use tidings_assert::{Recorder, assert_events, check_events, event, test_bus};
use tidings_derive::Event;

use crate::events::{Ping, QuickTest, Status, fixture, started, step};

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[event(namespace = "generic", crate = "tidings_core")]
#[serde(bound = "T: Serialize + serde::de::DeserializeOwned")]
enum Generic<T>
where
    T: std::fmt::Debug + Clone + Send + Sync + Serialize + serde::de::DeserializeOwned + 'static,
{
    Value { value: T },
}

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[event(namespace = "outer", crate = "tidings_core")]
enum Outer {
    Own {
        n: u32,
    },
    #[event(transparent)]
    Inner(QuickTest),
}

#[test]
fn one_list_may_name_events_of_several_types() {
    let fixture = fixture();
    fixture.emitter.emit(started("x"));
    fixture.bus.emitter("ping", "p").emit(Ping { n: 7 });
    fixture.bus.emitter("g", "g").emit(Generic::Value { value: 5_u8 });
    assert_events!(fixture.recorder, exactly: [
        QuickTest::Started { test_name } if test_name == "x",
        Ping { n: 7 },
        Generic::<u8>::Value { value: 4..=5 },
    ]);
    let wrong = check_events!(fixture.recorder, exactly: [Ping { .. }, Ping { .. }, Generic::<u8>::Value { .. }]);
    assert!(wrong.is_err());
}

#[test]
fn variants_may_be_imported() {
    use QuickTest::*;
    let fixture = fixture();
    fixture.emitter.emit(started("x"));
    fixture.emitter.emit(Idle);
    fixture.emitter.emit(Note("a".to_owned(), -3));
    assert_events!(fixture.recorder, exactly: [
        Started { .. },
        Idle,
        Note(text, -5..0) if text.starts_with('a'),
    ]);
}

#[test]
fn alternatives_bindings_and_nested_patterns_are_rust() {
    let fixture = fixture();
    fixture.emitter.emit(step(3));
    fixture.emitter.emit(QuickTest::Failed { reason: Some("late".to_owned()), code: 4 });
    let limit = 5;
    assert_events!(fixture.recorder, exactly: [
        QuickTest::Idle | QuickTest::Step { status: Status::Passed | Status::Skipped, .. },
        whole @ QuickTest::Failed { reason: Some(reason), code: code @ 1..=9 }
            if reason == "late" && *code < limit && matches!(whole, QuickTest::Failed { .. }),
    ]);
    assert_events!(fixture.recorder, in_order: [
        (QuickTest::Step { .. } | QuickTest::Idle),
        QuickTest::Failed { reason, .. } if reason.as_deref() == Some("late"),
    ]);
}

#[test]
fn a_wildcard_is_any_event_and_may_have_a_guard() {
    let recorder = fixture_with_both();
    let strict = false;
    assert_events!(recorder, exactly: [_, _ if !strict]);
    assert!(check_events!(recorder, exactly: [_, _ if strict]).is_err());
}

fn fixture_with_both() -> Recorder {
    let fixture = fixture();
    fixture.emitter.emit(step(1));
    fixture.bus.emitter("ping", "p").emit(Ping { n: 1 });
    fixture.recorder
}

#[test]
fn an_embedded_event_is_heard_as_itself_and_as_its_outside() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let emitter = bus.emitter("case", "t1");
    emitter.emit(Outer::Own { n: 1 });
    emitter.emit(Outer::Inner(step(2)));
    assert_events!(recorder, in_order: [Outer::Own { n: 1 }, QuickTest::Step { n: 2, .. }]);
    assert_events!(recorder, in_order: [Outer::Inner(QuickTest::Step { n: 2, .. })]);
}

#[test]
fn a_suggestion_names_an_embedded_event_by_its_outside() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    bus.emitter("case", "t1").emit(Outer::Inner(step(2)));
    let missed = check_events!(recorder, exactly: [Outer::Inner(QuickTest::Step { n: 3, .. })]);
    let text = missed.expect_err("it is 2").to_string();
    assert!(text.contains("    Outer::Inner(..),"), "{text}");
    assert_events!(recorder, exactly: [Outer::Inner(..)]);
}

#[test]
fn a_suggestion_takes_the_path_of_an_imported_variant_from_its_type() {
    use QuickTest::Idle;
    let recorder = crate::events::recorded([step(2)]);
    let missed = check_events!(recorder, exactly: [Idle]);
    let text = missed.expect_err("it is a step").to_string();
    assert!(text.contains("    QuickTest::Step { n: 2, .. },"), "{text}");
}

#[test]
fn a_recorder_may_be_given_by_reference() {
    let recorder = std::sync::Arc::new(crate::events::recorded([step(1)]));
    let borrowed: &Recorder = &recorder;
    assert_events!(recorder, exactly: [_]);
    assert_events!(borrowed, exactly: [_]);
}

#[test]
fn an_event_that_came_from_elsewhere_is_decoded() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let emitter = bus.raw_emitter("case", "t1");
    let step = serde_json::json!({"n": 2, "status": "Passed"});
    emitter.emit("quick_test.step", step).expect("a name");
    emitter.emit("quick_test.step", serde_json::json!({"n": "two"})).expect("a name");
    assert_events!(recorder, in_order: [QuickTest::Step { n: 2, status: Status::Passed }]);
    let text = check_events!(recorder, exactly: [_, QuickTest::Step { .. }])
        .expect_err("the second is no step")
        .to_string();
    assert!(text.contains("the data does not fit the event"), "{text}");
}

#[test]
fn a_pattern_is_a_value() {
    let name = "x".to_owned();
    let pattern = event!(QuickTest::Started { test_name } if *test_name == name);
    assert_eq!(pattern.text(), "QuickTest::Started { test_name } if *test_name == name");
    let fixture = fixture();
    fixture.emitter.emit(started("x"));
    assert!(pattern.matches(&fixture.recorder.envelopes()[0]));
}

#[test]
fn a_guard_sees_the_users_variables_only() {
    let fixture = fixture();
    fixture.emitter.emit(step(3));
    let (event, hit, explain, value, envelope) = (3, 3, 3, 3, 3);
    assert_events!(fixture.recorder, exactly: [
        QuickTest::Step { n, .. }
            if [event, hit, explain, value, envelope].iter().all(|number| number == n),
    ]);
    let missed = check_events!(fixture.recorder, exactly: [
        QuickTest::Step { n: value @ 4.., .. } if *value > event + hit + explain + envelope,
    ]);
    assert!(missed.is_err());
    let by_entity = |envelope: &tidings_core::Envelope| envelope.entity().clone();
    assert_events!(fixture.recorder, per(by_entity), count: { _ => 1 });
}

/// The macros name nothing but their own crate, under whatever name it goes by.
mod renamed {
    mod facade {
        pub(super) use tidings_assert as assert;
    }

    #[test]
    fn the_macros_work_through_another_name() {
        let recorder = crate::events::recorded([crate::events::step(1)]);
        facade::assert::assert_events!(recorder, exactly: [crate::events::QuickTest::Step { n: 1, .. }]);
    }
}
