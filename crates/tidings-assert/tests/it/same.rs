//! Two recordings that differ: the notes name type, entity or field.

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use tidings_assert::{Recorder, test_bus};

fn recorded(
    events: impl IntoIterator<Item = (&'static str, [&'static str; 2], Value)>,
) -> Recorder {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    for (event_type, [kind, id], data) in events {
        bus.raw_emitter(kind, id).emit(event_type, data).expect("a name");
    }
    recorder
}

fn check(left: &Recorder, right: &Recorder, expected: &Expect) {
    expected.assert_eq(&left.same_as(right).expect_err("they differ").to_string());
}

#[test]
fn an_entity_that_differs_is_named_whole() {
    let left = recorded([("my.passed", ["case", "c1"], json!({"seconds": 1, "list": [1, 2]}))]);
    let right = recorded([("my.passed", ["suite", "x"], json!({"seconds": 1, "list": [1, 3]}))]);
    check(
        &left,
        &right,
        &expect![[r#"
        same events: 1 difference between 1 event and 1 event

            expected                                       │ actual
          ✗ my.passed case/c1 { list: [1, 2], seconds: 1 } │ #1 my.passed suite/x { list: [1, 3], seconds: 1 }
                                                           │    entity: expected case/c1, got suite/x
                                                           │    field `list`: expected [1, 2], got [1, 3]
    "#]],
    );
}

#[test]
fn each_field_that_differs_is_named() {
    let left = recorded([("a.b", ["case", "c"], json!({"n": 1, "gone": "x", "same": {"k": [1]}}))]);
    let right = recorded([(
        "a.b",
        ["case", "c"],
        json!({"n": 2, "new": {"y": 1, "z": 2}, "same": {"k": [1]}}),
    )]);
    check(
        &left,
        &right,
        &expect![[r#"
        same events: 1 difference between 1 event and 1 event

            expected                                         │ actual
          ✗ a.b case/c { gone: "x", n: 1, same: { k: [1] } } │ #1 a.b case/c { n: 2, new: { y: 1, z: 2 }, same: { k: [1] } }
                                                             │    field `gone`: expected "x", got nothing
                                                             │    field `n`: expected 1, got 2
                                                             │    field `new`: expected nothing, got { y: 1, z: 2 }
    "#]],
    );
}

#[test]
fn another_type_in_its_place_is_named() {
    let left = recorded([("a.b", ["case", "c"], json!({"n": 1}))]);
    let right = recorded([("a.c", ["case", "c"], json!({"n": 2}))]);
    check(
        &left,
        &right,
        &expect![[r#"
        same events: 1 difference between 1 event and 1 event

            expected            │ actual
          ✗ a.b case/c { n: 1 } │ #1 a.c case/c { n: 2 }
                                │    type: expected a.b, got a.c
    "#]],
    );
}

#[test]
fn content_that_is_no_object_is_compared_whole() {
    let left = recorded([("a.b", ["case", "c"], json!([1, 2]))]);
    let mismatch = left.same_as(&recorded([("a.b", ["case", "c"], Value::Null)]));
    let text = mismatch.expect_err("they differ").to_string();
    assert!(text.contains("content: expected [1, 2], got nothing"), "{text}");
    let right = recorded([("a.b", ["case", "c"], json!({"n": 2}))]);
    check(
        &left,
        &right,
        &expect![[r#"
        same events: 1 difference between 1 event and 1 event

            expected          │ actual
          ✗ a.b case/c [1, 2] │ #1 a.b case/c { n: 2 }
                              │    content: expected [1, 2], got { n: 2 }
    "#]],
    );
}

#[test]
fn long_values_show_the_part_that_differs() {
    let text = |end: &str| json!({"text": format!("{}{end}", "long ".repeat(100))});
    let left = recorded([("a.b", ["case", "c"], text("left"))]);
    let right = recorded([("a.b", ["case", "c"], text("right"))]);
    let mismatch = left.same_as(&right).expect_err("they differ").to_string();
    let note = mismatch.lines().find(|line| line.contains("field `text`")).unwrap_or_default();
    assert!(note.contains("long left\""), "{mismatch}");
    assert!(note.contains("long right\""), "{mismatch}");
}

#[test]
fn many_differences_are_cut() {
    let many = |base: u32| {
        json!({"a": base, "b": base, "c": base, "d": base, "e": base, "f": base,
        "g": base, "h": base, "i": base, "j": base})
    };
    let left = recorded([("a.b", ["case", "c"], many(1))]);
    let right = recorded([("a.b", ["case", "c"], many(2))]);
    let mismatch = left.same_as(&right).expect_err("they differ").to_string();
    assert!(mismatch.contains("field `h`: expected 1, got 2"), "{mismatch}");
    assert!(!mismatch.contains("field `i`"), "{mismatch}");
    assert!(mismatch.contains("… 2 more …"), "{mismatch}");
}
