//! What is special in report logs, each as a test of its own.

use std::time::Duration;

use tidings_testrun::{CaseView, OutputStream, SkippedBy, Status, TestRun};

use super::recordings::{imported, stream_of};
use crate::support::{Imported, import};
use tidings_import::Format;

fn case<'a>(imported: &'a Imported, name: &str) -> CaseView<'a> {
    let mut cases = imported.summary.cases();
    cases.retain(|case| case.name == name);
    assert_eq!(cases.len(), 1, "{name}");
    cases.remove(0)
}

/// A report of a phase.
fn report(test: &str, when: &str, outcome: &str, rest: &str) -> String {
    format!(
        r#"{{"nodeid": "t.py::{test}", "when": "{when}", "outcome": "{outcome}"{rest}, "$report_type": "TestReport"}}"#
    )
}

fn passed(test: &str) -> Vec<String> {
    ["setup", "call", "teardown"].map(|when| report(test, when, "passed", "")).to_vec()
}

fn read(lines: &[String]) -> Imported {
    let end = r#"{"exitstatus": 0, "$report_type": "SessionFinish"}"#;
    import(Format::PytestReportlog, &format!("{}\n{end}\n", lines.join("\n")))
}

fn statuses(imported: &Imported) -> Vec<Option<Status>> {
    imported.summary.cases().iter().map(|case| case.status).collect()
}

#[test]
fn a_skip_is_of_the_user_and_says_why() {
    let imported = imported("kinds");
    for (name, reason) in [
        ("test_skip_mark", "not now"),
        ("test_skip_bare", "unconditional skip"),
        ("test_skip_inside", "found out late"),
        ("test_skipped", "unit skip"),
        ("test_xfail", "expected to fail: bug 17"),
        ("test_xfail_not_run", "expected to fail, and not run: it hangs"),
        ("test_expected", "expected to fail"),
    ] {
        let case = case(&imported, name);
        assert_eq!(case.status, Some(Status::Skipped), "{name}");
        assert_eq!(case.last().reason, Some(reason), "{name}");
        assert_eq!(case.last().skipped_by, Some(SkippedBy::User), "{name}");
    }
    let expected = case(&imported, "test_xfail").failure().expect("kept").to_string();
    assert_eq!(expected, "AssertionError: assert 0");
}

#[test]
fn an_unexpected_pass_is_a_success_unless_it_is_strict() {
    let imported = imported("kinds");
    assert_eq!(case(&imported, "test_xpass").status, Some(Status::Success));
    let properties: Vec<_> = case(&imported, "test_xpass").notes.properties.clone();
    assert_eq!((properties[0].name.as_str(), properties[0].value.as_str()), ("xpass", "bug 18"));
    assert_eq!(case(&imported, "test_xpass_strict").status, Some(Status::Failure));
    assert_eq!(case(&imported, "test_unexpected").status, Some(Status::Failure));
}

#[test]
fn a_broken_setup_is_the_error_of_its_case_and_a_broken_teardown_one_of_its_own() {
    let imported = imported("kinds");
    assert_eq!(case(&imported, "test_setup_error").status, Some(Status::Error));
    assert_eq!(case(&imported, "test_teardown_error").status, Some(Status::Success));
    assert_eq!(case(&imported, "test_both_fail").status, Some(Status::Failure));
    assert_eq!(case(&imported, "test_skip_and_teardown_error").status, Some(Status::Skipped));
    let errors = imported.summary.errors();
    let about: Vec<&str> = errors.iter().map(|error| error.entity.id()).collect();
    let wanted =
        ["test_teardown_error", "test_both_fail", "test_skip_and_teardown_error", "test_three"];
    assert_eq!(about, wanted);
    assert!(errors.iter().all(|error| error.name == Some("teardown")));
}

#[test]
fn classes_are_groups_and_parameters_are_part_of_the_name() {
    let imported = imported("kinds");
    let path = |name| case(&imported, name).entity.to_string();
    assert_eq!(
        path("test_two"),
        "run/r/suite/test_kinds.py/group/TestGroup/group/TestInner/case/test_two"
    );
    for name in ["test_param[a::b]", "test_param[a/b]", "test_param[[c]]", "test_param[a]::[b]"] {
        assert_eq!(case(&imported, name).status, Some(Status::Success), "{name}");
    }
    assert_eq!(case(&imported, r"test_param[\xe9]").status, Some(Status::Success));
}

#[test]
fn output_is_told_once_and_properties_are_kept() {
    let imported = imported("kinds");
    let of_case = |(path, event): &(String, TestRun)| match event {
        TestRun::Output(output) if path.ends_with("case/test_passes") => {
            Some((output.stream, output.text.clone()))
        }
        _ => None,
    };
    let outputs: Vec<_> = imported.events.iter().filter_map(of_case).collect();
    let log = "WARNING  root:test_kinds.py:25 careful".to_owned();
    let wanted = [
        (OutputStream::Stdout, "in setup\n".to_owned()),
        (OutputStream::Stdout, "in call\n".to_owned()),
        (OutputStream::Log, log),
        (OutputStream::Stdout, "in teardown\n".to_owned()),
    ];
    assert_eq!(outputs, wanted);
    let case = case(&imported, "test_passes");
    let properties: Vec<_> =
        case.notes.properties.iter().map(|it| format!("{}={}", it.name, it.value)).collect();
    assert_eq!(properties, ["ticket=C-42", "n=3"]);
}

#[test]
fn times_are_those_of_the_stream_and_the_duration_is_that_of_all_phases() {
    let imported = imported("capture");
    let case = case(&imported, "test_pass");
    assert_eq!(case.started_at.to_string(), "2026-11-21T03:13:41.570374500Z");
    let ended_at = case.last().ended_at.expect("it ended").to_string();
    assert_eq!(ended_at, "2026-11-21T03:13:41.581978000Z");
    // 0.000555212, 0.000396735 and 0.000791169 seconds.
    assert_eq!(case.duration, Some(Duration::from_nanos(1_743_116)));
    assert_eq!(case.location.expect("known").to_string(), "pyt/test_probe.py:2");
}

#[test]
fn reruns_are_attempts_and_the_last_decides() {
    let imported = imported("flaky");
    for (name, status, attempts, flaky) in [
        ("test_passes_second", Status::Success, vec![Status::Failure, Status::Success], true),
        ("test_never_passes", Status::Failure, vec![Status::Failure; 3], false),
        (
            "test_setup_recovers",
            Status::Success,
            vec![Status::Error, Status::Error, Status::Success],
            true,
        ),
        ("test_teardown_recovers", Status::Success, vec![Status::Error, Status::Success], true),
        ("test_steady", Status::Success, vec![Status::Success], false),
    ] {
        let case = case(&imported, name);
        assert_eq!((case.status, case.flaky), (Some(status), flaky), "{name}");
        let seen: Vec<_> = case.attempts.iter().filter_map(|attempt| attempt.status).collect();
        assert_eq!(seen, attempts, "{name}");
    }
    let same: Vec<_> = imported
        .events
        .iter()
        .filter_map(|(_, event)| match event {
            TestRun::Output(output) if output.text == "same text\n" => output.attempt,
            _ => None,
        })
        .collect();
    assert_eq!(same, [1, 2, 3]);
}

#[test]
fn a_rerun_without_a_teardown_and_without_a_number_is_an_attempt_too() {
    let mut lines = vec![report("a", "setup", "passed", ""), report("a", "call", "rerun", "")];
    lines.extend(passed("a"));
    let imported = read(&lines);
    assert_eq!(statuses(&imported), [Some(Status::Success)]);
    assert_eq!(imported.summary.counts().flaky, 1);
}

#[test]
fn a_teardown_that_comes_after_the_next_attempt_began_is_not_of_that() {
    let of = |when: &str, outcome: &str, rerun: u32| {
        report("a", when, outcome, &format!(r#", "rerun": {rerun}"#))
    };
    let imported = read(&[
        of("setup", "passed", 0),
        of("call", "rerun", 0),
        of("setup", "passed", 1),
        of("teardown", "passed", 0),
        of("call", "passed", 1),
        of("teardown", "failed", 1),
    ]);
    assert_eq!(statuses(&imported), [Some(Status::Success)]);
    let counts = imported.summary.counts();
    assert_eq!((counts.flaky, counts.error_items), (1, 1));
}

#[test]
fn an_attempt_that_never_follows_leaves_a_failure() {
    let imported = read(&[
        report("a", "setup", "passed", ""),
        report("a", "call", "rerun", ""),
        report("a", "teardown", "passed", ""),
    ]);
    assert_eq!(statuses(&imported), [Some(Status::Failure)]);
}

#[test]
fn subtests_are_steps_of_their_test_and_fail_it() {
    for name in ["subtests", "subtests8"] {
        let imported = imported(name);
        let fails = case(&imported, "test_some_fail");
        assert_eq!(fails.status, Some(Status::Failure), "{name}");
        assert_eq!(fails.failure().expect("kept").message, "contains 2 failed subtests");
        let steps: Vec<_> = fails.steps.iter().map(|step| (step.name(), step.status)).collect();
        let (good, bad) = (Some(Status::Success), Some(Status::Failure));
        let wanted = [
            ("[odd] (i=0)", good),
            ("[odd] (i=1)", bad),
            ("[odd] (i=2)", good),
            ("[odd] (i=3)", bad),
        ];
        assert_eq!(steps, wanted, "{name}");
        assert_eq!(case(&imported, "test_units").status, Some(Status::Failure), "{name}");
        let skips = case(&imported, "test_sub_skips");
        assert_eq!(skips.status, Some(Status::Success), "{name}");
        assert_eq!(skips.steps[0].status, Some(Status::Skipped), "{name}");
    }
}

#[test]
fn a_module_that_cannot_be_imported_is_an_error_and_one_that_is_skipped_a_skip() {
    let imported = imported("collect-errors");
    let errors = imported.summary.errors();
    let said: Vec<_> =
        errors.iter().map(|error| (error.entity.id(), error.failure.to_string())).collect();
    assert_eq!(said[0].0, "test_broken.py");
    assert_eq!(said[0].1, "ModuleNotFoundError: No module named 'no_such_module'");
    assert_eq!(said[1], ("test_syntax.py", "SyntaxError: invalid syntax".to_owned()));
    let skip = case(&imported, "test_module_skip.py");
    assert_eq!(skip.status, Some(Status::Skipped));
    assert_eq!(skip.last().reason, Some("whole module"));
}

#[test]
fn workers_are_nodes_and_a_worker_that_crashes_aborts_its_test() {
    let imported = imported("crash");
    let crashed = case(&imported, "test_crashes");
    assert_eq!((crashed.status, crashed.node), (Some(Status::Aborted), "gw0"));
    assert_eq!(case(&imported, "test_after").node, "gw1");
    assert_eq!(
        crashed.failure().expect("kept").message,
        "worker 'gw0' crashed while running 'test_crash.py::test_crashes'"
    );
}

#[test]
fn a_test_that_crashes_two_workers_is_one_case_with_two_attempts() {
    let imported = imported("xdist-reruns");
    let crashed = case(&imported, "test_crashes");
    let nodes: Vec<_> = crashed.attempts.iter().map(|attempt| attempt.status).collect();
    assert_eq!(nodes, [Some(Status::Aborted); 2]);
    assert_eq!(crashed.node, "gw1");
}

#[test]
fn a_test_that_runs_twice_is_two_runs() {
    let imported = imported("twice");
    let repeats: Vec<u32> = imported.summary.cases().iter().map(|case| case.repeat).collect();
    assert_eq!(repeats, [1, 2]);
    let both: Vec<String> = [passed("a"), passed("a"), passed("a")].concat();
    assert_eq!(statuses(&read(&both)), [Some(Status::Success); 3]);
}

#[test]
fn a_test_that_begins_again_before_its_end_was_aborted() {
    let lines: Vec<String> = [vec![report("a", "setup", "passed", "")], passed("a")].concat();
    let imported = read(&lines);
    assert_eq!(statuses(&imported), [Some(Status::Aborted), Some(Status::Success)]);
}

#[test]
fn phases_of_tests_side_by_side_may_come_in_any_order() {
    let (a, b) = (passed("a"), passed("b"));
    let lines = [&b[1], &a[2], &a[0], &b[2], &a[1], &b[0]].map(Clone::clone);
    assert_eq!(statuses(&read(&lines)), [Some(Status::Success); 2]);
    let lines = [
        report("a", "teardown", "failed", ""),
        report("a", "call", "failed", ""),
        report("a", "setup", "passed", ""),
    ];
    let imported = read(&lines);
    assert_eq!(statuses(&imported), [Some(Status::Failure)]);
    assert_eq!(imported.summary.counts().error_items, 1);
}

#[test]
fn a_session_that_is_interrupted_aborts_what_runs() {
    let imported = imported("interrupted");
    let case = case(&imported, "test_b");
    assert_eq!((case.status, case.synthetic), (Some(Status::Aborted), true));
    assert_eq!(imported.summary.counts().synthetic, 1);
}

#[test]
fn what_a_newer_version_says_is_passed_over_but_no_outcome_is() {
    let new = r#"{"nodeid": "t.py::a", "$report_type": "StatusReport"}"#.to_owned();
    let imported = read(&[new, report("b", "call", "exploded", "")]);
    assert_eq!(imported.faults, []);
    assert_eq!(imported.understood, 3);
    assert_eq!(statuses(&imported), [Some(Status::Failure)]);
}

#[test]
fn numbers_may_be_texts_or_missing_or_none_at_all() {
    for (duration, wanted) in [
        ("\"0.25\"", Some(Duration::from_millis(250))),
        ("0.25", Some(Duration::from_millis(250))),
        ("-1", None),
        ("\"NaN\"", None),
        ("NaN", None),
        ("null", None),
    ] {
        let rest = format!(r#", "duration": {duration}, "rerun": "x", "start": [], "stop": "-""#);
        let line = report("a", "call", "passed", &rest);
        let imported = read(&[line]);
        let durations: Vec<_> = imported.summary.cases().iter().map(|case| case.duration).collect();
        assert_eq!(durations, [wanted], "{duration}");
    }
}

#[test]
fn what_only_python_takes_for_json_is_read() {
    let odd = r#", "user_properties": [["ratio", NaN]], "sections": [["Captured stdout call", "\udc80"]]"#;
    let imported = read(&[report("a", "call", "passed", odd)]);
    assert_eq!(imported.faults, []);
    let case = case(&imported, "a");
    assert_eq!(case.notes.text_of(OutputStream::Stdout), "\u{fffd}");
    assert_eq!(case.notes.properties[0].value, "null");
}

#[test]
fn warnings_are_output_of_the_run() {
    let imported = imported("capture");
    let is_warning = |(path, event): &&(String, TestRun)| match event {
        TestRun::Output(output) => {
            path.is_empty() && output.text.starts_with("pyt/test_probe.py:2: PytestWarning: record")
        }
        _ => false,
    };
    assert_eq!(imported.events.iter().filter(is_warning).count(), 1);
}

#[test]
fn a_module_ends_when_the_next_begins() {
    let stream = [
        r#"{"nodeid": "a.py::x", "when": "call", "outcome": "passed", "$report_type": "TestReport"}"#,
        r#"{"nodeid": "a.py::x", "when": "setup", "outcome": "passed", "$report_type": "TestReport"}"#,
        r#"{"nodeid": "a.py::x", "when": "teardown", "outcome": "passed", "$report_type": "TestReport"}"#,
        r#"{"nodeid": "b.py::y", "when": "setup", "outcome": "passed", "$report_type": "TestReport"}"#,
    ];
    let imported = import(Format::PytestReportlog, &format!("{}\n", stream.join("\n")));
    let place = |wanted: &str, is: fn(&TestRun) -> bool| {
        imported.events.iter().position(|(path, event)| path == wanted && is(event))
    };
    let ended = place("suite/a.py", |event| matches!(event, TestRun::SuiteFinished(_)));
    let begun = place("suite/b.py", |event| matches!(event, TestRun::SuiteStarted(_)));
    assert!(ended.is_some() && ended < begun, "{ended:?} {begun:?}");
}

#[test]
fn a_report_log_of_an_old_version_is_read() {
    // Without times, with the former name of the type, with instances of classes.
    let line = |when: &str| {
        format!(
            r#"{{"nodeid": "t.py::A::()::x", "location": ["t.py", 3, "A.x"], "outcome": "passed", "longrepr": null, "when": "{when}", "sections": [], "duration": 0.5, "_report_type": "TestReport"}}"#
        )
    };
    let imported = read(&["setup", "call", "teardown"].map(line));
    let case = case(&imported, "x");
    assert_eq!(case.status, Some(Status::Success));
    assert_eq!(case.duration, Some(Duration::from_millis(1500)));
    assert!(stream_of("capture").contains("\"$report_type\""));
}
