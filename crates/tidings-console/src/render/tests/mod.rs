//! Pictures, as people see them, and the promises that hold for any event.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes snapshots with them")]

mod run;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::json;
use tidings_core::{Entity, Outcome, Role, Timestamp};

use super::row::visible_width;
use super::*;
use crate::escape::is_dangerous;
use crate::fixture::{Script, sample};
use crate::line::{event_line, gap_line, json_line};
use crate::tree::{Change, Limits, Tree};

/// The sample run, two seconds after its last event.
fn sample_tree() -> (Tree, Timestamp) {
    let mut script = Script::new();
    let mut tree = Tree::new(Limits::default());
    for envelope in sample(&mut script) {
        tree.apply(&envelope);
    }
    (tree, script.after(2_000).now())
}

fn frame(size: Size, style: Style) -> String {
    let (tree, now) = sample_tree();
    let frame = render_frame(&tree, now, size, style);
    assert!(frame.lines().count() <= size.height);
    assert!(frame.lines().all(|line| visible_width(line) <= size.width));
    frame
}

fn check(actual: &str, expected: &Expect) {
    // Escapes are shown, so that a snapshot can be read.
    expected.assert_eq(&actual.replace('\u{1b}', "^"));
}

#[test]
fn a_frame_of_eighty_columns() {
    let picture = frame(Size::new(80, 24), Style::plain());
    check(
        &picture,
        &expect![[r#"
        ● suite/a_SUITE  1 passed, 1 failed, 1 skipped                                3s
        └─ ● group/g1  1 passed, 1 failed, 1 skipped                                  3s
           ├─ ✓ case/adds                                                           12ms
           ├─ ✗ case/subtracts  expected 1, got 2                                   34ms
           ├─ ● case/divides  case.step.reached                                       3s
           └─ ○ case/roots  needs complex numbers
        · suite/b_SUITE  1 passed
        └─ ✓ case/größe_日本                                                      1.234s

        1 running, 2 passed, 1 failed, 1 skipped · 12 events
    "#]],
    );
}

#[test]
fn a_frame_of_forty_columns() {
    let picture = frame(Size::new(40, 24), Style::plain());
    check(
        &picture,
        &expect![[r#"
        ● suite/a_SUITE  1 passed, 1 failed…  3s
        └─ ● group/g1  1 passed, 1 failed, …  3s
           ├─ ✓ case/adds                   12ms
           ├─ ✗ case/subtracts  expected …  34ms
           ├─ ● case/divides  case.step.rea…  3s
           └─ ○ case/roots  needs complex numbe…
        · suite/b_SUITE  1 passed
        └─ ✓ case/größe_日本              1.234s

        1 running, 2 passed, 1 failed, 1 skippe…
    "#]],
    );
}

#[test]
fn a_frame_of_seven_rows_shows_what_runs_and_what_failed() {
    let picture = frame(Size::new(60, 7), Style::plain());
    check(
        &picture,
        &expect![[r#"
        ● suite/a_SUITE  1 passed, 1 failed, 1 skipped            3s
        └─ ● group/g1  1 passed, 1 failed, 1 skipped              3s
           ├─ ✗ case/subtracts  expected 1, got 2               34ms
           └─ ● case/divides  case.step.reached                   3s
        … 4 more

        1 running, 2 passed, 1 failed, 1 skipped · 12 events
    "#]],
    );
}

#[test]
fn a_frame_in_ascii() {
    let picture = frame(Size::new(60, 24), Style::plain().ascii());
    check(
        &picture,
        &expect![[r#"
        * suite/a_SUITE  1 passed, 1 failed, 1 skipped            3s
        `- * group/g1  1 passed, 1 failed, 1 skipped              3s
           |- + case/adds                                       12ms
           |- x case/subtracts  expected 1, got 2               34ms
           |- * case/divides  case.step.reached                   3s
           `- - case/roots  needs complex numbers
        . suite/b_SUITE  1 passed
        `- + case/größe_日本                                  1.234s

        1 running, 2 passed, 1 failed, 1 skipped | 12 events
    "#]],
    );
}

#[test]
fn a_frame_in_colour() {
    let picture = frame(Size::new(60, 7), Style::plain().coloured());
    check(
        &picture,
        &expect![[r#"
        ^[36m●^[0m^[2m suite/^[0m^[1ma_SUITE^[0m^[2m  ^[0m^[2m1 passed, 1 failed, 1 skipped^[0m            ^[36m3s^[0m
        ^[2m└─ ^[0m^[36m●^[0m^[2m group/^[0m^[1mg1^[0m^[2m  ^[0m^[2m1 passed, 1 failed, 1 skipped^[0m              ^[36m3s^[0m
        ^[2m   ├─ ^[0m^[31m✗^[0m^[2m case/^[0m^[1msubtracts^[0m^[31m  ^[0m^[31mexpected 1, got 2^[0m               ^[2m34ms^[0m
        ^[2m   └─ ^[0m^[36m●^[0m^[2m case/^[0m^[1mdivides^[0m^[2m  ^[0m^[2mcase.step.reached^[0m                   ^[36m3s^[0m
        ^[2m… 4 more^[0m

        ^[36m1 running^[0m^[2m, ^[0m^[32m2 passed^[0m^[2m, ^[0m^[31m1 failed^[0m^[2m, ^[0m^[33m1 skipped^[0m^[2m · ^[0m^[2m12 events^[0m
    "#]],
    );
}

#[test]
fn a_frame_of_ten_thousand_entities_says_how_many_more_there_are() {
    let mut script = Script::new();
    let mut tree = Tree::new(Limits::default().with_nodes(100));
    tree.apply(&script.begin("suite/big"));
    for number in 0..10_000 {
        let path = format!("suite/big/case/{number:04}");
        tree.apply(&script.after(1).begin(&path));
        match number {
            500 => tree.apply(&script.fail(&path, "lost")),
            9_990.. => {}
            _ => tree.apply(&script.end(&path, Outcome::Success)),
        }
    }
    let picture = render_frame(&tree, script.now(), Size::new(60, 18), Style::plain());
    check(
        &picture,
        &expect![[r#"
            ● suite/big  9,989 passed, 1 failed                      10s
            ├─ ✗ case/0500  lost                                    <1ms
            ├─ ✓ case/9987                                          <1ms
            ├─ ✓ case/9988                                          <1ms
            ├─ ✓ case/9989                                          <1ms
            ├─ ● case/9990                                            0s
            ├─ ● case/9991                                            0s
            ├─ ● case/9992                                            0s
            ├─ ● case/9993                                            0s
            ├─ ● case/9994                                            0s
            ├─ ● case/9995                                            0s
            ├─ ● case/9996                                            0s
            ├─ ● case/9997                                            0s
            ├─ ● case/9998                                            0s
            └─ ● case/9999                                            0s
            … 9,986 more

            10 running, 9,989 passed, 1 failed · 19,991 events
        "#]],
    );
}

#[test]
fn the_summary_repeats_failures_and_names_the_slowest() {
    let (tree, _) = sample_tree();
    check(
        &render_summary(&tree, 80, Style::plain()),
        &expect![[r#"
            1 failure

            ✗ suite/a_SUITE/group/g1/case/subtracts                                     34ms
                expected 1, got 2
                  at math.rs:7

            1 never ended

            ● suite/a_SUITE/group/g1/case/divides

            slowest

             1.234s  suite/b_SUITE/case/größe_日本
               34ms  suite/a_SUITE/group/g1/case/subtracts
               12ms  suite/a_SUITE/group/g1/case/adds

            1 running, 2 passed, 1 failed, 1 skipped · 12 events · 1.285s
        "#]],
    );
}

#[test]
fn the_slowest_of_one_is_not_worth_a_list() {
    let mut script = Script::new();
    let mut tree = Tree::new(Limits::default().with_slowest(1));
    tree.apply(&script.begin("case/a"));
    tree.apply(&script.after(5).end("case/a", Outcome::Success));
    let one = render_summary(&tree, 80, Style::plain());
    assert_eq!(one, "1 passed · 2 events · 5ms\n");
    tree.apply(&script.begin("case/b"));
    tree.apply(&script.after(9).end("case/b", Outcome::Success));
    let two = render_summary(&tree, 80, Style::plain());
    assert!(two.starts_with("slowest\n\n    9ms  case/b\n\n2 passed"), "{two}");
}

#[test]
fn next_to_no_time_reads_the_same_in_rows_and_summary() {
    let mut script = Script::new();
    let mut tree = Tree::new(Limits::default());
    tree.apply(&script.begin("case/a"));
    tree.apply(&script.fail("case/a", "at once"));
    let row = render_frame(&tree, script.now(), Size::new(40, 9), Style::plain());
    let summary = render_summary(&tree, 40, Style::plain());
    assert_eq!((row.matches("<1ms").count(), summary.matches("<1ms").count()), (1, 2));
    assert!(!format!("{row}{summary}").contains("0ms"));
}

#[test]
fn the_summary_says_what_passed_later_and_what_was_left_out() {
    let mut script = Script::new();
    let mut tree = Tree::new(Limits::default().with_failures(2).with_slowest(1));
    let long: Vec<String> = (1..=23).map(|line| format!("\tline {line}")).collect();
    for envelope in [
        script.begin("case/flaky"),
        script.after(123_400).fail("case/flaky", "connection refused"),
        script.begin("case/flaky"),
        script.after(5).end("case/flaky", Outcome::Success),
        script.fail("case/long", &long.join("\n")),
        script.fail("case/third", "not shown"),
    ] {
        tree.apply(&envelope);
    }
    check(
        &render_summary(&tree, 40, Style::plain()),
        &expect![[r#"
            3 failures

            ✗ case/flaky  passed on attempt…  2m 03s
                connection refused

            ✗ case/long
                    line 1
                    line 2
                    line 3
                    line 4
                    line 5
                    line 6
                    line 7
                    line 8
                    line 9
                    line 10
                    line 11
                    line 12
                    line 13
                    line 14
                    line 15
                    line 16
                    line 17
                    line 18
                    line 19
                    line 20
                … 3 more lines

            … 1 more

            slowest

             2m 03s  case/flaky

            1 passed, 3 failed · 6 events · 2m 03s
        "#]],
    );
}

#[test]
fn an_entity_that_ended_has_one_line() {
    let mut script = Script::new();
    let mut tree = Tree::new(Limits::default());
    let mut lines = String::new();
    for envelope in sample(&mut script) {
        if let Some(finished) = tree.apply_change(Change::of(&envelope)) {
            lines.push_str(&render_finished(&finished, usize::MAX, Style::plain()));
        }
    }
    check(
        &lines,
        &expect![[r#"
        ✓    12ms  suite/a_SUITE/group/g1/case/adds
        ✗    34ms  suite/a_SUITE/group/g1/case/subtracts  expected 1, got 2
        ○          suite/a_SUITE/group/g1/case/roots  needs complex numbers
        ✓  1.234s  suite/b_SUITE/case/größe_日本
    "#]],
    );
}

#[test]
fn an_event_has_one_line() {
    let mut script = Script::new();
    let events = sample(&mut script);
    let lines: String = events.iter().map(|event| event_line(event, Style::plain())).collect();
    check(
        &lines,
        &expect![[r#"
        2026-11-21T08:30:00.000Z  case.started              suite/a_SUITE
        2026-11-21T08:30:00.001Z  case.started              suite/a_SUITE/group/g1
        2026-11-21T08:30:00.002Z  case.started              suite/a_SUITE/group/g1/case/adds
        2026-11-21T08:30:00.014Z  case.finished             suite/a_SUITE/group/g1/case/adds
        2026-11-21T08:30:00.017Z  case.started              suite/a_SUITE/group/g1/case/subtracts
        2026-11-21T08:30:00.051Z  case.failed               suite/a_SUITE/group/g1/case/subtracts  message="expected 1, got 2\n  at math.rs:7"
        2026-11-21T08:30:00.051Z  case.started              suite/a_SUITE/group/g1/case/divides
        2026-11-21T08:30:00.051Z  case.step.reached         suite/a_SUITE/group/g1/case/divides  n=1
        2026-11-21T08:30:00.051Z  case.skipped              suite/a_SUITE/group/g1/case/roots  reason="needs complex numbers"
        2026-11-21T08:30:00.051Z  case.started              suite/b_SUITE/case/größe_日本
        2026-11-21T08:30:01.285Z  case.finished             suite/b_SUITE/case/größe_日本
        2026-11-21T08:30:01.285Z  suite.log                 suite/b_SUITE  text=hello
    "#]],
    );
}

#[test]
fn an_event_has_one_line_in_colour() {
    let mut script = Script::new();
    let line = event_line(&script.fail("suite/a/case/t1", "two words"), Style::plain().coloured());
    check(
        &line,
        &expect![[r#"
        ^[2m2026-11-21T08:30:00.000Z  ^[0m^[31mcase.failed             ^[0m  ^[2msuite/a^[0m^[2m/case/^[0m^[1mt1^[0m  message="two words"
    "#]],
    );
    check(
        &gap_line(3, Style::plain().ascii()),
        &expect![[r#"
        ... 3 lines are missing here: the writer was too slow
    "#]],
    );
}

/// Text without the colours that are our own.
fn without_colours(text: &str) -> String {
    let mut left = text.to_owned();
    for code in [0, 1, 2, 31, 32, 33, 36] {
        left = left.replace(&format!("\u{1b}[{code}m"), "");
    }
    left
}

fn any_text() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "\u{1b}[2J",
        "\u{9b}31m",
        "\n",
        "\r",
        "\t",
        "\u{202e}",
        "\u{2028}",
        "\u{7f}",
        "日本",
        "e\u{301}",
        "❤\u{fe0f}",
        "👩\u{200d}💻",
        "a",
        " ",
    ]);
    let mixed = prop::collection::vec(nasty, 0..12).prop_map(|parts| parts.concat());
    prop_oneof![any::<String>(), mixed]
}

proptest! {
    #[test]
    fn nothing_from_an_event_reaches_the_terminal_raw(
        texts in prop::array::uniform5(any_text()),
        width in 0_usize..100,
        height in 0_usize..30,
    ) {
        let [kind, id, name, value, attribute] = texts;
        let mut script = Script::new().with(&attribute, &attribute);
        let outer = Entity::new(&kind, &id);
        let mut tree = Tree::new(Limits::default());
        let mut out = String::new();
        let style = Style::plain().coloured();
        for (role, about) in [
            (Role::Begin, outer.clone()),
            (Role::Begin, outer.child(&id, &kind)),
            (Role::Point, outer.child(&value, &name)),
            (Role::Begin, outer.child(&name, &value)),
            (Role::End(Outcome::Failure), outer.child(&id, &kind)),
            (Role::End(Outcome::Skipped), outer.child(&kind, &value)),
        ] {
            let data = json!({ name.as_str(): value.as_str(), "message": value.as_str() });
            let envelope = script.after(7).about(&about, "Ünlike.any", role, data);
            out.push_str(&event_line(&envelope, style));
            out.push_str(&json_line(&envelope).unwrap());
            if let Some(finished) = tree.apply_change(Change::of(&envelope)) {
                out.push_str(&render_finished(&finished, width, style));
            }
        }
        let picture = render_frame(&tree, script.now(), Size::new(width, height), style);
        let summary = render_summary(&tree, width, style);
        for line in picture.lines().chain(summary.lines()) {
            prop_assert!(visible_width(line) <= width, "{line:?}");
        }
        prop_assert!(picture.lines().count() <= height.max(2), "{picture}");
        out.push_str(&picture);
        out.push_str(&summary);
        let raw = without_colours(&out).replace('\n', "");
        prop_assert!(!raw.contains(is_dangerous), "{raw:?}");
    }
}
