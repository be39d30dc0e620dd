//! What is suggested asks no less than what was written, or says that it does.

use expect_test::expect;
use serde::{Deserialize, Serialize};
use tidings_assert::{Expectation, Recorder, assert_events, check_events, event, test_bus};
use tidings_derive::Event;

use crate::events::{QuickTest, Status, check, fixture, recorded, started, step};

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[event(namespace = "my.log", crate = "tidings_core")]
enum Log {
    Line { text: String, level: u8 },
    Flushed,
}

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[event(namespace = "my.case", crate = "tidings_core")]
enum My {
    Started {
        name: String,
    },
    #[event(transparent)]
    Log(Log),
}

fn line(text: &str) -> My {
    My::Log(Log::Line { text: text.to_owned(), level: 1 })
}

fn log(events: impl IntoIterator<Item = My>) -> Recorder {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let emitter = bus.emitter("case", "c1");
    for event in events {
        emitter.emit(event);
    }
    recorder
}

#[test]
fn a_guard_that_compares_with_literals_gets_the_new_values() {
    let recorder = log([line("in c1")]);
    check(
        check_events!(recorder, exactly: [My::Log(Log::Line { text, .. }) if text == "x"]),
        &expect![[r#"
                exactly: [
                    My::Log(Log::Line { text, .. }) if text == "in c1",
                ]
        "#]],
    );
    check(
        check_events!(recorder, exactly: [My::Log(Log::Line { text, level }) if text == "in c1" && *level == 3]),
        &expect![[r#"
                exactly: [
                    My::Log(Log::Line { text, level }) if text == "in c1" && *level == 1,
                ]
        "#]],
    );
}

#[test]
fn a_guard_that_cannot_be_corrected_is_dropped_and_that_is_said() {
    let recorder = log([line("in c1")]);
    check(
        check_events!(recorder, exactly: [My::Log(Log::Line { text, .. }) if text.len() > 9]),
        &expect![[r#"
                exactly: [
                    My::Log(Log::Line { text, .. }), // less strict than before
                ]
        "#]],
    );
    let strict = false;
    check(
        check_events!(recorded([step(1)]), exactly: [QuickTest::Step { n: 1, .. } if strict]),
        &expect![[r#"
                exactly: [
                    QuickTest::Step { n: 1, .. }, // less strict than before
                ]
        "#]],
    );
}

#[test]
fn a_field_that_cannot_be_written_is_left_out_and_that_is_said() {
    let failed = QuickTest::Failed { reason: Some("late".to_owned()), code: 1 };
    check(
        check_events!(recorded([failed]), exactly: [QuickTest::Failed { reason: None, code: 1 }]),
        &expect![[r#"
                exactly: [
                    QuickTest::Failed { code: 1, .. }, // less strict than before
                ]
        "#]],
    );
    check(
        check_events!(log([line("x")]), exactly: [My::Log(Log::Line { level: 2, .. })]),
        &expect![[r#"
                exactly: [
                    My::Log(..), // less strict than before
                ]
        "#]],
    );
}

#[test]
fn values_in_place_of_a_guard_are_no_less_strict() {
    let limit = 3;
    check(
        check_events!(recorded([step(7)]), exactly: [QuickTest::Step { n, status: Status::Passed } if *n < limit]),
        &expect![[r#"
                exactly: [
                    QuickTest::Step { n: 7, status: Status::Passed },
                ]
        "#]],
    );
}

#[test]
fn an_embedded_event_is_written_with_the_path_of_its_enum() {
    let recorder = log([My::Started { name: "x".to_owned() }, line("a"), My::Log(Log::Flushed)]);
    check(
        check_events!(recorder, exactly: [My::Started { .. }]),
        &expect![[r#"
            exactly: [
                My::Started { .. },
                My::Log(..),
                My::Log(..),
            ]
    "#]],
    );
}

#[test]
fn an_event_of_an_unnamed_type_in_place_of_a_named_one_is_less_strict() {
    check(
        check_events!(recorded([step(1)]), exactly: [My::Started { .. }]),
        &expect![[r#"
            exactly: [
                _ /* quick_test.step */, // less strict than before
            ]
    "#]],
    );
}

#[test]
fn a_group_is_not_corrected_because_the_others_would_break() {
    let fixture = fixture();
    for id in ["t1", "t2"] {
        fixture.bus.emitter("case", id).emit(started(id));
    }
    let mismatch = check_events!(
        fixture.recorder,
        per(|envelope| envelope.entity()),
        exactly: [QuickTest::Started { test_name } if test_name == "t1"],
    );
    expect![[r#"
        per `case/t2` (1 of 2 groups fail): exactly: expected 1 event, recorded 1: 1 different

            expected                                              │ actual
          ✗ QuickTest::Started { test_name } if test_name == "t1" │ #2 quick_test.started { test_name: "t2" }
                                                                  │    guard `test_name == "t1"` is false (test_name = "t2")

          (in group `case/t2`; a correction would go for every group)
    "#]].assert_eq(&mismatch.expect_err("t2 differs").to_string());
}

#[test]
fn a_named_pattern_is_shown_by_its_name_and_suggested_as_it_was_written() {
    let patterns = (1..=3).map(|wanted| {
        event!(move QuickTest::Step { n, .. } if *n == wanted).named(format!("step\n{wanted}"))
    });
    let mismatch = recorded([step(1), step(3)]).check(&[Expectation::exactly(patterns)]);
    expect![[r#"
        exactly: expected 3 events, recorded 2: 1 missing

            expected │ actual
          ✓ step\n1  │ #1 quick_test.step { n: 1, status: Passed }
          − step\n2  │ missing; nearest miss is #1: guard `*n == wanted` is false (n = 1)
          ✓ step\n3  │ #2 quick_test.step { n: 3, status: Passed }

        this would hold:

            exactly: [
                QuickTest::Step { n, .. } if *n == wanted,
                QuickTest::Step { n, .. } if *n == wanted,
            ]
    "#]]
    .assert_eq(&mismatch.expect_err("one is missing").to_string());
}

/// The suggestions above, pasted.
#[test]
fn what_is_suggested_compiles_and_holds() {
    let recorder = log([line("in c1")]);
    assert_events!(recorder, exactly: [
        My::Log(Log::Line { text, .. }) if text == "in c1",
    ]);
    assert_events!(recorder, exactly: [
        My::Log(Log::Line { text, level }) if text == "in c1" && *level == 1,
    ]);
    assert_events!(recorder, exactly: [
        My::Log(Log::Line { text, .. }), // less strict than before
    ]);
    let recorder = log([My::Started { name: "x".to_owned() }, line("a"), My::Log(Log::Flushed)]);
    assert_events!(recorder, exactly: [
        My::Started { .. },
        My::Log(..),
        My::Log(..),
    ]);
}
