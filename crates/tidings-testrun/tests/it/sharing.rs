//! Runs and suites that several threads share: one end each, like what was inside.

use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;

use tidings_assert::{Recorder, assert_events, test_bus};
use tidings_core::Receipt;
use tidings_registry::Bus;
use tidings_testrun::{
    CaseFinished, ErrorItem, Failure, LegalOrder, LiveSummary, Output, OutputStream, RunEmitter,
    RunEnded, RunFinished, RunPlanned, Selector, SharedSuite, Status, StepFinished, SuiteFinished,
};

/// The suites that ended, and how, in this order.
fn ends(recorder: &Recorder) -> Vec<(String, Status)> {
    let ended = recorder.envelopes().into_iter().filter_map(|envelope| {
        let event = envelope.event::<SuiteFinished>().expect("readable")?;
        Some((envelope.entity().id().to_owned(), event.status))
    });
    ended.collect()
}

#[test]
fn a_shared_suite_ends_with_the_last_of_its_tasks_like_what_was_inside() {
    let (bus, _clock) = test_bus();
    let (recorder, order) = (Recorder::on(&bus), Arc::new(LegalOrder::new()));
    bus.subscribe(Arc::clone(&order)).detach();
    let run = RunEmitter::start(&bus, "r");
    let suite = run.suite("outer").shared();
    let (left, right) = (suite.suite("left"), suite.suite("right"));
    drop(suite);
    left.case("c").failure(Failure::assertion("no"));
    drop(left);
    assert_eq!(ends(&recorder), [("left".into(), Status::Failure)]);
    right.case("c").success();
    let clone = right.clone();
    drop(right);
    drop(clone);
    let outer = ("outer".to_owned(), Status::Failure);
    assert_eq!(ends(&recorder)[1..], [("right".into(), Status::Success), outer]);
    run.success();
    assert_eq!(order.illegal(), []);
}

type Act<'a> = &'a dyn Fn(&SharedSuite) -> Receipt;

#[test]
fn what_counts_as_failed_fails_the_suites_around_it_and_nothing_else_does() {
    let failure = || Failure::from_text("x");
    let acts: [(Act<'_>, Status); 10] = [
        (&|suite| suite.case("c").success(), Status::Success),
        (&|suite| suite.case("c").retry(failure()).success(), Status::Success),
        (
            &|suite| {
                let case = suite.case("c");
                case.step("s").finish(StepFinished::new(Status::Failure));
                case.success()
            },
            Status::Success,
        ),
        (
            &|suite| {
                let case = suite.case("c");
                let _left_open = case.step("s");
                case.success()
            },
            Status::Success,
        ),
        (&|suite| suite.case("c").retry(failure()).failure(failure()), Status::Failure),
        (&|suite| suite.case("c").failure(failure()), Status::Failure),
        (&|suite| suite.error(ErrorItem::new(failure())), Status::Failure),
        (&|suite| suite.group("g").failure(failure()), Status::Failure),
        (
            &|suite| {
                let group = suite.group("g");
                let _left_open = group.case("c");
                group.success()
            },
            Status::Failure,
        ),
        (
            &|suite| {
                drop(suite.case("c"));
                suite.case("d").success()
            },
            Status::Failure,
        ),
    ];
    for (number, (act, expected)) in acts.into_iter().enumerate() {
        let (bus, _clock) = test_bus();
        let recorder = Recorder::on(&bus);
        let run = RunEmitter::start(&bus, "r");
        act(&run.suite("s").shared());
        run.success();
        assert_eq!(ends(&recorder), [("s".into(), expected)], "act {number}");
    }
}

#[test]
fn a_shared_suite_that_a_panic_drops_is_aborted() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let run = RunEmitter::start(&bus, "r");
    let suite = run.suite("s").shared();
    let broken = thread::spawn(move || {
        suite.case("c").success();
        panic!("the task breaks, not a case");
    });
    assert!(broken.join().is_err());
    assert_events!(recorder, in_order: [
        SuiteFinished { status: Status::Aborted, synthetic: true, .. },
    ]);
    run.success();
}

#[test]
fn suites_of_one_name_side_by_side_leave_each_others_cases_alone() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let run = RunEmitter::start(&bus, "r");
    let (one, other) = (run.suite("s").shared(), run.suite("s").shared());
    let (failing, passing) = (one.case("c"), other.case("c"));
    failing.failure(Failure::assertion("no"));
    drop(one);
    passing.success();
    drop(other);
    run.success();
    assert_events!(recorder, count: { CaseFinished { synthetic: true, .. } => 0 });
    let both = [("s".to_owned(), Status::Failure), ("s".to_owned(), Status::Success)];
    assert_eq!(ends(&recorder), both);
}

#[test]
fn a_shared_run_is_ended_by_one_of_many_and_takes_nothing_more() {
    let bus = Bus::new();
    let recorder = Recorder::on(&bus);
    let run = RunEmitter::start(&bus, "r").shared();
    let left_open = run.with(|run| run.suite("s")).expect("it goes on");
    let ended: Vec<_> = thread::scope(|threads| {
        let end = || run.clone().end(RunFinished::new(Status::Success));
        let threads: Vec<_> = (0..4).map(|_| threads.spawn(end)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert_eq!(ended.iter().filter(|end| **end == Err(RunEnded)).count(), 3, "{ended:?}");
    let events = recorder.len();
    assert!(run.with(|run| run.suite("late")).is_err());
    drop(left_open);
    drop(run);
    assert_eq!(recorder.len(), events, "nothing is said twice");
    assert_events!(
        recorder,
        count: { SuiteFinished { status: Status::Aborted, .. } => 1 },
        count: { RunFinished { status: Status::Success, .. } => 1 },
    );
}

#[test]
fn what_is_shared_may_be_spoken_for_where_panics_are_caught() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let run = RunEmitter::start(&bus, "r").shared();
    let suite = run.with(|run| run.suite("s").shared()).expect("it goes on");
    let broken = catch_unwind(|| {
        let _case = suite.case("c");
        run.with(|run| run.emitter().emit(Output::log("warn", "last words").into()))
            .expect("it goes on");
        panic!("the case breaks");
    });
    assert!(broken.is_err());
    drop(suite);
    run.end(RunFinished::new(Status::Failure)).expect("the first time");
    assert_events!(
        recorder,
        in_order: [
            Output { stream: OutputStream::Log, level: Some(level), .. } if level == "warn",
            CaseFinished { status: Status::Aborted, synthetic: true, .. },
            SuiteFinished { status: Status::Failure, synthetic: false, .. },
        ],
    );
}

#[test]
fn a_shared_run_that_nobody_ends_is_aborted() {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let run = RunEmitter::start(&bus, "r").shared();
    drop(run.clone());
    assert_events!(recorder, never: [RunFinished { .. }]);
    drop(run);
    assert_events!(recorder, in_order: [RunFinished { status: Status::Aborted, .. }]);
}

#[test]
fn a_handler_may_speak_for_a_shared_run_and_end_it() {
    let bus = Bus::new();
    let recorder = Recorder::on(&bus);
    let run = RunEmitter::start(&bus, "r").shared();
    let same = run.clone();
    let ending = bus.on::<CaseFinished>(move |_, _| {
        same.end(RunFinished::new(Status::Failure)).expect("nobody ended it before");
    });
    run.with(|run| run.case("c").success()).expect("it goes on");
    assert_eq!(run.end(RunFinished::new(Status::Success)), Err(RunEnded));
    assert_events!(
        recorder,
        in_order: [CaseFinished { .. }, RunFinished { status: Status::Failure, .. }],
    );
    ending.cancel();
}

#[test]
fn a_success_is_when_all_that_was_planned_ran_and_passed() {
    let bus = Bus::new();
    let summary = LiveSummary::on(&bus);
    let is_success = || summary.with(tidings_testrun::RunSummary::is_success);
    let run = RunEmitter::start(&bus, "r");
    assert!(is_success(), "nothing is asked for");
    run.plan(RunPlanned::selectors(["a", "b"].map(Selector::suite)));
    assert!(!is_success(), "nothing ran");
    let a = run.suite("a");
    let case = a.case("c");
    run.suite("b").case("c").success();
    assert!(!is_success(), "one still runs");
    case.success();
    assert!(is_success());
    run.failure(Failure::from_text("it says so itself"));
    assert!(!is_success());
}
