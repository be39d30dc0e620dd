//! Why tests failed, as pytest prints it.

use expect_test::{Expect, expect};
use tidings_testrun::{Cause, Failure, FailureKind, Status};

use super::recordings::imported;

fn failure(recording: &str, name: &str) -> Failure {
    let imported = imported(recording);
    let failures = imported.summary.failures();
    let found = failures.iter().find(|failure| failure.name == name);
    found.and_then(|found| found.failure).expect("it failed and says why").clone()
}

fn check_details(recording: &str, name: &str, wanted: &Expect) {
    wanted.assert_eq(&failure(recording, name).details.expect("there are some"));
}

#[test]
fn an_equality_says_both_sides() {
    let failure = failure("kinds", "test_differs");
    assert_eq!(failure.kind, FailureKind::Assertion);
    assert_eq!(failure.class.as_deref(), Some("AssertionError"));
    assert_eq!(failure.message, "assert {'a': 1} == {'a': 2}");
    assert_eq!(failure.actual.as_deref(), Some("{'a': 1}"));
    assert_eq!(failure.expected.as_deref(), Some("{'a': 2}"));
    let location = failure.location.expect("known").to_string();
    assert_eq!(location, "/home/ci/pyt/test_kinds.py:30");
}

#[test]
fn an_exception_says_its_class_and_what_it_was_raised_from() {
    let failure = failure("kinds", "test_raises");
    assert_eq!(
        (failure.kind, failure.to_string()),
        (FailureKind::Error, "KeyError: 'lookup'".into())
    );
    let cause = Cause::new("invalid literal for int() with base 10: 'x'").with_class("ValueError");
    assert_eq!(failure.causes, [cause]);
}

#[test]
fn a_timeout_is_told_from_other_failures() {
    let imported = imported("timeout");
    let failures = imported.summary.failures();
    assert_eq!((failures.len(), failures[0].status), (1, Status::TimedOut));
}

#[test]
fn the_details_are_what_pytest_prints() {
    check_details(
        "kinds",
        "test_raises",
        &expect![[r#"
            def test_raises():
                try:
        >           int("x")
        E           ValueError: invalid literal for int() with base 10: 'x'

        test_kinds.py:48: ValueError

        The above exception was the direct cause of the following exception:

            def test_raises():
                try:
                    int("x")
                except ValueError as fault:
        >           raise KeyError("lookup") from fault
        E           KeyError: 'lookup'

        test_kinds.py:50: KeyError"#]],
    );
    check_details(
        "kinds",
        "test_pytest_fail_short",
        &expect![[r"
        not good
        at all"]],
    );
    check_details(
        "kinds",
        "test_both_fail",
        &expect![[r"
        breaks_later = None

        >   def test_both_fail(breaks_later): assert 0
                                              ^^^^^^^^
        E   assert 0

        test_kinds.py:78: AssertionError"]],
    );
}

#[test]
fn a_short_traceback_is_printed_short() {
    check_details(
        "tb-short",
        "test_raises",
        &expect![[r#"
        test_kinds.py:48: in test_raises
            int("x")
        E   ValueError: invalid literal for int() with base 10: 'x'

        The above exception was the direct cause of the following exception:
        test_kinds.py:50: in test_raises
            raise KeyError("lookup") from fault
        E   KeyError: 'lookup'"#]],
    );
    let native = failure("tb-native", "test_raises").details.expect("there are some");
    let lines: Vec<&str> = native.lines().collect();
    assert_eq!(lines[0], "Traceback (most recent call last):");
    assert_eq!(lines[4], "");
    assert_eq!(lines[7], "Traceback (most recent call last):");
    assert_eq!(lines.last(), Some(&"KeyError: 'lookup'"));
    check_details(
        "showlocals",
        "test_where",
        &expect![[r"
            def test_where():
                def f(x):
                    return x + 1
        >       assert f(3) == 5
        E       assert 4 == 5
        E        +  where 4 = <function test_where.<locals>.f at 0x7f5ff9995da0>(3)

        f          = <function test_where.<locals>.f at 0x7f5ff9995da0>

        test_kinds.py:38: AssertionError"]],
    );
}
