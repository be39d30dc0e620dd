//! Emitters: every beginning has exactly one end.

use std::error::Error;
use std::sync::Arc;

use expect_test::expect;
use tidings_assert::{Recorder, assert_events, test_bus};
use tidings_core::{ContentId, Entity, Event as _, Outcome, Role};
use tidings_derive::Event;
use tidings_registry::Bus;
use tidings_testrun::{
    CaseEmitter, CaseFinished, CaseSkipped, CaseStarted, Failure, FailureKind, LegalOrder,
    LiveSummary, RunEmitter, RunFinished, RunStarted, Status, StepFinished, SuiteFinished, TestRun,
    Timing,
};

fn said(recorder: &Recorder) -> String {
    let lines = recorder.envelopes().into_iter().map(|envelope| {
        let event = envelope.event::<TestRun>().expect("readable").expect("of a run");
        let end = match &*event {
            TestRun::CaseFinished(end) => (end.status, end.synthetic),
            TestRun::SuiteFinished(end) => (end.status, end.synthetic),
            TestRun::StepFinished(end) => (end.status, end.synthetic),
            TestRun::RunFinished(end) => (end.status, end.synthetic),
            _ => return format!("{} {}\n", envelope.event_type(), envelope.entity()),
        };
        let mark = if end.1 { " (synthetic)" } else { "" };
        format!("{} {} {}{mark}\n", envelope.event_type(), envelope.entity(), end.0)
    });
    lines.collect()
}

#[test]
fn what_nobody_ends_is_aborted_innermost_first_and_in_legal_order() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let order = Arc::new(LegalOrder::new());
    bus.subscribe(Arc::clone(&order)).detach();
    let run = RunEmitter::start(&bus, "r");
    let suite = run.suite("s");
    let case = suite.case("c");
    let step = case.step("st");
    run.success();
    drop((step, case, suite));
    expect![[r"
        test.run.started run/r
        test.suite.started run/r/suite/s
        test.case.started run/r/suite/s/case/c
        test.step.started run/r/suite/s/case/c/step/st
        test.step.finished run/r/suite/s/case/c/step/st aborted (synthetic)
        test.case.finished run/r/suite/s/case/c aborted (synthetic)
        test.suite.finished run/r/suite/s aborted (synthetic)
        test.run.finished run/r success
    "]]
    .assert_eq(&said(&recorder));
    assert_eq!(order.illegal(), []);
}

#[test]
fn a_dropped_emitter_says_that_it_was_dropped() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let run = RunEmitter::start(&bus, "r");
    drop(run.case("c"));
    assert_events!(recorder, in_order: [
        CaseFinished { status: Status::Aborted, synthetic: true, failure: Some(failure), .. }
            if failure.message == "not ended: its emitter was dropped",
    ]);
    drop(run);
    assert_events!(recorder, in_order: [
        RunFinished { status: Status::Aborted, synthetic: true, .. },
    ]);
}

#[test]
fn a_result_that_is_said_after_its_run_is_emitted_all_the_same() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let run = RunEmitter::start(&bus, "r");
    let case = run.case("c");
    run.success();
    case.success();
    assert_events!(recorder, in_order: [
        CaseFinished { status: Status::Aborted, synthetic: true, .. },
        RunFinished { .. },
        CaseFinished { status: Status::Success, synthetic: false, .. },
    ]);
}

#[test]
fn attempts_are_numbered_and_all_but_the_last_superseded() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let run = RunEmitter::start(&bus, "r");
    let case = run.case("c").retry(Failure::assertion("first")).retry(Failure::assertion("second"));
    assert_eq!(case.attempt(), 3);
    case.step("s").skipped();
    case.skipped(CaseSkipped::automatically("enough"));
    assert_events!(recorder, in_order: [
        CaseStarted { attempt: 1, .. },
        CaseFinished { attempt: 1, superseded: true, status: Status::Failure, .. },
        CaseStarted { attempt: 2, .. },
        CaseFinished { attempt: 2, superseded: true, .. },
        CaseStarted { attempt: 3, .. },
        StepFinished { attempt: 3, status: Status::Skipped, .. },
        CaseSkipped { attempt: 3, .. },
    ]);
}

#[test]
fn the_kind_of_a_failure_says_the_status() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let run = RunEmitter::start(&bus, "r");
    for kind in [FailureKind::Assertion, FailureKind::Timeout, FailureKind::Setup] {
        run.case("c").failure(Failure::new(kind, "x"));
    }
    let ends: Vec<CaseFinished> = recorder.events();
    let statuses: Vec<Status> = ends.iter().map(|end| end.status).collect();
    assert_eq!(statuses, [Status::Failure, Status::TimedOut, Status::Error]);
}

#[test]
fn durations_are_measured_unless_only_what_is_said_counts() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    RunEmitter::start(&bus, "measured").case("c").success();
    let ends: Vec<CaseFinished> = recorder.events();
    assert!(ends[0].duration.is_some());
    recorder.clear();
    let run = RunEmitter::start_as(&bus, "said", RunStarted::new(), Timing::AsSaid);
    run.suite("s").case("c").success();
    drop(run);
    let ends: Vec<CaseFinished> = recorder.events();
    let suites: Vec<SuiteFinished> = recorder.events();
    assert_eq!((ends[0].duration, suites[0].duration), (None, None));
}

#[test]
fn the_role_of_an_end_follows_from_its_status() {
    let role = |status| TestRun::from(CaseFinished::new(status)).role();
    assert_eq!(role(Status::Success), Role::End(Outcome::Success));
    assert_eq!(role(Status::Aborted), Role::End(Outcome::Failure));
    assert_eq!(role(Status::Pending), Role::End(Outcome::Skipped));
    assert_eq!(TestRun::from(CaseStarted::new()).role(), Role::Begin);
}

#[test]
fn equal_results_have_equal_content_ids_whenever_and_however_long() {
    let entity = Entity::new("case", "c");
    let id = |end: CaseFinished| ContentId::of(&end, &entity).expect("encodes");
    let plain = CaseFinished::new(Status::Success);
    let timed = plain
        .clone()
        .with_duration(std::time::Duration::from_secs(3))
        .at(tidings_core::Timestamp::from_nanos(5));
    assert_eq!(id(plain.clone()), id(timed));
    assert_ne!(id(plain.clone()), id(plain.with_attempt(2)));
}

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, Event)]
#[event(namespace = "lab", crate = "tidings_core")]
enum Lab {
    Opened,
    #[event(transparent)]
    Run(TestRun),
}

#[test]
fn an_event_embedded_by_a_framework_is_the_event_itself() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let summary = LiveSummary::on(&bus);
    let emitter = bus.emitter::<Lab>("case", "c");
    emitter.emit(Lab::Run(CaseFinished::new(Status::Success).into()));
    emitter.emit(Lab::Opened);
    assert_eq!(summary.with(|summary| summary.counts().passed()), 1);
    assert_events!(recorder, exactly: [
        CaseFinished { status: Status::Success, .. },
        Lab::Opened,
    ]);
    let text = serde_json::to_string(&Lab::Run(CaseStarted::new().into())).expect("plain serde");
    assert_eq!(text, r#"{"Run":{"case_started":{}}}"#);
}

#[test]
fn a_test_that_a_case_runs_ends_it_whatever_comes_of_it() {
    type Test = fn(&CaseEmitter) -> Result<Status, Box<dyn Error>>;
    let tests: [(Test, Status); 7] = [
        (|_| Ok(Status::Success), Status::Success),
        (|_| Ok(Status::TimedOut), Status::TimedOut),
        (|_| Ok(Status::Pending), Status::Pending),
        (|_| Ok(Status::Canceled), Status::Canceled),
        (|_| Err("no".into()), Status::Error),
        (|_| panic!("broken"), Status::Error),
        (
            |case| {
                let _left_open = case.step("s");
                assert_eq!(case.attempt(), 2);
                Ok(Status::Success)
            },
            Status::Failure,
        ),
    ];
    for (test, expected) in tests {
        let bus = Bus::new();
        let (summary, order) = (LiveSummary::on(&bus), Arc::new(LegalOrder::new()));
        bus.subscribe(Arc::clone(&order)).detach();
        let run = RunEmitter::start(&bus, "r");
        run.case("c").run(test);
        run.success();
        let summary = summary.snapshot();
        let cases = summary.cases();
        assert_eq!((cases.len(), cases[0].status), (1, Some(expected)));
        assert_eq!(cases[0].duration.is_none(), expected.is_skipped());
        assert_eq!(
            cases[0].failure().is_some(),
            expected.is_failed() && expected != Status::TimedOut
        );
        assert_eq!(order.illegal(), []);
    }
}
