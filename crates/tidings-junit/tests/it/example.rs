//! One rich report, byte by byte.

use std::time::Duration;

use expect_test::expect;
use tidings_testrun::{
    Attachment, CaseFinished, CaseSkipped, CaseStarted, ErrorItem, Failure, FailureKind,
    RunEmitter, RunFinished, RunPlanned, RunStarted, SourceLocation, Status, Timing,
};

use crate::support::Scene;

fn nightly() -> Scene {
    let scene = Scene::new();
    let started = RunStarted::new().with_property("branch", "main");
    let run = RunEmitter::start_as(&scene.bus, "nightly", started, Timing::AsSaid);
    run.plan(RunPlanned::count(5));
    let suite = run.suite("login");

    let place = SourceLocation::new("tests/login.rs").with_line(12);
    let case = suite.case_as("accepts the right password", CaseStarted::new().with_location(place));
    case.stdout("\u{1b}[32mconnected\u{1b}[0m\n");
    let case = case.retry(Failure::new(FailureKind::Timeout, "no answer in 5 s"));
    case.finish(CaseFinished::new(Status::Success).with_duration(Duration::from_millis(1250)));

    let group = suite.group("guests");
    let case = group.case("refuses a wrong one");
    case.attach(Attachment::path("page", "shots/refused.png").with_media_type("image/png"));
    let failure = Failure::assertion("the page differs\n<body>")
        .with_expected("403")
        .with_actual("200")
        .at_line("tests/guests.rs", 40);
    case.finish(CaseFinished::failed(failure).with_duration(Duration::from_millis(80)));
    group.success();

    suite.case("locks after three").skipped(CaseSkipped::by_user("ticket 17"));
    suite.error(ErrorItem::named("teardown", Failure::new(FailureKind::Teardown, "busy")));
    suite.success();
    drop(run.case("cleans up"));
    run.finish(RunFinished::new(Status::Failure).with_duration(Duration::from_secs(9)));
    scene
}

#[test]
fn a_rich_report_looks_like_this() {
    expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="nightly" tests="5" failures="1" errors="2" timestamp="2026-11-21T02:57:56.000+00:00" time="9.000">
            <testsuite name="nightly" tests="1" disabled="0" errors="1" failures="0" timestamp="2026-11-21T02:57:56.000+00:00" time="0.000" skipped="0" hostname="lab-3">
                <properties>
                    <property name="branch" value="main"/>
                    <property name="tidings.never_ran" value="1"/>
                </properties>
                <testcase name="cleans up" classname="nightly" timestamp="2026-11-21T02:57:56.000+00:00" time="0.000">
                    <error message="not ended: its emitter was dropped" type="aborted (synthetic)">not ended: its emitter was dropped</error>
                </testcase>
            </testsuite>
            <testsuite name="login" tests="3" disabled="0" errors="1" failures="0" timestamp="2026-11-21T02:57:56.000+00:00" time="1.250" skipped="1" hostname="lab-3">
                <testcase name="accepts the right password" classname="login" timestamp="2026-11-21T02:57:56.000+00:00" time="1.250" file="tests/login.rs" line="12">
                    <properties>
                        <property name="tidings.attempt" value="2"/>
                    </properties>
                    <flakyError time="0.000" message="no answer in 5 s" type="timed_out">
                        <stackTrace>no answer in 5 s</stackTrace>
                        <system-out>connected
        </system-out>
                    </flakyError>
                </testcase>
                <testcase name="locks after three" classname="login" timestamp="2026-11-21T02:57:56.000+00:00" time="0.000">
                    <skipped message="skipped by user: ticket 17" type="skipped"/>
                </testcase>
                <testcase name="teardown" classname="login" timestamp="2026-11-21T02:57:56.000+00:00" time="0.000">
                    <error message="busy" type="teardown">busy</error>
                </testcase>
            </testsuite>
            <testsuite name="login/guests" tests="1" disabled="0" errors="0" failures="1" timestamp="2026-11-21T02:57:56.000+00:00" time="0.080" skipped="0" hostname="lab-3">
                <testcase name="refuses a wrong one" classname="login/guests" timestamp="2026-11-21T02:57:56.000+00:00" time="0.080" file="tests/guests.rs" line="40">
                    <properties>
                        <property name="tidings.attachment" value="page: shots/refused.png (image/png)"/>
                    </properties>
                    <failure message="the page differs&#10;&lt;body&gt;" type="assertion">the page differs
        &lt;body&gt;
        expected: 403
        actual: 200
        at tests/guests.rs:40</failure>
                    <system-out>[[ATTACHMENT|shots/refused.png]]
        </system-out>
                </testcase>
            </testsuite>
        </testsuites>
    "#]].assert_eq(&nightly().xml());
}
