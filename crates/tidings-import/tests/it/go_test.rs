//! go: a recorded stream against a count of its own, and every quirk alone.

use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use tidings_import::{End, Format, Found, Line};
use tidings_testrun::{Status, TestRun};

use crate::libtest::illegal;
use crate::support::{Imported, import};

const RECORDING: &str = include_str!("../data/go_test/go-test.jsonl");

fn read(stream: &str) -> Imported {
    import(Format::GoTestJson, stream)
}

/// `passed, failed, skipped, flaky, never ran`.
fn totals(imported: &Imported) -> [u64; 5] {
    let counts = imported.summary.counts();
    let never_ran = imported.summary.never_ran();
    [counts.passed(), counts.failed(), counts.skipped(), counts.flaky, never_ran]
}

/// Ends of tests: passed, failed, skipped.
fn counted(stream: &str) -> [u64; 3] {
    let mut counts = [0; 3];
    for line in stream.lines() {
        let Ok(object) = serde_json::from_str::<Value>(line) else { continue };
        if object.get("Test").is_none() {
            continue;
        }
        let place = match object["Action"].as_str() {
            Some("pass") => 0,
            Some("fail") => 1,
            Some("skip") => 2,
            _ => continue,
        };
        counts[place] += 1;
    }
    counts
}

fn status(imported: &Imported, name: &str) -> Option<Status> {
    let cases = imported.summary.cases();
    cases.iter().find(|case| case.name == name).and_then(|case| case.status)
}

fn stream(events: &[Value]) -> String {
    events.iter().flat_map(|event| [event.to_string(), "\n".to_owned()]).collect()
}

fn package(action: &str) -> Value {
    json!({"Action": action, "Package": "p", "Elapsed": 0.5})
}

fn test(action: &str, name: &str) -> Value {
    json!({"Action": action, "Package": "p", "Test": name})
}

fn output(name: &str, text: &str) -> Value {
    json!({"Action": "output", "Package": "p", "Test": name, "Output": text})
}

fn said(text: &str) -> Value {
    json!({"Action": "output", "Package": "p", "Output": text})
}

#[test]
fn a_recording_has_the_totals_of_its_tests() {
    let imported = read(RECORDING);
    assert_eq!(counted(RECORDING), [4, 3, 1]);
    assert_eq!(totals(&imported), [4, 3, 1, 0, 0]);
    assert_eq!((imported.faults.len(), imported.foreign), (0, 0));
    assert_eq!(imported.summary.status(), Some(Status::Failure));
    assert_eq!(imported.summary.errors().len(), 0);
    let suites = imported.summary.suites();
    assert_eq!(suites.len(), 1);
    assert_eq!(suites[0].path.as_ref().expect("named").id(), "example.test/probe");
}

#[test]
fn a_failure_is_what_the_test_said_and_no_frame() {
    let imported = read(RECORDING);
    let failures = imported.summary.failures();
    let of = |name: &str| failures.iter().find(|it| it.name == name).expect("failed");
    assert_eq!(of("TestFail").failure.expect("said").message, "boom 7");
    assert_eq!(of("TestFail").location.expect("said").to_string(), "probe_test.go:4");
    assert_eq!(of("TestTable/d").failure.expect("said").message, "case d");
    let cases = imported.summary.cases();
    let case = cases.iter().find(|case| case.name == "TestFail").expect("is there");
    let text: String = case.notes.output.iter().map(|kept| kept.text.as_str()).collect();
    assert_eq!(text, "raw stdout\nraw stderr\n    probe_test.go:4: boom 7\n");
    let skip = cases.iter().find(|case| case.name == "TestSkip").expect("is there");
    assert_eq!((skip.status, skip.last().reason), (Some(Status::Skipped), Some("not today")));
}

#[test]
fn attributes_are_properties_and_artifacts_attachments() {
    let imported = read(RECORDING);
    let cases = imported.summary.cases();
    let case = cases.iter().find(|case| case.name == "TestAttr").expect("is there");
    let properties: Vec<_> =
        case.notes.properties.iter().map(|it| format!("{}={}", it.name, it.value)).collect();
    assert_eq!(properties, ["owner=team-x", "case.id=C-42"]);
    assert_eq!(case.notes.attachments.len(), 1);
}

#[test]
fn times_of_the_stream_are_the_times_of_the_run() {
    let imported = read(RECORDING);
    let started = imported.summary.started_at().expect("said");
    assert_eq!(started.to_string(), "2026-11-21T03:07:01.051869113Z");
    assert_eq!(imported.summary.duration().expect("said").as_micros(), 20_627);
}

#[test]
fn a_package_that_does_not_build_is_an_error_with_what_the_compiler_said() {
    let build = |action: &str, text: &str| json!({"ImportPath": "p [p.test]", "Action": action, "Output": text});
    let with_events = stream(&[
        build("build-output", "# p [p.test]\n"),
        build("build-output", "./x_test.go:3:11: undefined: y\n"),
        build("build-fail", ""),
        package("start"),
        said("FAIL\tp [build failed]\n"),
        json!({"Action": "fail", "Package": "p", "Elapsed": 0, "FailedBuild": "p [p.test]"}),
    ]);
    let text = "# p [p.test]\n./x_test.go:3:11: undefined: y\n";
    let half = stream(&[said("FAIL\tp [build failed]\n"), package("fail")]);
    for stream in
        [with_events, format!("{text}{half}"), format!("{text}FAIL\tp [build failed]\nFAIL\n")]
    {
        let imported = read(&stream);
        assert_eq!(totals(&imported), [0, 1, 0, 0, 0], "{stream}");
        assert_eq!(imported.faults, [], "{stream}");
        let errors = imported.summary.errors();
        assert_eq!((errors[0].name, errors[0].entity.id()), (Some("build"), "p"));
        assert_eq!(errors[0].failure.message, "undefined: y");
        let place = errors[0].failure.location.as_ref().expect("said");
        assert_eq!(place.to_string(), "./x_test.go:3:11");
        assert!(errors[0].failure.details.as_ref().expect("said").contains("undefined: y"));
        assert_eq!(imported.summary.status(), Some(Status::Failure));
    }
}

#[test]
fn a_failed_build_that_no_package_names_is_an_error_of_the_run() {
    let events = [
        json!({"ImportPath": "q", "Action": "build-output", "Output": "q/a.go:1:2: bad\n"}),
        json!({"ImportPath": "q", "Action": "build-fail"}),
    ];
    assert_eq!(totals(&read(&stream(&events))), [0, 1, 0, 0, 0]);
}

#[test]
fn a_package_that_fails_without_a_failed_test_is_an_error() {
    let events = [
        package("start"),
        test("run", "TestA"),
        test("pass", "TestA"),
        said("setup is broken\n"),
        said("exit status 1\n"),
        said("FAIL\tp\t0.5s\n"),
        package("fail"),
    ];
    let imported = read(&stream(&events));
    assert_eq!(totals(&imported), [1, 1, 0, 0, 0]);
    assert_eq!(imported.summary.errors()[0].failure.message, "setup is broken");
    let blamed = [test("run", "TestA"), test("fail", "TestA"), package("fail")];
    assert_eq!(totals(&read(&stream(&blamed))), [0, 1, 0, 0, 0]);
}

#[test]
fn a_package_without_tests_is_neither_case_nor_fault() {
    let events = [
        package("start"),
        said("?   \tp\t[no test files]\n"),
        package("skip"),
        json!({"Action": "start", "Package": "q"}),
        json!({"Action": "output", "Package": "q", "Output": "ok  \tq\t(cached) [no tests to run]\n"}),
        json!({"Action": "pass", "Package": "q", "Elapsed": 0}),
    ];
    let imported = read(&stream(&events));
    assert_eq!(totals(&imported), [0; 5]);
    assert_eq!((imported.faults.len(), imported.summary.status()), (0, Some(Status::Success)));
}

#[test]
fn a_panic_ends_its_test_and_aborts_the_others() {
    let events = [
        package("start"),
        test("run", "TestOther"),
        test("pause", "TestOther"),
        test("run", "TestPanic"),
        output("TestPanic", "--- FAIL: TestPanic (0.00s)\n"),
        output("TestPanic", "panic: oops [recovered]\n"),
        output("TestPanic", "\tpanic: oops\n"),
        output("TestPanic", "\t/w/a_test.go:6 +0x39\n"),
        test("fail", "TestPanic"),
        said("FAIL\tp\t0.1s\n"),
        package("fail"),
    ];
    let imported = read(&stream(&events));
    assert_eq!(totals(&imported), [0, 2, 0, 0, 0]);
    assert_eq!(status(&imported, "TestOther"), Some(Status::Aborted));
    let failures = imported.summary.failures();
    let panic = failures.iter().find(|it| it.name == "TestPanic").expect("failed");
    assert_eq!(panic.failure.expect("said").message, "panic: oops");
    assert_eq!(panic.location.expect("said").to_string(), "/w/a_test.go:6");
}

#[test]
fn a_test_without_an_end_is_aborted_when_its_package_ends() {
    let events = [
        package("start"),
        test("run", "TestExit"),
        output("TestExit", "fatal\n"),
        said("exit status 1\n"),
        package("fail"),
    ];
    let imported = read(&stream(&events));
    assert_eq!(totals(&imported), [0, 1, 0, 0, 0]);
    assert_eq!(status(&imported, "TestExit"), Some(Status::Aborted));
    assert!(imported.summary.cases()[0].synthetic);
    assert_eq!(imported.faults, []);
}

#[test]
fn the_tests_that_ran_when_the_time_was_up_are_timed_out() {
    let up = [
        output("TestX", "panic: test timed out after 1s\n"),
        output("TestX", "\trunning tests:\n"),
        output("TestX", "running tests:\n"),
        output("TestX", "\tTestX (1s)\n"),
        output("TestX", "\n"),
    ];
    let begin =
        [package("start"), test("run", "TestW"), test("pause", "TestW"), test("run", "TestX")];
    for end in [vec![package("fail")], vec![test("fail", "TestX"), package("fail")]] {
        let events: Vec<Value> = begin.iter().chain(&up).chain(&end).cloned().collect();
        let imported = read(&stream(&events));
        assert_eq!(totals(&imported), [0, 2, 0, 0, 0]);
        assert_eq!(status(&imported, "TestX"), Some(Status::TimedOut));
        assert_eq!(status(&imported, "TestW"), Some(Status::Aborted));
        let old: Vec<Value> = begin.iter().chain(&up[..1]).chain(&end).cloned().collect();
        assert_eq!(status(&read(&stream(&old)), "TestX"), Some(Status::TimedOut));
    }
}

#[test]
fn a_test_that_passed_when_the_time_was_up_has_passed() {
    let events = [
        package("start"),
        test("run", "TestX"),
        output("TestX", "--- PASS: TestX (1.00s)\n"),
        output("TestX", "panic: test timed out after 1s\n"),
        output("TestX", "running tests:\n"),
        output("TestX", "\tTestX (1s)\n"),
        test("pass", "TestX"),
        package("fail"),
    ];
    let imported = read(&stream(&events));
    assert_eq!(totals(&imported), [1, 1, 0, 0, 0]);
    let message = &imported.summary.errors()[0].failure.message;
    assert_eq!(message, "panic: test timed out after 1s");
}

#[test]
fn a_verdict_behind_other_text_is_an_end() {
    let events = [
        test("run", "TestX"),
        output("TestX", "dots--- PASS: TestX (1.50s)\n"),
        test("run", "TestY"),
        output("TestY", "dots--- FAIL: TestY (0.00s)\n"),
        package("fail"),
    ];
    let imported = read(&stream(&events));
    assert_eq!(totals(&imported), [1, 1, 0, 0, 0]);
    assert_eq!(imported.summary.slowest(1)[0].duration.expect("said").as_millis(), 1500);
}

#[test]
fn a_benchmark_ends_with_its_result() {
    let events = [
        package("start"),
        test("run", "BenchmarkA"),
        output("BenchmarkA", "BenchmarkA-8   \t12695464\t        91.33 ns/op\n"),
        test("run", "BenchmarkB"),
        output("BenchmarkB", "--- BENCH: BenchmarkB-8\n"),
        test("bench", "BenchmarkB-8"),
        package("pass"),
    ];
    let imported = read(&stream(&events));
    assert_eq!(totals(&imported), [2, 0, 0, 0, 0]);
    assert_eq!(status(&imported, "BenchmarkB"), Some(Status::Success));
}

#[test]
fn every_run_of_a_test_counts() {
    let run = [test("run", "TestA"), test("pass", "TestA")];
    let twice: Vec<Value> = [run.clone(), run].concat();
    let whole = [vec![package("start")], twice, vec![package("pass")]].concat();
    assert_eq!(totals(&read(&stream(&whole))), [2, 0, 0, 0, 0]);
    assert_eq!(totals(&read(&stream(&[whole.clone(), whole].concat()))), [4, 0, 0, 0, 0]);
}

#[test]
fn a_stream_of_test2json_without_packages_is_read() {
    let events = [
        json!({"Action": "run", "Test": "TestA"}),
        json!({"Action": "pass", "Test": "TestA"}),
        json!({"Action": "output", "Output": "PASS\n"}),
        json!({"Action": "pass"}),
    ];
    let imported = read(&stream(&events));
    assert_eq!((totals(&imported), imported.faults.len()), ([1, 0, 0, 0, 0], 0));
}

#[test]
fn packages_that_run_side_by_side_keep_their_tests() {
    let of = |name: &str| -> Vec<Value> {
        RECORDING
            .lines()
            .map(|line| {
                let mut event: Value = serde_json::from_str(line).expect("JSON");
                event["Package"] = json!(name);
                event
            })
            .collect()
    };
    let mixed: Vec<Value> = of("a").into_iter().zip(of("b")).flat_map(|(a, b)| [a, b]).collect();
    let imported = read(&stream(&mixed));
    assert_eq!(totals(&imported), [8, 6, 2, 0, 0]);
    assert_eq!(imported.summary.suites().len(), 2);
}

#[test]
fn what_is_not_known_yet_is_passed_over() {
    let events =
        [package("start"), test("teleport", "TestA"), package("teleport"), package("pass")];
    let imported = read(&stream(&events));
    assert_eq!((totals(&imported), imported.faults.len(), imported.understood), ([0; 5], 0, 4));
}

#[test]
fn text_and_other_json_in_between_change_no_total() {
    let other = "\n{\"level\":\"info\"}\n\u{1b}[2mnote\u{1b}[0m\n\n";
    let mixed: String = RECORDING.lines().flat_map(|line| [line, other]).collect();
    let imported = read(&format!("go: downloading x v1.2.3\n{mixed}"));
    assert_eq!(totals(&imported), [4, 3, 1, 0, 0]);
    assert_eq!(imported.faults, []);
    assert_eq!(imported.summary.duration().expect("said").as_micros(), 20_627);
    let lines = u64::try_from(RECORDING.lines().count()).expect("few");
    assert_eq!((imported.foreign, imported.understood), (2 * lines + 1, lines));
}

#[test]
fn a_broken_line_is_a_fault_and_the_next_is_read() {
    let stream = "{\"Action\":\"pass\",\"Package\":\"p\",\"Te\n\
         {\"Action\":\"pass\",\"Package\":\"p\",\"Test\":7}\n\
         {\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"T\"}\n\
         {\"Action\":\"pass\",\"Package\":\"p\"}\n{\"Act";
    let imported = read(stream);
    assert_eq!(totals(&imported), [1, 0, 0, 0, 0]);
    let lines: Vec<usize> = imported.faults.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 2, 5]);
    assert!(imported.faults[2].1.starts_with("the last line was cut off"));
}

#[test]
fn a_stream_that_ends_too_early_says_what_was_running() {
    let events =
        [package("start"), test("run", "TestA"), test("run", "TestB"), test("pass", "TestA")];
    let imported = read(&stream(&events));
    assert_eq!(totals(&imported), [1, 1, 0, 0, 0]);
    let expected =
        "the stream ends before the end of the package p: 1 case was still running (TestB)";
    assert_eq!(imported.faults, [(4, expected.to_owned())]);
    assert_eq!(imported.summary.status(), Some(Status::Aborted));
}

#[test]
fn what_is_kept_does_not_grow_with_tests_that_have_ended() {
    let mut importer = Format::GoTestJson.importer("r");
    let mut found = Found::new();
    let mut events = 0;
    for number in 0..20_000 {
        let name = format!("Test{number}");
        for event in [test("run", &name), output(&name, "a line\n"), test("pass", &name)] {
            importer.line(Line::whole(&event.to_string()), &mut found);
            events += found.take_said().len();
        }
    }
    assert!(events > 60_000);
    assert!(format!("{importer:?}").len() < 4_000);
    importer.end(End::Interrupted, &mut found);
    assert!(found.faults().is_empty());
}

#[test]
fn a_stream_of_something_else_says_so() {
    assert_eq!(read("").faults, [(0, "the stream is empty".to_owned())]);
    let imported = read("{\"type\":\"suite\",\"event\":\"ok\"}\n");
    let expected = "its only line is not go-test-json; is `--from` right?";
    assert_eq!(imported.faults, [(1, expected.to_owned())]);
}

#[test]
fn every_cut_of_a_recording_has_sane_totals() {
    let begun: HashSet<&str> =
        RECORDING.split("\"Test\":\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    for at in (0..RECORDING.len()).filter(|at| RECORDING.is_char_boundary(*at)).step_by(7) {
        let imported = read(&RECORDING[..at]);
        let counts = imported.summary.counts();
        assert!(counts.total() <= begun.len() as u64, "cut at {at}");
        assert_eq!(counts.running, 0, "cut at {at}");
        assert!(at + 1 >= RECORDING.trim_end().len() || !imported.faults.is_empty(), "cut at {at}");
    }
}

#[test]
fn every_item_of_a_recording_ends_once() {
    let imported = read(RECORDING);
    let count = |is_it: fn(&TestRun) -> bool| {
        imported.events.iter().filter(|(_, event)| is_it(event)).count()
    };
    assert_eq!(count(|event| matches!(event, TestRun::SuiteStarted(_))), 1);
    assert_eq!(count(|event| matches!(event, TestRun::SuiteFinished(_))), 1);
    assert_eq!(count(|event| matches!(event, TestRun::CaseStarted(_))), 8);
    assert!(matches!(imported.events.first(), Some((_, TestRun::RunStarted(_)))));
    assert!(matches!(imported.events.last(), Some((_, TestRun::RunFinished(_)))));
    assert_eq!(illegal(Format::GoTestJson, RECORDING), Vec::<String>::new());
}

fn any_event() -> impl Strategy<Value = String> {
    let actions = vec![
        "start",
        "run",
        "pause",
        "cont",
        "pass",
        "bench",
        "fail",
        "output",
        "skip",
        "attr",
        "artifacts",
        "build-output",
        "build-fail",
        "?",
    ];
    let tests = vec!["", "TestA", "TestA/b", "BenchmarkC", "BenchmarkC-8"];
    let pieces = vec![
        "x--- PASS: TestA (0.1s)\n",
        "panic: test timed out after 1s\n",
        "running tests:\n",
        "\tTestA (1s)\n",
        "    a_test.go:3: é\n",
        "FAIL\tp [build failed]\n",
        "=== RUN \n",
        "",
    ];
    let select = prop::sample::select::<&str>;
    (select(actions), select(tests), select(pieces), any::<bool>()).prop_map(
        |(action, test, text, is_named)| {
            let mut event =
                json!({"Action": action, "Test": test, "Output": text, "Elapsed": "-1"});
            if is_named {
                event["Package"] = json!("p");
            }
            if action.starts_with("build") {
                event["ImportPath"] = json!("p");
            }
            event.to_string()
        },
    )
}

proptest! {
    #[test]
    fn whatever_comes_is_read_without_a_panic(
        lines in prop::collection::vec(prop_oneof![4 => any_event(), 1 => "\\PC*"], 0..40),
    ) {
        let imported = read(&lines.join("\n"));
        let counts = imported.summary.counts();
        prop_assert_eq!(counts.running, 0);
        prop_assert_eq!(counts.total(), counts.passed() + counts.failed() + counts.skipped());
    }
}
