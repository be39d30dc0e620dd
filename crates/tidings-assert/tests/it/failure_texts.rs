//! The text of a failure is what this crate is for.

use expect_test::{Expect, expect};
use tidings_assert::{Mismatch, assert_events, check_events};

use crate::events::{Ping, QuickTest, Status, completed, failed, fixture, recorded, started, step};

fn check(result: Result<(), Mismatch>, expected: &Expect) {
    expected.assert_eq(&result.expect_err("it does not hold").to_string());
}

#[test]
fn exactly_with_one_missing_one_different_and_one_too_many() {
    let recorder = recorded([started("y"), step(3), failed(7), completed(3)]);
    check(
        check_events!(recorder, exactly: [
            QuickTest::Started { test_name, .. } if test_name == "x",
            QuickTest::Note(..),
            QuickTest::Step { n: 1..=2, status: Status::Passed },
            QuickTest::Completed { steps: 3, .. },
        ]),
        &expect![[r#"
            exactly: expected 4 events, recorded 4: 2 different, 1 missing, 1 unexpected

                expected                                                 │ actual
              ✗ QuickTest::Started { test_name, .. } if test_name == "x" │ #1 quick_test.started { test_name: "y" }
                                                                         │    guard `test_name == "x"` is false (test_name = "y")
              − QuickTest::Note(..)                                      │ missing
              ✗ QuickTest::Step { n: 1..=2, status: Status::Passed }     │ #2 quick_test.step { n: 3, status: Passed }
                                                                         │    field `n`: expected 1..=2, got 3
              +                                                          │ #3 quick_test.failed { reason: None, code: 7 }
              ✓ QuickTest::Completed { steps: 3, .. }                    │ #4 quick_test.done { steps: 3, seconds: 0.25 }

            this would hold:

                exactly: [
                    QuickTest::Started { test_name, .. } if test_name == "y",
                    QuickTest::Step { n: 3, status: Status::Passed },
                    QuickTest::Failed { code: 7, .. },
                    QuickTest::Completed { steps: 3, .. },
                ]
        "#]],
    );
}

#[test]
fn exactly_with_two_events_swapped() {
    let recorder = recorded([started("x"), completed(1), step(1)]);
    check(
        check_events!(recorder, exactly: [
            QuickTest::Started { .. },
            QuickTest::Step { .. },
            QuickTest::Completed { .. },
        ]),
        &expect![[r#"
            exactly: expected 3 events, recorded 3: 1 missing, 1 unexpected

                expected                    │ actual
              ✓ QuickTest::Started { .. }   │ #1 quick_test.started { test_name: "x" }
              − QuickTest::Step { .. }      │ missing; found later at #3
              ✓ QuickTest::Completed { .. } │ #2 quick_test.done { steps: 1, seconds: 0.25 }
              +                             │ #3 quick_test.step { n: 1, status: Passed }

            this would hold:

                exactly: [
                    QuickTest::Started { .. },
                    QuickTest::Completed { .. },
                    QuickTest::Step { n: 1, .. },
                ]
        "#]],
    );
}

#[test]
fn exactly_with_another_event_in_its_place() {
    let recorder = recorded([started("x"), failed(2)]);
    check(
        check_events!(recorder, exactly: [QuickTest::Started { .. }, QuickTest::Completed { .. }]),
        &expect![[r#"
            exactly: expected 2 events, recorded 2: 1 different

                expected                    │ actual
              ✓ QuickTest::Started { .. }   │ #1 quick_test.started { test_name: "x" }
              ✗ QuickTest::Completed { .. } │ #2 quick_test.failed { reason: None, code: 2 }
                                            │    expected `QuickTest::Completed`, got quick_test.failed

            this would hold:

                exactly: [
                    QuickTest::Started { .. },
                    QuickTest::Failed { code: 2, .. },
                ]
        "#]],
    );
}

#[test]
fn exactly_in_a_long_recording() {
    let recorder = recorded((0..60).map(|n| step(n % 7)));
    let expected = (0..60).map(|n| n % 7).enumerate().filter(|(index, _)| *index != 30);
    let numbers: Vec<u32> = expected.map(|(_, n)| n).collect();
    let patterns = numbers
        .iter()
        .map(|wanted| tidings_assert::event!(move QuickTest::Step { n, .. } if n == wanted));
    let mismatch = recorder.check(&[tidings_assert::Expectation::exactly(patterns)]);
    let text = mismatch.expect_err("one too many").to_string();
    let table = text.split("\nthis would hold").next().unwrap_or_default();
    expect![[r#"
        exactly: expected 59 events, recorded 60: 1 unexpected

            expected                                 │ actual
            … 28 more …
          ✓ QuickTest::Step { n, .. } if n == wanted │ #29 quick_test.step { n: 0, status: Passed }
          ✓ QuickTest::Step { n, .. } if n == wanted │ #30 quick_test.step { n: 1, status: Passed }
          +                                          │ #31 quick_test.step { n: 2, status: Passed }
          ✓ QuickTest::Step { n, .. } if n == wanted │ #32 quick_test.step { n: 3, status: Passed }
          ✓ QuickTest::Step { n, .. } if n == wanted │ #33 quick_test.step { n: 4, status: Passed }
            … 27 more …
    "#]]
    .assert_eq(table);
}

#[test]
fn exactly_with_events_of_other_types_and_nasty_values() {
    let fixture = fixture();
    fixture.emitter.emit(started(&format!("\u{1b}[31m{}", "long ".repeat(60))));
    fixture.bus.emitter("ping", "p\n1").emit(Ping { n: 1 });
    fixture
        .bus
        .raw_emitter("x", "y")
        .emit("foreign.thing", serde_json::json!([1, 2]))
        .expect("a name");
    check(
        check_events!(fixture.recorder, exactly: [Ping { n: 2 }]),
        &expect![[r#"
            exactly: expected 1 event, recorded 3: 1 different, 2 unexpected

                expected      │ actual
              +               │ #1 quick_test.started case/t1 { test_name: "\u{1b}[31mlong long long long long long long long long long long long long long long long long long long long long …
              ✗ Ping { n: 2 } │ #2 other.ping ping/p\n1 { n: 1 }
                              │    field `n`: expected 2, got 1
              +               │ #3 foreign.thing x/y [1,2]

            this would hold:

                exactly: [
                    _ /* quick_test.started */,
                    Ping { n: 1 },
                    _ /* foreign.thing */,
                ]
        "#]],
    );
}

#[test]
fn a_guard_shows_the_values_it_was_about() {
    let recorder = recorded([QuickTest::Note("a".to_owned(), 5)]);
    let limit = 3;
    check(
        check_events!(recorder, exactly: [QuickTest::Note(text, number) if text == "a" && *number < limit]),
        &expect![[r#"
            exactly: expected 1 event, recorded 1: 1 different

                expected                                                        │ actual
              ✗ QuickTest::Note(text, number) if text == "a" && *number < limit │ #1 quick_test.note { 0: "a", 1: 5 }
                                                                                │    guard `text == "a" && *number < limit` is false (text = "a", number = 5)

            this would hold:

                exactly: [
                    QuickTest::Note(value_0, 5) if value_0 == "a",
                ]
        "#]],
    );
}

#[test]
fn an_alternative_shows_the_nearer_case() {
    let recorder = recorded([step(9)]);
    check(
        check_events!(recorder, exactly: [QuickTest::Idle | QuickTest::Step { n: 1, status: Status::Skipped } | QuickTest::Step { n: 2, status: Status::Passed }]),
        &expect![[r#"
            exactly: expected 1 event, recorded 1: 1 different

                expected                                                                 │ actual
              ✗ QuickTest::Idle | QuickTest::Step { n: 1, status: Status::Skipped } | Q… │ #1 quick_test.step { n: 9, status: Passed }
                                                                                         │    field `n`: expected 2, got 9

            this would hold:

                exactly: [
                    QuickTest::Step { n: 9, status: Status::Passed },
                ]
        "#]],
    );
}

#[test]
fn in_order_with_an_event_that_came_too_early() {
    let recorder = recorded([completed(1), started("x"), step(1), step(2)]);
    check(
        check_events!(recorder, in_order: [
            QuickTest::Started { .. },
            QuickTest::Completed { .. },
            QuickTest::Step { n: 2, .. },
        ]),
        &expect![[r#"
            in_order: 1 of 3 expected events is not in its place among 4 recorded events

                expected                     │ actual
                                             │ #1 quick_test.done { steps: 1, seconds: 0.25 }
              ✓ QuickTest::Started { .. }    │ #2 quick_test.started { test_name: "x" }
              − QuickTest::Completed { .. }  │ missing; found earlier at #1
                                             │ #3 quick_test.step { n: 1, status: Passed }
              ✓ QuickTest::Step { n: 2, .. } │ #4 quick_test.step { n: 2, status: Passed }

            this would hold:

                in_order: [
                    QuickTest::Completed { .. },
                    QuickTest::Started { .. },
                    QuickTest::Step { n: 2, .. },
                ]
        "#]],
    );
}

#[test]
fn in_order_asked_for_twice_and_there_once() {
    let recorder = recorded([step(1), step(2)]);
    check(
        check_events!(recorder, in_order: [
            QuickTest::Step { n: 1, .. },
            QuickTest::Step { n: 1, .. },
        ]),
        &expect![[r#"
            in_order: 1 of 2 expected events is not in its place among 2 recorded events

                expected                     │ actual
              ✓ QuickTest::Step { n: 1, .. } │ #1 quick_test.step { n: 1, status: Passed }
              − QuickTest::Step { n: 1, .. } │ missing; nearest miss is #2: field `n`: expected 1, got 2
                                             │ #2 quick_test.step { n: 2, status: Passed }

            this would hold:

                in_order: [
                    QuickTest::Step { n: 1, .. },
                ]
        "#]],
    );
}

#[test]
fn any_order_with_something_left_on_both_sides() {
    let recorder = recorded([step(2), started("x"), step(3)]);
    check(
        check_events!(recorder, any_order: [
            QuickTest::Step { n: 2, .. },
            QuickTest::Step { n: ..=2, .. },
            QuickTest::Completed { .. },
            QuickTest::Started { .. },
        ]),
        &expect![[r#"
            any_order: 2 of 4 expected events have no events of their own, 1 recorded event left over

                expected                        │ actual
              ✓ QuickTest::Step { n: 2, .. }    │ #1 quick_test.step { n: 2, status: Passed }
              − QuickTest::Step { n: ..=2, .. } │ missing; only #1 fits, and another pattern needs it
              − QuickTest::Completed { .. }     │ missing
              ✓ QuickTest::Started { .. }       │ #2 quick_test.started { test_name: "x" }
                                                │ #3 quick_test.step { n: 3, status: Passed }

            this would hold:

                any_order: [
                    QuickTest::Step { n: 2, .. },
                    QuickTest::Started { .. },
                ]
        "#]],
    );
}

#[test]
fn never_shows_the_first_offenders() {
    let recorder = recorded((0..9).map(step));
    check(
        check_events!(recorder, never: [QuickTest::Idle, QuickTest::Step { n: 2.., .. }]),
        &expect![[r#"
            never: 7 of 9 recorded events should not be there, the first is #3

                forbidden                      │ actual
              ✗ QuickTest::Step { n: 2.., .. } │ #3 quick_test.step { n: 2, status: Passed }
              ✗ QuickTest::Step { n: 2.., .. } │ #4 quick_test.step { n: 3, status: Passed }
              ✗ QuickTest::Step { n: 2.., .. } │ #5 quick_test.step { n: 4, status: Passed }
              ✗ QuickTest::Step { n: 2.., .. } │ #6 quick_test.step { n: 5, status: Passed }
              ✗ QuickTest::Step { n: 2.., .. } │ #7 quick_test.step { n: 6, status: Passed }

              … 2 more …

            this would hold:

                count: {
                    QuickTest::Step { n: 2.., .. } => 7,
                }
        "#]],
    );
}

#[test]
fn count_shows_which_events_were_counted() {
    let recorder = recorded([step(1), step(2), step(3), started("x")]);
    check(
        check_events!(recorder, count: {
            QuickTest::Step { .. } => 1..=2,
            QuickTest::Step { n: 4, .. } => 1..,
            QuickTest::Started { .. } => 1,
        }),
        &expect![[r#"
            count: expected 1..=2 of `QuickTest::Step { .. }`, found 3

                expected                            │ actual
              ✗ QuickTest::Step { .. } => 1..=2     │ 3 (#1, #2, #3)
              ✗ QuickTest::Step { n: 4, .. } => 1.. │ 0
                                                    │    nearest miss is #1: field `n`: expected 4, got 1
              ✓ QuickTest::Started { .. } => 1      │ 1 (#4)

            this would hold:

                count: {
                    QuickTest::Step { .. } => 3,
                    QuickTest::Step { n: 4, .. } => 0,
                    QuickTest::Started { .. } => 1,
                }
        "#]],
    );
}

#[test]
fn per_names_the_group() {
    let fixture = fixture();
    let emitters = ["t1", "t2", "t3"].map(|id| fixture.bus.emitter("case", id));
    for emitter in &emitters {
        emitter.emit(started("x"));
    }
    emitters[0].emit(completed(1));
    check(
        check_events!(
            fixture.recorder,
            per(|envelope| envelope.entity()),
            exactly: [QuickTest::Started { .. }, QuickTest::Completed { .. }],
        ),
        &expect![[r#"
            per `case/t2` (2 of 3 groups fail): exactly: expected 2 events, recorded 1: 1 missing

                expected                    │ actual
              ✓ QuickTest::Started { .. }   │ #2 quick_test.started { test_name: "x" }
              − QuickTest::Completed { .. } │ missing

              it also fails for `case/t3`
              (in group `case/t2`; a correction would go for every group)
        "#]],
    );
}

#[test]
fn starts_before_finish_names_what_is_not_paired() {
    let fixture = fixture();
    let other = fixture.bus.emitter("case", "t2");
    fixture.emitter.emit(started("x"));
    other.emit(completed(1));
    other.emit(started("y"));
    check(
        check_events!(fixture.recorder, starts_before_finish),
        &expect![[r#"
            starts_before_finish: 2 beginnings without an end, 1 end without a beginning

                expected               │ actual
              − an end of case/t1      │ #1 quick_test.started { test_name: "x" }
                                       │    nothing ends it
              − a beginning of case/t2 │ #2 quick_test.done { steps: 1, seconds: 0.25 }
                                       │    begins later at #3
              − an end of case/t2      │ #3 quick_test.started { test_name: "y" }
                                       │    nothing ends it
        "#]],
    );
}

#[test]
fn an_empty_recording_asks_the_obvious() {
    check(
        check_events!(fixture().recorder, exactly: [QuickTest::Started { .. }, QuickTest::Idle]),
        &expect![[r#"
            exactly: nothing was recorded: `QuickTest::Started { .. }` and 1 more were expected

              was the recorder registered before the events were emitted?
              does its interest cover their types, and is it on the same bus?
        "#]],
    );
}

#[test]
fn recordings_that_differ_are_aligned() {
    let left = recorded([started("x"), step(1), completed(1)]);
    let right = recorded([started("x"), step(2), failed(1), completed(1)]);
    check(
        left.same_as(&right),
        &expect![[r#"
            same events: 2 differences between 3 events and 4 events

                expected                                                 │ actual
              ✓ quick_test.started case/t1 { test_name: "x" }            │ #1 quick_test.started case/t1 { test_name: "x" }
              ✗ quick_test.step case/t1 { n: 1, status: "Passed" }       │ #2 quick_test.step case/t1 { n: 2, status: "Passed" }
                                                                         │    field `n`: expected 1, got 2
              +                                                          │ #3 quick_test.failed case/t1 { code: 1, reason: null }
              ✓ quick_test.done case/t1 { seconds: [seconds], steps: 1 } │ #4 quick_test.done case/t1 { seconds: [seconds], steps: 1 }
        "#]],
    );
}

/// The suggestions above, pasted.
#[test]
fn what_is_suggested_compiles_and_holds() {
    let recorder = recorded([started("y"), step(3), failed(7), completed(3)]);
    assert_events!(
        recorder,
        exactly: [
            QuickTest::Started { test_name } if test_name == "y",
            QuickTest::Step { n: 3, status: Status::Passed },
            QuickTest::Failed { code: 7, .. },
            QuickTest::Completed { steps: 3, .. },
        ]
    );
    let recorder = recorded([QuickTest::Note("a".to_owned(), 5)]);
    assert_events!(
        recorder,
        exactly: [
            QuickTest::Note(value_0, 5) if value_0 == "a",
        ]
    );
    let fixture = fixture();
    fixture.emitter.emit(started("x"));
    fixture.bus.emitter("ping", "p").emit(Ping { n: 1 });
    assert_events!(
        fixture.recorder,
        exactly: [
            _ /* quick_test.started */,
            Ping { n: 1 },
        ]
    );
    let recorder = recorded((0..9).map(step));
    assert_events!(
        recorder,
        count: {
            QuickTest::Step { n: 2.., .. } => 7,
        }
    );
}
