//! Which element says what.

use std::time::Duration;

use tidings_core::Entity;
use tidings_testrun::{
    Attachment, CaseFinished, CaseSkipped, CaseStarted, Cause, ErrorItem, Failure, FailureKind,
    LogFile, NodeLost, Output, OutputStream, RunEmitter, RunPlanned, Status, SuiteFinished,
    SuiteStarted, Timing,
};

use crate::support::{Element, START, Scene, case};

fn finished(status: Status) -> CaseFinished {
    CaseFinished::new(status)
}

/// Tests, failures, errors, skipped of a suite.
fn numbers(suite: &Element) -> (u64, u64, u64, u64) {
    let of = |name| suite.number(name);
    (of("tests"), of("failures"), of("errors"), of("skipped"))
}

#[test]
fn every_status_has_its_element() {
    let scene = Scene::new();
    for status in Status::ALL {
        scene.say(&case(&format!("s/{status}")), finished(status));
    }
    let document = scene.document();
    let of = |name: &str| {
        let case = document.case(name);
        let child = case.children.iter().find(|child| child.name != "properties");
        child.map(|child| (child.name.as_str(), child.get("type")))
    };
    assert_eq!(of("success"), None);
    assert_eq!(of("failure"), Some(("failure", "failure")));
    assert_eq!(of("error"), Some(("error", "error")));
    assert_eq!(of("timed_out"), Some(("error", "timed_out")));
    assert_eq!(of("aborted"), Some(("error", "aborted")));
    assert_eq!(of("skipped"), Some(("skipped", "skipped")));
    assert_eq!(of("ignored"), Some(("skipped", "ignored")));
    assert_eq!(of("canceled"), Some(("skipped", "canceled")));
    assert_eq!(of("pending"), Some(("skipped", "pending")));
    assert_eq!(numbers(document.suite("s")), (9, 1, 3, 4));
    assert_eq!(document.suite("s").get("disabled"), "0");
    assert_eq!(document.get("tests"), "9");
}

#[test]
fn a_failure_says_all_that_is_known_of_it() {
    let scene = Scene::new();
    let failure = Failure::assertion("the totals\ndiffer")
        .with_class("AssertionError")
        .with_expected("403")
        .with_actual("200\n201")
        .with_details("trace")
        .with_cause(Cause::new("refused").with_class("io"))
        .at_line("tests/totals.rs", 17);
    scene.say(&case("s/a"), CaseFinished::failed(failure));
    let document = scene.document();
    let case = document.case("a");
    assert_eq!((case.get("file"), case.get("line")), ("tests/totals.rs", "17"));
    let failure = case.only("failure");
    assert_eq!(failure.get("message"), "the totals\ndiffer");
    assert_eq!(failure.get("type"), "AssertionError");
    assert_eq!(
        failure.text,
        "AssertionError: the totals\ndiffer\nexpected: 403\nactual:\n200\n201\n\
         at tests/totals.rs:17\ntrace\ncaused by: io: refused"
    );
}

#[test]
fn a_failed_case_that_says_nothing_is_told_by_its_step() {
    let scene = Scene::new();
    let run = RunEmitter::start(&scene.bus, "r");
    let case = run.case("orders");
    let step = case.step("pays");
    step.failure(Failure::assertion("no money"));
    case.finish(CaseFinished::new(Status::Failure));
    let silent = run.case("silent");
    silent.finish(CaseFinished::new(Status::TimedOut));
    run.success();
    let document = scene.document();
    let message = |name| document.case(name).children[0].get("message").to_owned();
    assert_eq!(message("orders"), "step `pays`: no money");
    assert_eq!(message("silent"), "took longer than it may");
}

#[test]
fn a_skip_says_who_and_why() {
    let scene = Scene::new();
    scene.say(&case("s/a"), CaseSkipped::by_user("ticket 17"));
    scene.say(&case("s/b"), CaseSkipped::automatically(""));
    scene.say(&case("s/c"), CaseSkipped::ignored("slow"));
    scene.say(&case("s/d"), CaseSkipped::automatically("").with_failure(Failure::assertion("x")));
    let document = scene.document();
    let message = |name| document.case(name).only("skipped").get("message").to_owned();
    assert_eq!(message("a"), "skipped by user: ticket 17");
    assert_eq!(message("b"), "skipped automatically");
    assert_eq!(message("c"), "ignored by user: slow");
    assert_eq!(message("d"), "skipped automatically: x");
}

#[test]
fn an_end_that_is_made_up_says_so() {
    let scene = Scene::new();
    let run = RunEmitter::start(&scene.bus, "r");
    drop(run.case("left"));
    run.success();
    let document = scene.document();
    let error = document.case("left").only("error");
    assert_eq!(error.get("type"), "aborted (synthetic)");
    assert_eq!(error.get("message"), "not ended: its emitter was dropped");
}

#[test]
fn a_flaky_case_passed_and_shows_its_failed_attempts() {
    let scene = Scene::new();
    let run = RunEmitter::start(&scene.bus, "r");
    let case = run.case("shaky");
    case.stdout("first try\n");
    let case = case.retry(Failure::assertion("not yet"));
    case.stderr("second try\n");
    let case = case.retry(Failure::new(FailureKind::Timeout, "too slow"));
    case.stdout("third try\n");
    case.success();
    run.success();
    let document = scene.document();
    let case = document.case("shaky");
    assert_eq!(numbers(document.suite("r")), (1, 0, 0, 0));
    let first = case.only("flakyFailure");
    assert_eq!((first.get("message"), first.get("type")), ("not yet", "assertion"));
    assert_eq!(first.only("stackTrace").text, "not yet");
    assert_eq!(first.only("system-out").text, "first try\n");
    let second = case.only("flakyError");
    assert_eq!((second.get("message"), second.get("type")), ("too slow", "timed_out"));
    assert_eq!(second.only("system-err").text, "second try\n");
    assert_eq!(case.only("system-out").text, "third try\n");
    assert_eq!(case.properties(), [("tidings.attempt", "3")]);
}

#[test]
fn a_case_that_never_passed_shows_the_other_attempts_as_reruns() {
    let scene = Scene::new();
    let run = RunEmitter::start(&scene.bus, "r");
    let case = run.case("broken");
    let case = case.retry(Failure::new(FailureKind::Error, "one"));
    let case = case.retry(Failure::assertion("two"));
    case.failure(Failure::assertion("three"));
    let case = run.case("given up").retry(Failure::assertion("once"));
    case.skipped(CaseSkipped::automatically("no time left"));
    run.success();
    let document = scene.document();
    let case = document.case("broken");
    assert_eq!(case.only("failure").get("message"), "three");
    assert_eq!(case.only("rerunError").get("message"), "one");
    assert_eq!(case.only("rerunFailure").get("message"), "two");
    let skipped = document.case("given up").only("skipped");
    assert_eq!(skipped.get("message"), "skipped automatically: no time left");
    assert!(skipped.text.starts_with("attempt 1: once"), "{}", skipped.text);
    assert_eq!(numbers(document.suite("r")), (2, 1, 0, 1));
}

#[test]
fn every_repeat_is_a_case_with_a_name_of_its_own() {
    let scene = Scene::new();
    for status in [Status::Success, Status::Failure, Status::Success] {
        scene.say(&case("s/again"), CaseStarted::new());
        scene.say(&case("s/again"), finished(status));
    }
    let document = scene.document();
    assert_eq!(numbers(document.suite("s")), (3, 1, 0, 0));
    assert!(document.case("again").children.is_empty());
    let second = document.case("again (run 2)");
    assert_eq!(second.only("failure").get("type"), "failure");
    assert_eq!(second.properties(), [("tidings.repeat", "2")]);
    assert_eq!(document.case("again (run 3)").get("classname"), "s");
}

#[test]
fn suites_of_different_paths_are_never_merged() {
    let scene = Scene::new();
    let slash = Entity::new("suite", "a/g").child("case", "t");
    let group = Entity::new("group", "a").child("case", "t");
    for entity in [case("a/t"), case("a/g/t"), slash, group, Entity::new("case", "alone")] {
        scene.say(&entity, finished(Status::Success));
    }
    let document = scene.document();
    let names: Vec<_> = document.suites().iter().map(|suite| suite.get("name")).collect();
    assert_eq!(names, ["run-7", "a", "a (2)", "a/g", "a/g (2)"]);
    for suite in document.suites() {
        let case = suite.only("testcase");
        assert_eq!(case.get("classname"), suite.get("name"));
    }
}

#[test]
fn nodes_that_share_a_suite_share_its_element() {
    let (here, there) = (Scene::new(), Scene::on_node("lab-4"));
    here.say(&case("s/a"), finished(Status::Success));
    there.say(&case("s/b"), finished(Status::Failure));
    here.hear(&there);
    let document = here.document();
    let suite = document.suite("s");
    assert_eq!(numbers(suite), (2, 1, 0, 0));
    assert_eq!(suite.find("hostname"), None);
    assert_eq!(document.case("b").properties(), [("tidings.node", "lab-4")]);
}

#[test]
fn a_case_that_ran_on_two_nodes_divides_its_suite() {
    let (here, there) = (Scene::new(), Scene::on_node("lab-4"));
    here.say(&case("s/a"), finished(Status::Success));
    here.say(&Entity::new("suite", "s"), ErrorItem::named("teardown", Failure::assertion("x")));
    there.say(&case("s/a"), finished(Status::Failure));
    here.say(&case("t/b"), finished(Status::Success));
    here.hear(&there);
    let document = here.document();
    let (first, second) = (document.suite("s @lab-3"), document.suite("s @lab-4"));
    assert_eq!((first.get("hostname"), second.get("hostname")), ("lab-3", "lab-4"));
    assert_eq!((numbers(first), numbers(second)), ((2, 0, 1, 0), (1, 1, 0, 0)));
    assert_eq!(document.suite("t").get("hostname"), "lab-3");
    assert_eq!(document.get("tests"), "4");
}

#[test]
fn an_error_that_is_no_case_is_counted_in_its_suite() {
    let scene = Scene::new();
    let run = RunEmitter::start(&scene.bus, "nightly");
    let suite = run.suite("s");
    let case = suite.case("tears");
    let busy = Failure::new(FailureKind::Teardown, "busy").at_line("conf.py", 3);
    case.error(ErrorItem::new(busy).with_duration(Duration::from_millis(20)));
    case.success();
    suite.error(ErrorItem::named("init_per_suite", Failure::new(FailureKind::Setup, "no disk")));
    suite.success();
    run.error(ErrorItem::named("build", Failure::new(FailureKind::Error, "exit code 101")));
    run.success();
    let document = scene.document();
    assert_eq!(numbers(document.suite("s")), (3, 0, 2, 0));
    let teardown = document.case("tears: teardown");
    assert_eq!((teardown.get("file"), teardown.get("line")), ("conf.py", "3"));
    assert_eq!(teardown.get("time"), "0.020");
    assert_eq!(teardown.only("error").get("type"), "teardown");
    assert_eq!(document.case("init_per_suite").only("error").get("message"), "no disk");
    assert!(document.case("tears").children.is_empty(), "the case keeps its own outcome");
    let build = document.suite("nightly").only("testcase");
    assert_eq!((build.get("name"), build.get("classname")), ("build", "nightly"));
    assert_eq!((document.get("tests"), document.get("errors")), ("4", "3"));
}

#[test]
fn what_still_runs_is_named_and_not_counted() {
    let scene = Scene::new();
    scene.say(&case("s/done"), finished(Status::Success));
    scene.say(&case("s/slow"), CaseStarted::new());
    let document = scene.document();
    let suite = document.suite("s");
    assert_eq!(numbers(suite), (1, 0, 0, 0));
    assert_eq!(suite.properties(), [("tidings.running", "slow")]);
}

#[test]
fn what_concerns_the_run_stands_in_a_suite_with_its_name() {
    let scene = Scene::new();
    let run = RunEmitter::start(&scene.bus, "nightly");
    run.plan(RunPlanned::count(3));
    run.stdout("hello\n");
    run.log_file("logs/run.log");
    run.node_lost("lab-9", NodeLost::new("no heartbeat"));
    run.suite("s").case("a").success();
    run.success();
    let document = scene.document();
    let suite = document.suite("nightly");
    assert_eq!(numbers(suite), (0, 0, 0, 0));
    assert_eq!(
        suite.properties(),
        [
            ("tidings.log_file", "logs/run.log"),
            ("tidings.never_ran", "2"),
            ("tidings.node_lost", "lab-9: no heartbeat"),
        ]
    );
    assert_eq!(suite.only("system-out").text, "hello\n[[ATTACHMENT|logs/run.log]]\n");
    assert_eq!(document.get("tests"), "1");
}

#[test]
fn a_run_that_failed_without_a_failed_case_says_so() {
    let scene = Scene::new();
    let run = RunEmitter::start(&scene.bus, "nightly");
    run.case("a").success();
    run.failure(Failure::new(FailureKind::Error, "lost the database"));
    let document = scene.document();
    assert_eq!(document.suite("nightly").properties(), [("tidings.status", "error")]);
}

#[test]
fn a_suite_says_its_own_failure_without_being_counted() {
    let scene = Scene::new();
    let suite = Entity::new("suite", "s");
    scene.say(&suite, SuiteStarted::new().with_property("owner", "ann"));
    scene.say(&suite, Output::stderr("a\tb"));
    let failure = Failure::new(FailureKind::Setup, "no\tdisk");
    scene.say(&suite, SuiteFinished::failed(failure));
    let document = scene.document();
    let element = document.suite("s");
    assert_eq!(numbers(element), (0, 0, 0, 0));
    assert_eq!(element.properties(), [("owner", "ann"), ("tidings.status", "error")]);
    assert_eq!(element.only("system-err").text, "a\tb\nthe suite failed: no\tdisk\nno\tdisk");
}

#[test]
fn times_are_there_and_add_up() {
    let scene = Scene::new();
    let timed = |status, ms| finished(status).with_duration(Duration::from_millis(ms));
    scene.say(
        &case("s/a"),
        timed(Status::Success, 1500).at(START.saturating_add(Duration::from_mins(1))),
    );
    scene.say(&case("s/b"), timed(Status::Failure, 250));
    scene.say(&case("s/c"), finished(Status::Success));
    let document = scene.document();
    assert_eq!(document.suite("s").get("time"), "1.750");
    assert_eq!(document.get("time"), "1.750");
    assert_eq!(document.case("c").get("time"), "0.000");
    assert_eq!(document.suite("s").get("timestamp"), "2026-11-21T02:57:56.000+00:00");
    let said = SuiteFinished::new(Status::Success).with_duration(Duration::from_secs(9));
    scene.say(&Entity::new("suite", "s"), said);
    assert_eq!(scene.document().suite("s").get("time"), "9.000");
}

#[test]
fn output_files_and_properties_are_kept() {
    let scene = Scene::new();
    let entity = case("s/a");
    scene.say(&entity, CaseStarted::new().with_property("owner", "ann").with_fingerprint("f1"));
    scene.say(&entity, Output::stdout("\u{1b}[31mred\u{1b}[0m\tend\r\n"));
    scene.say(&entity, Output::new(OutputStream::Log, "logged"));
    scene.say(&entity, Output::stderr("oops\u{0}"));
    scene.say(&entity, LogFile::new("https://ci.example/log"));
    scene.say(&entity, LogFile::new("odd\nname]]"));
    let shot = Attachment::path("shot", "shots/a.png").with_media_type("image/png");
    scene.say(&entity, shot.with_size_bytes(5120));
    scene.say(&entity, Attachment::inline("note", b"hi").expect("small"));
    scene.say(&entity, finished(Status::Success));
    let document = scene.document();
    let case = document.case("a");
    assert_eq!(case.only("system-out").text, "red\tend\nlogged\n[[ATTACHMENT|shots/a.png]]\n");
    assert_eq!(case.only("system-err").text, "oops\u{fffd}");
    assert_eq!(
        case.properties(),
        [
            ("owner", "ann"),
            ("tidings.log_file", "https://ci.example/log"),
            ("tidings.log_file", "odd\nname]]"),
            ("tidings.attachment", "shot: shots/a.png (image/png, 5120 bytes)"),
            ("tidings.attachment", "note: inline (2 bytes)"),
            ("tidings.fingerprint", "f1"),
        ]
    );
}

#[test]
fn what_is_left_out_of_output_is_said_once() {
    let scene = Scene::new();
    let entity = case("s/a");
    scene.say(&entity, Output::stderr("warning\n"));
    scene.say(&entity, Output::stdout("x".repeat(100_000)));
    scene.say(&entity, finished(Status::Failure));
    let xml = scene.xml();
    assert_eq!(xml.matches(" bytes left out]").count(), 1, "{xml}");
}

#[test]
fn text_of_events_is_never_markup() {
    let scene = Scene::new();
    let nasty = "</failure>]]><script a='1\"2'>&amp;&#1;\n\t<!-- <![CDATA[";
    scene.say(&case("s/a"), CaseStarted::new().with_property(nasty, nasty));
    scene.say(&case("s/a"), Output::stdout(nasty));
    let failure = Failure::assertion(nasty).with_class(nasty).with_details(nasty);
    scene.say(&case("s/a"), CaseFinished::failed(failure));
    scene.say(&Entity::new("suite", nasty).child("case", nasty), CaseSkipped::by_user(nasty));
    let document = scene.document();
    let failure = document.case("a").only("failure");
    assert_eq!((failure.get("message"), failure.get("type")), (nasty, nasty));
    assert!(failure.text.ends_with(nasty));
    assert_eq!(document.case("a").only("system-out").text, nasty);
    assert_eq!(document.case("a").properties(), [(nasty, nasty)]);
    assert_eq!(document.suite(nasty).only("testcase").get("name"), nasty);
}

#[test]
fn names_that_differ_only_in_what_is_not_shown_stay_apart() {
    let scene = Scene::new();
    for name in ["a", "\u{1b}[1ma", "b\u{1}", "b\u{2}", ""] {
        scene.say(&Entity::new("suite", "s").child("case", name), finished(Status::Success));
    }
    let document = scene.document();
    let cases = document.suite("s").all("testcase");
    let mut names: Vec<_> = cases.map(|case| case.get("name")).collect();
    names.sort_unstable();
    assert_eq!(names, ["(no name)", "a", "a (run 2)", "b\u{fffd}", "b\u{fffd} (run 2)"]);
}

#[test]
fn a_summary_of_nothing_is_a_report() {
    let document = Scene::new().document();
    assert_eq!((document.name.as_str(), document.get("tests")), ("testsuites", "0"));
    assert!(document.children.is_empty());
    assert_eq!(document.get("time"), "0.000");
}

#[test]
fn elements_stand_in_the_order_of_the_schema() {
    let scene = Scene::new();
    let run =
        RunEmitter::start_as(&scene.bus, "r", tidings_testrun::RunStarted::new(), Timing::AsSaid);
    let case = run.case("a");
    let case = case.retry(Failure::assertion("once"));
    case.stdout("out");
    case.stderr("err");
    case.log_file("log");
    case.failure(Failure::assertion("twice"));
    run.stdout("out");
    run.stderr("err");
    run.log_file("log");
    run.success();
    let document = scene.document();
    let order = |element: &Element| -> Vec<String> {
        element.children.iter().map(|child| child.name.clone()).collect()
    };
    assert_eq!(
        order(document.case("a")),
        ["properties", "failure", "rerunFailure", "system-out", "system-err"]
    );
    assert_eq!(order(document.suite("r")), ["properties", "testcase", "system-out", "system-err"]);
}
