//! libtest and nextest: recorded streams against a count of their own, and every quirk alone.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;
use tidings_core::{Attributes, Timestamp};
use tidings_import::{End, Format, Found, Line, Stamper};
use tidings_registry::Observer as _;
use tidings_testrun::{LegalOrder, Status, TestRun};

use crate::support::{Imported, import};

const LIBTEST: &str = include_str!("../data/libtest/libtest.jsonl");
const MERGED: &str = include_str!("../data/libtest/libtest-merged.jsonl");
const NEXTEST: &str = include_str!("../data/libtest/nextest.jsonl");
const NEXTEST_PLUS: &str = include_str!("../data/libtest/nextest-plus.jsonl");
const RETRIES: &str = include_str!("../data/libtest/nextest-retries.jsonl");
const FAIL_FAST: &str = include_str!("../data/libtest/nextest-fail-fast.jsonl");
const FILTER: &str = include_str!("../data/libtest/nextest-filter.jsonl");
const ALL_FILTER: &str = include_str!("../data/libtest/nextest-all-filter.jsonl");
const IGNORED_ONLY: &str = include_str!("../data/libtest/nextest-ignored-only.jsonl");
const STRESS: &str = include_str!("../data/libtest/nextest-stress.jsonl");
const BUILD_TEXT: &str = include_str!("../data/libtest/cargo-build-failure.txt");
const BUILD_JSON: &str = include_str!("../data/libtest/cargo-build-failure.jsonl");

const RECORDINGS: [&str; 10] = [
    LIBTEST,
    MERGED,
    NEXTEST,
    NEXTEST_PLUS,
    RETRIES,
    FAIL_FAST,
    FILTER,
    ALL_FILTER,
    IGNORED_ONLY,
    STRESS,
];

fn read(stream: &str) -> Imported {
    import(Format::LibtestJson, stream)
}

/// `passed, failed, skipped, flaky, never ran`.
fn totals(imported: &Imported) -> [u64; 5] {
    let counts = imported.summary.counts();
    let never_ran = imported.summary.never_ran();
    [counts.passed(), counts.failed(), counts.skipped(), counts.flaky, never_ran]
}

/// Terminal lines of tests: passed, failed, ignored, and passed at a later attempt.
fn counted(stream: &str) -> [u64; 4] {
    let mut counts = [0; 4];
    for line in stream.lines() {
        let Ok(object) = serde_json::from_str::<Value>(line) else { continue };
        if object["type"] != "test" {
            continue;
        }
        let place = match object["event"].as_str() {
            Some("ok") => 0,
            Some("failed") => 1,
            Some("ignored") => 2,
            _ => continue,
        };
        counts[place] += 1;
        let is_retry = object["name"].as_str().is_some_and(|name| name.contains('#'));
        counts[3] += u64::from(place == 0 && is_retry);
    }
    counts
}

/// The names of suites and how many cases each has.
fn suites(imported: &Imported) -> BTreeMap<String, u64> {
    let suites = imported.summary.suites();
    let named = suites
        .iter()
        .filter_map(|suite| Some((suite.path.as_ref()?.id().to_owned(), suite.own.total())));
    named.collect()
}

/// What is wrong with the order of the events that a stream is read as.
pub(crate) fn illegal(format: Format, stream: &str) -> Vec<String> {
    let order = LegalOrder::new();
    let mut importer = format.importer("r");
    let mut found = Found::new();
    for line in stream.lines() {
        importer.line(Line::whole(line), &mut found);
    }
    importer.end(End::OfInput, &mut found);
    let mut stamper = Stamper::new("r", "n", Attributes::new());
    for said in found.take_said() {
        // What is wrong is kept as well.
        drop(order.on_event(&stamper.stamp(said, Timestamp::from_nanos(0))));
    }
    order.illegal().iter().map(ToString::to_string).collect()
}

fn names(imported: &Imported) -> Vec<String> {
    imported.summary.cases().iter().map(|case| case.entity.id().to_owned()).collect()
}

fn status(imported: &Imported, name: &str) -> Option<Status> {
    let cases = imported.summary.cases();
    cases.iter().find(|case| case.name == name).and_then(|case| case.status)
}

fn test(event: &str, name: &str) -> String {
    format!("{{\"type\":\"test\",\"event\":\"{event}\",\"name\":\"{name}\"}}\n")
}

fn started(count: u64) -> String {
    format!("{{\"type\":\"suite\",\"event\":\"started\",\"test_count\":{count}}}\n")
}

fn ended(event: &str) -> String {
    format!(
        "{{\"type\":\"suite\",\"event\":\"{event}\",\"passed\":9,\"failed\":9,\"ignored\":0}}\n"
    )
}

#[test]
fn a_recording_of_nextest_has_the_totals_of_its_tests() {
    let imported = read(NEXTEST);
    let [passed, failed, ignored, flaky] = counted(NEXTEST);
    assert_eq!([passed, failed, ignored, flaky], [379, 128, 4, 0]);
    assert_eq!(totals(&imported), [passed, failed, ignored, flaky, 0]);
    assert_eq!(imported.faults, []);
    assert_eq!(imported.foreign, 0);
    assert_eq!(imported.understood, 1044);
    assert_eq!(suites(&imported)["simd-json::simd_json"], 351);
    assert_eq!(suites(&imported).len(), 8);
    assert_eq!(imported.summary.status(), Some(Status::Failure));
}

#[test]
fn a_recording_of_nextest_plus_has_the_totals_of_its_tests() {
    let imported = read(NEXTEST_PLUS);
    let [passed, failed, ignored, flaky] = counted(NEXTEST_PLUS);
    assert_eq!([passed, failed, ignored, flaky], [12, 1, 2, 1]);
    assert_eq!(totals(&imported), [passed, failed, ignored, flaky, 0]);
    assert_eq!(imported.faults, []);
    let expected = [("simd-json::depth".to_owned(), 11), ("simd-json::zz_probe".to_owned(), 4)];
    assert_eq!(suites(&imported), BTreeMap::from(expected));
}

#[test]
fn a_recording_of_libtest_has_the_totals_of_its_tests() {
    let imported = read(LIBTEST);
    let [passed, failed, ignored, _] = counted(LIBTEST);
    assert_eq!([passed, failed, ignored], [7, 11, 3]);
    assert_eq!(totals(&imported), [passed, failed, ignored, 0, 0]);
    assert_eq!(imported.faults, []);
    let expected = [("suite 1", 13), ("suite 2", 2), ("suite 3", 3), ("suite 4", 3)];
    let expected = expected.map(|(name, count)| (name.to_owned(), count));
    assert_eq!(suites(&imported), BTreeMap::from(expected));
}

#[test]
fn cargo_names_the_suites_of_libtest_and_a_process_that_died() {
    let imported = read(MERGED);
    let [passed, failed, ignored, _] = counted(MERGED);
    // `aborts` and `passes` of the binary that aborted began and have no end.
    assert_eq!(totals(&imported), [passed, failed + 2, ignored, 0, 0]);
    assert_eq!(imported.faults, []);
    let names: Vec<String> = suites(&imported).into_keys().collect();
    assert_eq!(
        names,
        ["a (tests/a.rs)", "b (tests/b.rs)", "probe (doc-tests)", "probe (src/lib.rs)"]
    );
    assert_eq!(status(&imported, "aborts"), Some(Status::Aborted));
    let cases = imported.summary.cases();
    let aborts = cases.iter().find(|case| case.name == "aborts").expect("is there");
    let message = &aborts.failure().expect("said").message;
    assert_eq!(message, "its process failed: signal: 6, SIGABRT: process abort signal");
    assert!(aborts.synthetic);
    assert_eq!(imported.summary.status(), Some(Status::Failure));
    assert!(imported.foreign > 20);
}

#[test]
fn the_last_attempt_decides_and_those_before_it_failed() {
    let imported = read(RETRIES);
    let [passed, failed, ignored, flaky] = counted(RETRIES);
    assert_eq!([passed, failed, flaky], [4, 11, 1]);
    // All three ignored tests have their line here.
    assert_eq!(totals(&imported), [passed, failed, ignored, flaky, 0]);
    assert_eq!(imported.faults, []);
    let cases = imported.summary.cases();
    let flaky = cases.iter().find(|case| case.name == "flaky").expect("is there");
    assert!(flaky.flaky);
    let attempts: Vec<_> = flaky.attempts.iter().map(|one| (one.number, one.status)).collect();
    assert_eq!(attempts, [(1, Some(Status::Failure)), (2, Some(Status::Success))]);
    let slow = cases.iter().find(|case| case.name == "tests::slow").expect("is there");
    assert_eq!((slow.status, slow.attempts.len()), (Some(Status::TimedOut), 3));
}

#[test]
fn an_ignored_test_that_nextest_leaves_open_is_ignored() {
    let imported = read(FILTER);
    // The three ignored ones begin and have no end of their own.
    assert_eq!(counted(FILTER), [3, 0, 0, 0]);
    assert_eq!(totals(&imported), [3, 0, 3, 0, 0]);
    assert_eq!(imported.faults, []);
    assert_eq!(status(&imported, "tests::ignored_reason"), Some(Status::Ignored));
}

#[test]
fn a_test_that_was_left_out_is_not_missed() {
    let imported = read(ALL_FILTER);
    assert_eq!(totals(&imported), [3, 0, 0, 0, 0]);
    let imported = read(IGNORED_ONLY);
    assert_eq!(totals(&imported), [3, 0, 15, 0, 0]);
    assert_eq!((imported.faults.len(), imported.summary.status()), (0, Some(Status::Success)));
}

#[test]
fn a_test_that_was_given_up_never_ran() {
    let imported = read(FAIL_FAST);
    // 16 planned, 4 begun.
    assert_eq!(totals(&imported), [0, 1, 3, 0, 12]);
    assert_eq!(imported.faults, []);
}

#[test]
fn every_run_of_a_stress_test_counts() {
    let imported = read(STRESS);
    assert_eq!(counted(STRESS), [4, 0, 2, 0]);
    assert_eq!(totals(&imported), [4, 0, 2, 0, 0]);
    assert_eq!(suites(&imported), BTreeMap::from([("probe::b".to_owned(), 6)]));
}

#[test]
fn a_failed_build_is_one_error_with_what_the_compiler_said() {
    for stream in [BUILD_TEXT, BUILD_JSON] {
        let imported = read(stream);
        assert_eq!(totals(&imported), [0, 1, 0, 0, 0]);
        assert_eq!(imported.faults, []);
        assert_eq!(imported.summary.status(), Some(Status::Failure));
        let errors = imported.summary.errors();
        assert_eq!(errors[0].name, Some("build"));
        assert!(errors[0].failure.details.as_ref().expect("said").contains("mismatched types"));
        let place = errors[0].failure.location.as_ref().expect("said");
        assert_eq!(place.to_string(), "src/lib.rs:28:24");
    }
    let both = format!("{BUILD_JSON}{BUILD_TEXT}");
    assert_eq!(read(&both).summary.counts().failed(), 1);
}

#[test]
fn a_panic_gives_message_place_and_what_was_compared() {
    let imported = read(LIBTEST);
    let failures = imported.summary.failures();
    let of = |name: &str| failures.iter().find(|it| it.name == name).expect("failed");
    let failure = of("tests::fails_eq").failure.expect("said");
    assert_eq!(failure.message, "assertion `left == right` failed: sum 1");
    assert_eq!((failure.actual.as_deref(), failure.expected.as_deref()), (Some("2"), Some("3")));
    assert_eq!(of("tests::fails_eq").location.expect("said").to_string(), "src/lib.rs:15:81");
    assert_eq!(of("tests::returns_err").failure.expect("said").message, "Error: \"bad thing\"");
    assert_eq!(of("tests::nested_threads").failure.expect("said").message, "second");
    let wrong = of("tests::panics_wrong").failure.expect("said");
    assert_eq!(wrong.message, "panic did not contain expected string");
    let none = of("tests::does_not_panic").failure.expect("said");
    assert_eq!(none.location.as_ref().expect("said").to_string(), "src/lib.rs:21:32");
    let cases = imported.summary.cases();
    let case = cases.iter().find(|case| case.name == "tests::fails_eq").expect("is there");
    let output: String = case.notes.output.iter().map(|kept| kept.text.as_str()).collect();
    assert!(output.starts_with("before\n\u{1b}[31mred"), "{output}");
}

#[test]
fn two_suites_without_a_name_do_not_collide() {
    let one = format!("{}{}{}{}", started(1), test("started", "t"), test("ok", "t"), ended("ok"));
    let imported = read(&format!("{one}{one}"));
    assert_eq!(totals(&imported), [2, 0, 0, 0, 0]);
    let expected = [("suite 1".to_owned(), 1), ("suite 2".to_owned(), 1)];
    assert_eq!(suites(&imported), BTreeMap::from(expected));
}

#[test]
fn two_suites_that_run_at_once_keep_their_tests() {
    let stream = [
        started(1),
        test("started", "a"),
        started(1),
        test("started", "b"),
        test("ok", "a"),
        test("ok", "b"),
        ended("ok"),
        ended("ok"),
    ];
    let imported = read(&stream.concat());
    assert_eq!(totals(&imported), [2, 0, 0, 0, 0]);
    assert_eq!(suites(&imported).len(), 2);
}

#[test]
fn a_suite_without_a_name_that_is_announced_twice_is_one() {
    let stream =
        [started(1), started(1), test("started", "a"), test("ok", "a"), ended("ok")].concat();
    let imported = read(&stream);
    assert_eq!(totals(&imported), [1, 0, 0, 0, 0]);
    assert_eq!(suites(&imported).len(), 1);
}

#[test]
fn a_suite_without_tests_is_no_fault() {
    let imported = read(&format!("{}{}", started(0), ended("ok")));
    assert_eq!(totals(&imported), [0; 5]);
    assert_eq!((imported.faults.len(), imported.summary.status()), (0, Some(Status::Success)));
}

#[test]
fn what_a_suite_says_of_itself_counts_for_nothing() {
    let stream = [started(2), test("started", "a"), test("ok", "a"), ended("failed")].concat();
    assert_eq!(totals(&read(&stream)), [1, 0, 0, 0, 1]);
}

#[test]
fn a_name_that_ends_like_an_attempt_stays_itself() {
    let stream = [
        started(3),
        test("started", "case#2"),
        test("ok", "case#2"),
        test("started", "x"),
        test("ok", "x"),
        test("started", "x#2"),
        test("ok", "x#2"),
        ended("ok"),
    ];
    let imported = read(&stream.concat());
    assert_eq!(totals(&imported), [3, 0, 0, 0, 0]);
    assert_eq!(names(&imported), ["case#2", "x", "x#2"]);
    let stream = [test("started", "a::b$t"), test("started", "a::b$t#3"), test("ok", "a::b$t#3")];
    let imported = read(&stream.concat());
    assert_eq!(status(&imported, "t#3"), Some(Status::Success));
    assert_eq!(status(&imported, "t"), Some(Status::Aborted));
}

#[test]
fn an_attempt_that_begins_by_its_number_belongs_to_the_failed_one() {
    let stream = [
        started(1),
        test("started", "t"),
        test("failed", "t"),
        test("started", "t#2"),
        test("ok", "t#2"),
        ended("ok"),
    ];
    let imported = read(&stream.concat());
    assert_eq!(totals(&imported), [1, 0, 0, 1, 0]);
    let alone = [started(1), test("ok", "a::b$t#2"), ended("ok")].concat();
    assert_eq!(totals(&read(&alone)), [1, 0, 0, 1, 0]);
}

#[test]
fn an_attempt_with_a_huge_number_costs_nothing() {
    let stream = [test("started", "a::b$t"), test("failed", "a::b$t#4000000000")].concat();
    let imported = read(&stream);
    assert_eq!(totals(&imported), [0, 1, 0, 0, 0]);
    assert!(imported.events.len() < 20);
}

#[test]
fn a_library_and_a_program_of_one_name_keep_their_tests() {
    let stream = [
        test("started", "a::a$t"),
        test("started", "a::a$t"),
        test("ok", "a::a$t"),
        test("failed", "a::a$t"),
    ];
    assert_eq!(totals(&read(&stream.concat())), [1, 1, 0, 0, 0]);
}

#[test]
fn counts_and_times_may_be_text() {
    let stream = concat!(
        "{\"type\":\"suite\",\"event\":\"started\",\"test_count\":\"3\"}\n",
        "{\"type\":\"test\",\"event\":\"started\",\"name\":\"a\"}\n",
        "{\"type\":\"test\",\"event\":\"ok\",\"name\":\"a\",\"exec_time\":\"0.005s\"}\n",
        "{\"type\":\"test\",\"event\":\"ok\",\"name\":\"b\",\"exec_time\":-1}\n",
        "{\"type\":\"suite\",\"event\":\"ok\"}\n",
    );
    let imported = read(stream);
    assert_eq!(totals(&imported), [2, 0, 0, 0, 1]);
    let slowest = imported.summary.slowest(9);
    assert_eq!(slowest.len(), 1);
    assert_eq!(slowest[0].duration.expect("said").as_millis(), 5);
}

#[test]
fn a_warning_of_time_is_no_end_and_a_time_limit_is_one() {
    let stream = concat!(
        "{\"type\":\"test\",\"event\":\"started\",\"name\":\"a\"}\n",
        "{\"type\":\"test\",\"event\":\"timeout\",\"name\":\"a\"}\n",
        "{\"type\":\"test\",\"event\":\"ok\",\"name\":\"a\"}\n",
        "{\"type\":\"test\",\"event\":\"failed\",\"name\":\"b\",\"reason\":\"time limit exceeded\"}\n",
        "{\"type\":\"test\",\"event\":\"allowed_failure\",\"name\":\"c\"}\n",
        "{\"type\":\"bench\",\"name\":\"d\",\"median\":12,\"deviation\":3}\n",
    );
    let imported = read(stream);
    assert_eq!(totals(&imported), [2, 1, 1, 0, 0]);
    assert_eq!(status(&imported, "b"), Some(Status::TimedOut));
    let cases = imported.summary.cases();
    let bench = cases.iter().find(|case| case.name == "d").expect("is there");
    let properties: Vec<_> =
        bench.notes.properties.iter().map(|it| format!("{}={}", it.name, it.value)).collect();
    assert_eq!(properties, ["median_ns=12", "deviation_ns=3"]);
}

#[test]
fn what_is_not_known_yet_is_passed_over() {
    let stream = concat!(
        "{\"type\":\"suite\",\"event\":\"discovery\"}\n",
        "{\"type\":\"test\",\"event\":\"discovered\",\"name\":\"a\"}\n",
        "{\"type\":\"suite\",\"event\":\"completed\",\"total\":1}\n",
        "{\"type\":\"report\",\"total_time\":1.0,\"compilation_time\":0.5}\n",
        "{\"type\":\"test\",\"event\":\"teleported\",\"name\":\"a\"}\n",
    );
    let imported = read(stream);
    assert_eq!((imported.faults.len(), imported.understood, imported.foreign), (0, 5, 0));
    assert_eq!(totals(&imported), [0; 5]);
}

#[test]
fn a_line_in_a_wrapper_is_read() {
    let stream = "\u{feff}\u{1b}[2m{\"type\":\"test\",\"event\":\"started\",\"name\":\"a\"}\u{1b}[0m\r\n\
         dots...{ \"type\": \"test\", \"name\": \"a\", \"event\": \"ok\" }\n\
         got {\"type\":\"test\",\"event\":\"ok\",\"name\":\"b\"} here\n\
         {\"type\":\"message\",\"event\":\"ok\",\"name\":\"b\"}\n";
    let imported = read(stream);
    assert_eq!(totals(&imported), [1, 0, 0, 0, 0]);
    assert_eq!((imported.understood, imported.foreign, imported.faults.len()), (2, 3, 0));
}

#[test]
fn a_broken_line_is_a_fault_and_the_next_is_read() {
    let stream = "{\"type\":\"test\",\"event\":\"ok\",\"na\n\
         {\"type\":\"test\",\"event\":\"ok\",\"name\":7}\n\
         {\"type\":\"test\",\"event\":\"ok\",\"name\":\"a\"}\n\
         {\"type\":\"te";
    let imported = read(stream);
    assert_eq!(totals(&imported), [1, 0, 0, 0, 0]);
    let lines: Vec<usize> = imported.faults.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 2, 4]);
    assert!(imported.faults[2].1.starts_with("the last line was cut off"), "{:?}", imported.faults);
}

#[test]
fn a_stream_that_ends_too_early_says_what_was_running() {
    let stream = [started(5), test("started", "a"), test("started", "b"), test("ok", "a")].concat();
    let imported = read(&stream);
    assert_eq!(totals(&imported), [1, 1, 0, 0, 3]);
    let expected =
        "the stream ends before the end of the suite suite 1: 1 case was still running (b)";
    assert_eq!(imported.faults, [(4, expected.to_owned())]);
    assert_eq!(imported.summary.status(), Some(Status::Aborted));
    assert_eq!(status(&imported, "b"), Some(Status::Aborted));
}

#[test]
fn an_interruption_is_no_fault_and_aborts_what_runs() {
    let mut importer = Format::LibtestJson.importer("r");
    let mut found = Found::new();
    for line in [started(5), test("started", "a")] {
        importer.line(Line::whole(line.trim_end()), &mut found);
    }
    importer.end(End::Interrupted, &mut found);
    assert!(found.faults().is_empty());
    let is_aborted = |event: &TestRun| match event {
        TestRun::CaseFinished(event) => event.status == Status::Aborted && event.synthetic,
        TestRun::RunFinished(event) => event.status == Status::Aborted,
        _ => false,
    };
    assert_eq!(found.said().iter().filter(|said| is_aborted(&said.event)).count(), 2);
}

#[test]
fn a_stream_of_something_else_says_so() {
    assert_eq!(read("").faults, [(0, "the stream is empty".to_owned())]);
    let imported = read("hello\n{\"Action\":\"run\",\"Test\":\"T\"}\n\n");
    let expected = "none of the 2 lines is libtest-json; is `--from` right?";
    assert_eq!(imported.faults, [(3, expected.to_owned())]);
}

#[test]
fn what_is_kept_does_not_grow_with_tests_that_have_ended() {
    let mut importer = Format::LibtestJson.importer("r");
    let mut found = Found::new();
    let mut feed = |line: &str| {
        importer.line(Line::whole(line.trim_end()), &mut found);
        found.take_said().len()
    };
    let mut events = feed(&started(20_000));
    for number in 0..20_000 {
        let name = format!("t{number}");
        events += feed(&test("started", &name)) + feed(&test("ok", &name));
    }
    assert!(events > 40_000);
    assert!(format!("{importer:?}").len() < 4_000);
}

#[test]
fn a_binary_that_dies_before_it_says_anything_is_an_error() {
    let stream = "     Running tests/a.rs (target/debug/deps/a-9949de8168e972d0)\n\
         error: test failed, to rerun pass `--test a`\n\nCaused by:\n  \
         process didn't exit successfully: `a` (signal: 11, SIGSEGV: invalid memory reference)\n";
    let imported = read(&format!("{stream}{}{}", started(0), ended("ok")));
    assert_eq!(totals(&imported), [0, 1, 0, 0, 0]);
    let errors = imported.summary.errors();
    assert_eq!(errors[0].entity.id(), "a (tests/a.rs)");
    let expected = "the test process failed: signal: 11, SIGSEGV: invalid memory reference";
    assert_eq!(errors[0].failure.message, expected);
}

#[test]
fn a_test_of_nextest_without_an_end_is_aborted() {
    let line =
        NEXTEST.lines().find(|line| line.contains("\"ok\"") && line.contains('$')).expect("one");
    let imported = read(&NEXTEST.replace(&format!("{line}\n"), ""));
    assert_eq!(totals(&imported), [378, 129, 4, 0, 0]);
    assert_eq!(imported.summary.counts().with_status(Status::Aborted), 1);
    assert_eq!(imported.faults.len(), 1);
    assert!(imported.faults[0].1.starts_with("the stream ends before all results of the suite"));
}

#[test]
fn a_retry_that_nextest_gave_up_is_aborted_and_the_stream_is_whole() {
    let of = |event: &str, name: &str| test(event, &format!("c::b${name}"));
    let end = "{\"type\":\"suite\",\"event\":\"failed\",\"passed\":0,\"failed\":1,\"ignored\":1,\
         \"measured\":0,\"filtered_out\":2,\"exec_time\":0.4}\n";
    let lines = [
        started(5),
        of("started", "retried"),
        of("started", "ignored"),
        of("ignored", "ignored"),
        of("started", "fails"),
        of("failed", "fails#2"),
    ]
    .concat();
    let imported = read(&format!("{lines}{end}"));
    assert_eq!(imported.faults, []);
    assert_eq!(totals(&imported), [0, 2, 1, 0, 2]);
    assert_eq!(status(&imported, "retried"), Some(Status::Aborted));
    // What the end of the suite does not leave out is missing.
    let imported =
        read(&format!("{lines}{}", end.replace("\"filtered_out\":2", "\"filtered_out\":1")));
    assert_eq!(imported.faults.len(), 1, "{:?}", imported.faults);
    assert_eq!(read(&lines).faults.len(), 1);
}

#[test]
fn a_failed_test_of_nextest_without_capture_is_read_though_its_line_is_split() {
    let stream = [
        started(2),
        test("started", "c::b$a"),
        "{\"type\":\"test\",\"event\":\"failed\",\"name\":\"c::b$a\",\"exec_time\":0.5,\
         \"stdout\":\"(stdout not captured)\\n(stderr not captured)\n\"}\n"
            .to_owned(),
        test("started", "c::b$b"),
        test("ok", "c::b$b"),
        "\"}\n".to_owned(),
        ended("failed"),
    ]
    .concat();
    let imported = read(&stream);
    assert_eq!(imported.faults, []);
    assert_eq!(totals(&imported), [1, 1, 0, 0, 0]);
    assert_eq!(status(&imported, "a"), Some(Status::Failure));
    // Anywhere else, the rest of such a line is text as any other.
    assert_eq!((imported.understood, imported.foreign), (6, 1));
}

#[test]
fn every_cut_of_a_recording_has_totals_that_do_not_exceed_the_whole() {
    for recording in [LIBTEST, MERGED, NEXTEST_PLUS, RETRIES, FILTER, STRESS] {
        let whole = read(recording).summary.counts().total();
        for (at, _) in recording.char_indices().step_by(13) {
            let imported = read(&recording[..at]);
            assert!(imported.summary.counts().total() <= whole, "cut at {at}");
            assert_eq!(imported.summary.counts().running, 0, "cut at {at}");
        }
    }
}

#[test]
fn every_item_of_a_recording_ends_once_and_inside_of_its_run() {
    for recording in RECORDINGS {
        let imported = read(recording);
        let (mut begun, mut ended) = (0, 0);
        for (_, event) in &imported.events {
            match event {
                TestRun::SuiteStarted(_) | TestRun::RunStarted(_) => begun += 1,
                TestRun::SuiteFinished(_) | TestRun::RunFinished(_) => ended += 1,
                _ => {}
            }
        }
        assert_eq!(begun, ended);
        assert!(matches!(imported.events.first(), Some((_, TestRun::RunStarted(_)))));
        assert!(matches!(imported.events.last(), Some((_, TestRun::RunFinished(_)))));
    }
}

#[test]
fn the_events_of_a_recording_are_in_legal_order() {
    for recording in RECORDINGS {
        assert_eq!(illegal(Format::LibtestJson, recording), Vec::<String>::new());
    }
}

#[test]
fn foreign_lines_in_between_change_no_total() {
    for recording in RECORDINGS {
        let other = "\nwarning: [1] {x}\n{\"level\":\"info\"}\n";
        let mixed: String = recording.lines().flat_map(|line| [line, other]).collect();
        assert_eq!(totals(&read(&mixed)), totals(&read(recording)));
    }
}

fn any_line() -> impl Strategy<Value = String> {
    let kind = prop::sample::select(vec!["test", "suite", "bench", "x"]);
    let events = vec!["started", "ok", "failed", "ignored", "timeout", "allowed_failure", "?"];
    let names =
        vec!["a", "a#2", "b::c$d", "b::c$d#2", "b::c$d#3", "b::c@stress-1$d", "$", "#2", ""];
    let extra = prop::sample::select(vec!["\"test_count\":2", "\"ignored\":1", "\"median\":1"]);
    (kind, prop::sample::select(events), prop::sample::select(names), extra).prop_map(
        |(kind, event, name, extra)| {
            format!("{{\"type\":\"{kind}\",\"event\":\"{event}\",\"name\":\"{name}\",{extra}}}")
        },
    )
}

proptest! {
    #[test]
    fn whatever_comes_is_read_without_a_panic(
        lines in prop::collection::vec(prop_oneof![4 => any_line(), 1 => "\\PC*"], 0..40),
        is_whole: bool,
    ) {
        let mut stream = lines.join("\n");
        if is_whole {
            stream.push('\n');
        }
        let imported = read(&stream);
        let counts = imported.summary.counts();
        prop_assert_eq!(counts.running, 0);
        prop_assert_eq!(counts.total(), counts.passed() + counts.failed() + counts.skipped());
    }
}
