//! Snapshots leave out what differs by nature: one thread's events are the same text in every run.

use std::time::Duration;

use expect_test::expect;
use serde_json::json;
use tidings_assert::{Recorder, test_bus};

use crate::events::{QuickTest, completed, failed, fixture, recorded, started, step};

#[test]
fn volatile_fields_are_replaced_by_their_names() {
    let recorder = recorded([started("a \"quoted\" \u{1b}[2Jname"), completed(3), failed(-1)]);
    expect![[r##"
        #1 quick_test.started case/t1 { test_name: "a \"quoted\" \u001b[2Jname" }
        #2 quick_test.done case/t1 { seconds: [seconds], steps: 3 }
        #3 quick_test.failed case/t1 { code: -1, reason: null }
    "##]]
    .assert_eq(&recorder.snapshot().to_string());
}

#[test]
fn ids_have_the_same_alias_wherever_they_are() {
    let (bus, clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let first = bus.raw_emitter("run", bus.run());
    first.emit("a.first", json!({"bus": bus.id().to_string()})).expect("a name");
    clock.advance(Duration::from_millis(1500));
    let id = recorder.envelopes()[0].id().to_string();
    let unknown = format!("{}.7.7", bus.id());
    first
        .emit(
            "a.second",
            json!({"text": format!("after {id}, of {} and run-10, {unknown}", bus.run())}),
        )
        .expect("a name");
    expect![[r##"
        #1 a.first run/run#1 { bus: "bus#1" }
        #2 a.second run/run#1 { text: "after #1, of run#1 and run-10, event#1" }
    "##]]
    .assert_eq(&recorder.snapshot().to_string());
    expect![[r##"
        #1 2000-01-01T00:00:00.000000000Z a.first run/run#1 { bus: "bus#1" } from run#1 node#1 bus#1 lane#1
        #2 2000-01-01T00:00:01.500000000Z a.second run/run#1 { text: "after #1, of run#1 and run-10, event#1" } from run#1 node#1 bus#1 lane#1
    "##]].assert_eq(&recorder.snapshot().with_times().with_origins().to_string());
}

#[test]
fn a_caused_event_names_its_cause() {
    let fixture = fixture();
    let echo = fixture.emitter.clone();
    let _subscription = fixture.bus.on(move |event: &QuickTest, _: &_| {
        if let QuickTest::Started { .. } = event {
            echo.emit(QuickTest::Idle);
        }
    });
    fixture.emitter.emit(started("x"));
    expect![[r##"
        #1 quick_test.started case/t1 { test_name: "x" }
        #2 quick_test.idle case/t1 caused by #1
    "##]]
    .assert_eq(&fixture.recorder.snapshot().to_string());
}

#[test]
fn a_redaction_reaches_into_lists_and_entities() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    bus.raw_emitter("case", "t-4711")
        .emit("a.b", json!({"items": [{"id": 1, "k": "x"}, {"id": 2}], "big": 12_345_678_901_234_567_890_u64}))
        .expect("a name");
    let snapshot = recorder
        .snapshot()
        .redact("data.items.*.id")
        .and_then(|snapshot| snapshot.redact("entity.case"))
        .expect("both are there");
    expect![[r##"
        #1 a.b case/[case] { big: 12345678901234567890, items: [{ id: [id], k: "x" }, { id: [id] }] }
    "##]].assert_eq(&snapshot.to_string());
}

#[test]
fn a_redaction_that_redacts_nothing_is_an_error() {
    let recorder = recorded([step(1)]);
    let error = recorder.snapshot().redact("data.seconds").expect_err("no such field");
    assert_eq!(
        error.to_string(),
        "the redaction `data.seconds` matched nothing in 1 recorded events"
    );
    let error = recorder.snapshot().redact("seconds").expect_err("no such root");
    assert_eq!(
        error.to_string(),
        "`seconds` is no path to redact: `data.name`, `data.list.*.name` or `entity.kind` is \
         expected"
    );
    assert!(recorder.snapshot().redact("entity.suite").is_err());
    assert!(recorder.snapshot().redact("data.n").is_ok());
}

#[test]
fn an_event_without_json_is_shown_by_its_fields() {
    let recorder = recorded([QuickTest::Completed { steps: 1, seconds: f64::NAN }]);
    let text = recorder.snapshot().to_string();
    assert!(
        text.starts_with("#1 quick_test.done case/t1 { steps: 1, seconds: [seconds] }"),
        "{text}"
    );
    assert!(text.contains("without JSON"), "{text}");
}

#[test]
fn two_runs_have_one_text() {
    let run = || {
        let (bus, clock) = test_bus();
        let recorder = Recorder::on(&bus);
        let emitter = bus.emitter("case", "t1");
        emitter.emit(started("x"));
        clock.advance(Duration::from_secs(1));
        emitter.emit(completed(1));
        recorder.snapshot().with_times().with_origins().to_string()
    };
    assert_eq!(run(), run());
}

#[test]
fn nothing_recorded_is_said() {
    assert_eq!(fixture().recorder.snapshot().to_string(), "(nothing was recorded)\n");
}
