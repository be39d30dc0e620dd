//! Recordings of real sessions, with the totals that pytest printed.
//!
//! The folder `tests/data/pytest` has one file for each; `capture` is of pytest 9.1,
//! `subtests8` of pytest 8.4 with `pytest-subtests`, those with `old` of pytest 6.2 and the
//! plugins of its time, all others of pytest 9.2.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tidings_core::{Attributes, Timestamp};
use tidings_import::{End, Format, Found, Line, Stamper};
use tidings_registry::Observer as _;
use tidings_testrun::{LegalOrder, Status};

use crate::support::{Imported, import};

pub(super) fn stream_of(name: &str) -> String {
    let path = format!("{}/tests/data/pytest/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).expect("the recording is there")
}

pub(super) fn imported(name: &str) -> Imported {
    import(Format::PytestReportlog, &stream_of(name))
}

/// Every recording: its name, the line that pytest printed, and passed, failed, skipped, flaky
/// and errors that are no cases as they are counted here.
pub(super) const RECORDINGS: [(&str, &str, [u64; 5]); 27] = [
    (
        "kinds",
        "14 failed, 11 passed, 7 skipped, 4 xfailed, 1 xpassed, 5 errors",
        [12, 19, 11, 0, 4],
    ),
    ("xdist", "1 failed, 16 passed", [16, 1, 0, 0, 0]),
    ("xdist-each", "16 passed", [16, 0, 0, 0, 0]),
    ("crash", "1 failed, 5 passed", [5, 1, 0, 0, 0]),
    ("collect-errors", "2 skipped, 2 errors", [0, 2, 2, 0, 2]),
    ("timeout", "1 failed, 1 passed", [1, 1, 0, 0, 0]),
    ("twice", "2 passed", [2, 0, 0, 0, 0]),
    ("none", "", [0, 0, 0, 0, 0]),
    ("tb-short", "2 failed, 1 errors", [0, 3, 0, 0, 0]),
    ("tb-native", "2 failed", [0, 2, 0, 0, 0]),
    ("showlocals", "2 failed", [0, 2, 0, 0, 0]),
    (
        "old-kinds",
        "14 failed, 11 passed, 7 skipped, 4 xfailed, 1 xpassed, 6 errors",
        [12, 20, 11, 0, 5],
    ),
    ("old-each", "16 passed, 1 skipped, 1 errors", [16, 1, 1, 0, 1]),
    ("old-xdist", "2 failed, 13 passed", [13, 2, 0, 0, 0]),
    // A test whose teardown is rerun has passed twice to pytest.
    ("flaky", "1 failed, 5 passed, 6 rerun", [4, 1, 0, 3, 0]),
    ("old-flaky", "1 failed, 5 passed, 6 rerun", [4, 1, 0, 3, 0]),
    ("xdist-reruns", "2 failed, 10 passed, 7 rerun", [9, 2, 0, 3, 0]),
    // Of a test that was interrupted pytest says nothing.
    ("interrupted", "1 passed", [1, 1, 0, 0, 0]),
    ("exit", "1 passed", [1, 1, 0, 0, 0]),
    ("xdist-x", "1 failed, 8 passed", [8, 1, 0, 0, 0]),
    // Faults of pytest itself, and of its call, are errors here.
    ("internal", "2 passed", [2, 1, 0, 0, 1]),
    ("usage", "", [0, 1, 0, 0, 1]),
    // What is not called is canceled.
    ("setuponly", "", [0, 0, 1, 0, 0]),
    // Pytest counts each subtest that failed, and their test too, but not in a `TestCase`.
    ("subtests", "2 failed, 5 passed", [4, 3, 0, 0, 0]),
    ("reruns-sub", "2 failed, 5 passed, 2 rerun", [4, 3, 0, 0, 0]),
    ("subtests8", "1 failed, 6 passed", [4, 3, 0, 0, 0]),
    ("old-subs", "1 failed, 6 passed", [4, 3, 0, 0, 0]),
];

/// What pytest counts, by its own rules, straight from the objects; subtests are left out.
fn as_pytest_counts(stream: &str) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    for line in stream.lines() {
        let object: Value = serde_json::from_str(line).expect("a recording is JSON");
        let of = |name: &str| object[name].as_str().unwrap_or_default();
        let is_xfail = object.get("wasxfail").is_some();
        let category = match (of("$report_type"), of("when"), of("outcome")) {
            ("CollectReport", _, "failed") | ("TestReport", "setup" | "teardown", "failed") => {
                "errors"
            }
            ("TestReport", _, "skipped") if is_xfail => "xfailed",
            ("CollectReport" | "TestReport", _, "skipped") => "skipped",
            ("TestReport", "call", "passed") if is_xfail => "xpassed",
            ("TestReport", "call", "passed") => "passed",
            ("TestReport", "call" | "???", "failed") => "failed",
            ("TestReport", _, "rerun") => "rerun",
            _ => continue,
        };
        *counts.entry(category).or_default() += 1;
    }
    counts
}

fn printed(line: &str) -> BTreeMap<&str, u64> {
    let parts = line.split(", ").filter_map(|part| part.split_once(' '));
    parts.map(|(count, name)| (name, count.parse().expect("a number"))).collect()
}

fn totals(imported: &Imported) -> [u64; 5] {
    let counts = imported.summary.counts();
    [counts.passed(), counts.failed(), counts.skipped(), counts.flaky, counts.error_items]
}

#[test]
fn recordings_have_the_totals_that_pytest_printed() {
    for (name, line, wanted) in RECORDINGS {
        let stream = stream_of(name);
        assert_eq!(as_pytest_counts(&stream), printed(line), "{name}");
        let imported = imported(name);
        assert_eq!(totals(&imported), wanted, "{name}");
        assert_eq!(imported.faults, [], "{name}");
        assert_eq!(imported.foreign, 0, "{name}");
        assert_eq!(imported.understood, stream.lines().count() as u64, "{name}");
        assert_eq!(imported.summary.counts().running, 0, "{name}");
        assert_eq!(imported.summary.never_ran(), 0, "{name}");
    }
}

#[test]
fn the_sum_of_what_pytest_counts_is_ours_where_both_count_the_same() {
    for (name, line, [passed, failed, skipped, ..]) in &RECORDINGS[..14] {
        let line = printed(line);
        let sum = |names: [&str; 2]| names.iter().filter_map(|name| line.get(name)).sum::<u64>();
        assert_eq!(sum(["passed", "xpassed"]), *passed, "{name}");
        assert_eq!(sum(["failed", "errors"]), *failed, "{name}");
        assert_eq!(sum(["skipped", "xfailed"]), *skipped, "{name}");
    }
}

#[test]
fn the_capture_has_the_totals_that_its_tests_add_up_to() {
    let stream = stream_of("capture");
    // One test passes at its second attempt, one passes although a subtest of it fails, and
    // one passes with a teardown that does not.
    let wanted = [
        ("errors", 2),
        ("failed", 3),
        ("passed", 7),
        ("rerun", 1),
        ("skipped", 1),
        ("xfailed", 1),
        ("xpassed", 1),
    ];
    assert_eq!(as_pytest_counts(&stream), BTreeMap::from(wanted));
    let imported = imported("capture");
    assert_eq!(imported.faults, []);
    assert_eq!(totals(&imported), [8, 5, 2, 1, 1]);
    let counts = imported.summary.counts();
    let of = |status| counts.with_status(status);
    assert_eq!((of(Status::Success), of(Status::Failure), of(Status::Error)), (8, 3, 2));
    assert_eq!(imported.summary.status(), Some(Status::Failure));
}

#[test]
fn runs_end_as_their_sessions_do() {
    for (name, wanted) in [
        ("twice", Status::Success),
        ("kinds", Status::Failure),
        ("collect-errors", Status::Failure),
        ("interrupted", Status::Aborted),
        ("exit", Status::Aborted),
        ("internal", Status::Error),
        ("usage", Status::Error),
        ("none", Status::Skipped),
    ] {
        assert_eq!(imported(name).summary.status(), Some(wanted), "{name}");
    }
}

#[test]
fn events_of_recordings_are_in_legal_order() {
    for (name, ..) in RECORDINGS {
        let mut importer = Format::PytestReportlog.importer("r");
        let (mut found, order) = (Found::new(), LegalOrder::new());
        for line in stream_of(name).lines() {
            importer.line(Line::whole(line), &mut found);
        }
        importer.end(End::OfInput, &mut found);
        let mut stamper = Stamper::new("r", "n", Attributes::new());
        for said in found.take_said() {
            let envelope = stamper.stamp(said, Timestamp::from_nanos(0));
            let _reported_below = order.on_event(&Arc::clone(&envelope));
        }
        assert_eq!(order.illegal(), [], "{name}");
    }
}
