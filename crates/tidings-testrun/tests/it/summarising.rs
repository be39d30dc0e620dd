//! What the events of a run come to.

use std::time::Duration;

use expect_test::expect;
use tidings_core::{Entity, Timestamp};
use tidings_registry::Bus;
use tidings_testrun::{
    ATTEMPTS_KEPT_MAX, CaseFinished, CaseSkipped, CaseStarted, ErrorItem, Failure, FailureKind,
    GroupFinished, GroupStarted, LogFile, NodeJoined, NodeLost, Output, OutputStream, RunFinished,
    RunPlanned, RunStarted, Selector, SkippedBy, SourceLocation, Status, StepFinished, StepStarted,
    StepView, SuiteFinished, SuiteStarted, TestRun,
};

use crate::support::{Scene, case, run};

fn passed() -> CaseFinished {
    CaseFinished::new(Status::Success)
}

fn failed() -> CaseFinished {
    CaseFinished::failed(Failure::assertion("no"))
}

#[test]
fn every_status_counts_as_the_mapping_says() {
    let scene = Scene::new();
    for status in Status::ALL {
        scene.say(&case(&format!("s/{status}")), CaseFinished::new(status));
    }
    expect![[r#"{"total":9,"passed":1,"failed":4,"skipped":4,"flaky":0,"never_ran":0,"by_status":{"success":1,"failure":1,"error":1,"skipped":1,"ignored":1,"canceled":1,"pending":1,"timed_out":1,"aborted":1},"duration_s":null}"#]]
        .assert_eq(&serde_json::to_string(&scene.summary().to_json()).expect("plain"));
}

#[test]
fn what_a_suite_says_of_itself_counts_for_nothing() {
    let scene = Scene::new();
    let suite = Entity::new("suite", "s");
    for _announced_twice in 0..2 {
        scene.say(&suite, SuiteStarted::new());
        let seconds = Duration::from_secs(2);
        scene.say(&suite, SuiteFinished::new(Status::Failure).with_duration(seconds));
    }
    scene.say(&case("s/a"), passed());
    assert_eq!(scene.totals(), (1, 1, 0, 0));
    let summary = scene.summary();
    let suites = summary.suites();
    assert_eq!(
        (suites[0].status, suites[0].duration),
        (Some(Status::Failure), Some(Duration::from_secs(4)))
    );
}

#[test]
fn a_teardown_error_counts_by_itself_and_leaves_the_case_its_outcome() {
    let scene = Scene::new();
    let entity = case("s/a");
    scene.say(&entity, CaseStarted::new());
    scene.say(&entity, passed());
    scene.say(
        &entity,
        ErrorItem::new(Failure::new(FailureKind::Teardown, "broke").at_line("t.py", 18)),
    );
    assert_eq!(scene.totals(), (2, 1, 1, 0));
    let summary = scene.summary();
    let error = &summary.errors()[0];
    assert_eq!(error.suite, Some(Entity::new("suite", "s")));
    assert_eq!(error.failure.kind, FailureKind::Teardown);
    let failure = &summary.failures()[0];
    assert_eq!((failure.name, failure.is_case), ("a", false));
    assert_eq!(failure.location.expect("given").to_string(), "t.py:18");
}

#[test]
fn an_error_about_a_suite_or_a_run_belongs_there() {
    let scene = Scene::new();
    let suite = Entity::new("suite", "s").child("group", "g");
    scene.say(&suite, ErrorItem::named("init_per_group", Failure::from_text("x")));
    scene.say(&run(), ErrorItem::named("build", Failure::from_text("y")));
    let summary = scene.summary();
    let of: Vec<_> =
        summary.suites().iter().map(|it| (it.name(), it.own.failed(), it.all.failed())).collect();
    assert_eq!(of, [(String::new(), 1, 1), ("s".to_owned(), 0, 1), ("s/g".to_owned(), 1, 1)]);
}

#[test]
fn the_last_attempt_decides_and_the_others_are_kept() {
    let scene = Scene::new();
    let entity = case("s/a");
    for (attempt, end) in [(1, failed()), (2, failed()), (3, passed())] {
        scene.say(&entity, CaseStarted::new().with_attempt(attempt));
        scene.say(&entity, end.with_attempt(attempt));
    }
    assert_eq!(scene.totals(), (1, 1, 0, 0));
    let summary = scene.summary();
    let case = &summary.cases()[0];
    assert!(case.flaky);
    let earlier: Vec<_> = case.superseded().iter().map(|it| (it.number, it.status)).collect();
    assert_eq!(earlier, [(1, Some(Status::Failure)), (2, Some(Status::Failure))]);
    assert_eq!(summary.counts().flaky, 1);
}

#[test]
fn a_failure_after_a_pass_is_not_flaky_and_an_unseen_first_attempt_is() {
    let scene = Scene::new();
    let (worse, unseen) = (case("s/worse"), case("s/unseen"));
    scene.say(&worse, passed());
    scene.say(&worse, failed().with_attempt(2));
    scene.say(&unseen, CaseStarted::new().with_attempt(2));
    scene.say(&unseen, passed().with_attempt(2));
    assert_eq!(scene.totals(), (2, 1, 1, 0));
    let summary = scene.summary();
    let flaky: Vec<_> = summary.flaky().iter().map(|case| case.name).collect();
    assert_eq!(flaky, ["unseen"]);
}

#[test]
fn more_attempts_than_are_kept_still_make_it_flaky() {
    let scene = Scene::new();
    let entity = case("s/a");
    scene.say(&entity, failed());
    for attempt in 2..40 {
        scene.say(&entity, CaseFinished::new(Status::Skipped).with_attempt(attempt));
    }
    scene.say(&entity, passed().with_attempt(40));
    let summary = scene.summary();
    let case = &summary.cases()[0];
    assert_eq!(
        (case.attempts.len(), case.last().number, case.flaky),
        (ATTEMPTS_KEPT_MAX, 40, true)
    );
}

#[test]
fn of_repeats_every_run_counts() {
    let scene = Scene::new();
    let (entity, skipped) = (case("s/rep/a"), case("s/rep/b"));
    for end in [passed(), failed(), passed()] {
        scene.say(&entity, CaseStarted::new());
        scene.say(&entity, end);
        scene.say(&skipped, CaseSkipped::automatically("a failed"));
    }
    assert_eq!(scene.totals(), (6, 2, 1, 3));
    let summary = scene.summary();
    let repeats: Vec<u32> =
        summary.cases().iter().filter(|case| case.name == "a").map(|case| case.repeat).collect();
    assert_eq!(repeats, [1, 2, 3]);
    assert_eq!(summary.counts().flaky, 0);
}

#[test]
fn of_two_ends_of_one_beginning_the_worse_stays() {
    let scene = Scene::new();
    for (name, ends) in [("a", [passed(), failed()]), ("b", [failed(), passed()])] {
        scene.say(&case(name), CaseStarted::new());
        for end in ends {
            scene.say(&case(name), end);
        }
    }
    assert_eq!(scene.totals(), (2, 0, 2, 0));
}

#[test]
fn what_was_not_ended_is_aborted_at_the_end_of_its_run_and_a_late_result_says_better() {
    let scene = Scene::new();
    scene.say(&run(), RunStarted::new());
    scene.say(&case("s/a"), CaseStarted::new());
    assert_eq!(scene.summary().counts().running, 1);
    scene.say(&run(), RunFinished::new(Status::Failure));
    let summary = scene.summary();
    let aborted = &summary.cases()[0];
    assert_eq!((aborted.status, aborted.synthetic), (Some(Status::Aborted), true));
    assert_eq!(aborted.last().reason, Some("the run ended before it did"));
    assert_eq!(summary.counts().synthetic, 1);
    scene.clock.advance(Duration::from_secs(1));
    scene.say(&case("s/a"), passed());
    assert_eq!(scene.totals(), (1, 1, 0, 0));
    let summary = scene.summary();
    assert!(summary.cases()[0].late && !summary.cases()[0].synthetic);
}

#[test]
fn a_case_that_was_announced_twice_ran_once() {
    let scene = Scene::new();
    scene.say(&case("s/a"), CaseStarted::new());
    scene.say(&case("s/a"), CaseStarted::new());
    scene.say(&case("s/a"), passed());
    assert_eq!(scene.totals(), (1, 1, 0, 0));
}

#[test]
fn output_belongs_to_the_attempt_of_its_moment() {
    let scene = Scene::new();
    let entity = case("s/a");
    for attempt in [1, 2] {
        scene.say(&entity, CaseStarted::new().with_attempt(attempt));
        scene.say(&entity, Output::stdout(format!("{attempt}")));
        scene.say(&entity, failed().with_attempt(attempt));
    }
    scene.say(&entity, Output::stdout("late").with_attempt(1));
    let summary = scene.summary();
    let case = &summary.cases()[0];
    let of: Vec<_> =
        case.notes.output.iter().map(|piece| (piece.attempt, piece.text.as_str())).collect();
    assert_eq!(of, [(Some(1), "1"), (Some(2), "2"), (Some(1), "late")]);
}

#[test]
fn what_a_suite_wrote_is_shown_there_also_when_nobody_announced_it() {
    let scene = Scene::new();
    scene.say(&Entity::new("suite", "s"), Output::stdout("ok\n"));
    scene.say(&run(), Output::stderr("done\n"));
    let summary = scene.summary();
    assert_eq!(summary.suites()[0].notes[0].text_of(OutputStream::Stdout), "ok\n");
    let (entity, notes) = summary.run_notes().next().expect("the run");
    assert_eq!((entity, &*notes.text_of(OutputStream::Stderr)), (&run(), "done\n"));
}

#[test]
fn a_stream_that_breaks_off_is_finished_by_hand() {
    let scene = Scene::new();
    scene.say(&case("s/a"), CaseStarted::new());
    assert_eq!(scene.totals(), (0, 0, 0, 0));
    scene.live.finish();
    assert_eq!(scene.totals(), (1, 0, 1, 0));
    assert_eq!(scene.summary().duration(), None);
    assert_eq!(scene.summary().running(), []);
}

#[test]
fn a_real_result_takes_the_place_of_a_synthetic_one_visibly_in_either_order() {
    let scene = Scene::new();
    let synthetic = || CaseFinished::new(Status::Aborted).synthetic();
    for (name, ends) in [("a", [synthetic(), passed()]), ("b", [passed(), synthetic()])] {
        scene.say(&case(name), CaseStarted::new());
        for end in ends {
            scene.say(&case(name), end);
        }
    }
    let summary = scene.summary();
    assert!(summary.cases().iter().all(|case| case.late && !case.synthetic));
    assert_eq!(summary.counts().passed(), 2);
}

#[test]
fn a_real_end_of_a_suite_or_a_step_takes_the_place_of_a_synthetic_one_in_either_order() {
    let scene = Scene::new();
    let suite = |name: &str| Entity::new("suite", name);
    let (made_up, real) = (
        || SuiteFinished::new(Status::Aborted).synthetic(),
        || SuiteFinished::new(Status::Success),
    );
    for (name, ends) in [("a", [made_up(), real()]), ("b", [real(), made_up()])] {
        scene.say(&suite(name), SuiteStarted::new());
        for end in ends {
            scene.say(&suite(name), end);
        }
    }
    scene.say(&case("c"), CaseStarted::new());
    let step = |name: &str| case("c").child("step", name);
    let (made_up, real) =
        (|| StepFinished::new(Status::Aborted).synthetic(), || StepFinished::new(Status::Success));
    for (name, ends) in [("x", [made_up(), real()]), ("y", [real(), made_up()])] {
        scene.say(&step(name), StepStarted::new());
        for end in ends {
            scene.say(&step(name), end);
        }
    }
    let summary = scene.summary();
    let suites = summary.suites();
    assert_eq!(suites.iter().filter(|suite| suite.status == Some(Status::Success)).count(), 2);
    let cases = summary.cases();
    let is_real = |step: &StepView| step.status == Some(Status::Success) && !step.synthetic;
    assert!(cases[0].steps.len() == 2 && cases[0].steps.iter().all(is_real), "{cases:?}");
}

#[test]
fn a_lost_node_takes_its_running_cases_along_and_no_others() {
    let master = Scene::new();
    let node = |name: &str| Bus::builder().run(tidings_assert::TEST_RUN).node(name).build();
    let (first, second) = (node("n1"), node("n2"));
    for bus in [&first, &second] {
        bus.subscribe(master.live.clone()).detach();
        bus.emitter_for::<TestRun>(case("s/done")).emit(passed().into());
        bus.emitter_for::<TestRun>(case("s/open")).emit(CaseStarted::new().into());
    }
    master.say(&Entity::new("node", "n1"), NodeJoined::new().with_property("os", "linux"));
    master.say(&Entity::new("node", "n1"), NodeLost::new("3 heartbeats missed"));
    let summary = master.summary();
    let nodes: Vec<_> = summary
        .nodes()
        .iter()
        .map(|node| (node.name, node.counts.failed(), node.counts.running, node.is_lost))
        .collect();
    assert_eq!(nodes, [("n1", 1, 0, true), ("n2", 0, 1, false)]);
    assert_eq!(summary.failures()[0].reason, Some("its node was lost before it ended"));

    first.emitter_for::<TestRun>(case("s/open")).emit(passed().into());
    assert_eq!(master.totals(), (3, 3, 0, 0));
    master.say(&Entity::new("node", "n1"), NodeJoined::new());
    assert_eq!(master.summary().nodes()[0].reason, Some("3 heartbeats missed"));
}

#[test]
fn a_retry_on_another_node_is_an_attempt_at_the_same_case() {
    let scene = Scene::new();
    let other = Bus::builder().run(tidings_assert::TEST_RUN).node("n2").build();
    other.subscribe(scene.live.clone()).detach();
    scene.say(&case("s/a"), CaseStarted::new());
    scene.say(&Entity::new("node", tidings_assert::TEST_NODE), NodeLost::new("gone"));
    let emitter = other.emitter_for::<TestRun>(case("s/a"));
    emitter.emit(CaseStarted::new().with_attempt(2).into());
    emitter.emit(passed().with_attempt(2).into());
    assert_eq!(scene.totals(), (1, 1, 0, 0));
    let summary = scene.summary();
    let case = &summary.cases()[0];
    assert_eq!((case.node, case.attempts.len(), case.flaky), ("n2", 2, true));
}

#[test]
fn one_node_that_has_finished_does_not_end_the_run_of_another() {
    let scene = Scene::new();
    let other = Bus::builder().run(tidings_assert::TEST_RUN).node("n2").build();
    other.subscribe(scene.live.clone()).detach();
    let of_other = other.emitter_for::<TestRun>(run());
    scene.say(&run(), RunStarted::new());
    of_other.emit(RunStarted::new().into());
    other.emitter_for::<TestRun>(case("s/a")).emit(CaseStarted::new().into());
    scene.say(&run(), RunFinished::new(Status::Success));
    assert_eq!(scene.summary().counts().running, 1);
    of_other.emit(RunFinished::new(Status::Success).into());
    assert_eq!(scene.totals(), (1, 0, 1, 0));
}

#[test]
fn runs_side_by_side_on_one_bus_end_each_for_themselves() {
    let scene = Scene::new();
    let order = std::sync::Arc::new(tidings_testrun::LegalOrder::new());
    scene.bus.subscribe(std::sync::Arc::clone(&order)).detach();
    let first = tidings_testrun::RunEmitter::start(&scene.bus, "first");
    let second = tidings_testrun::RunEmitter::start(&scene.bus, "second");
    let open = second.case("c");
    first.case("c").success();
    scene.clock.advance(Duration::from_secs(1));
    first.success();
    assert_eq!(scene.summary().counts().running, 1);
    open.success();
    second.success();
    assert_eq!(scene.totals(), (2, 2, 0, 0));
    assert!(scene.summary().cases().iter().all(|case| !case.late));
    assert_eq!(order.illegal(), []);
}

#[test]
fn never_ran_is_the_plan_minus_what_was_seen() {
    let scene = Scene::new();
    scene.say(&run(), RunPlanned::count(5));
    scene.say(&case("s/a"), CaseSkipped::ignored(""));
    scene.say(&case("s/b"), CaseStarted::new());
    assert_eq!((scene.summary().never_ran(), scene.summary().expected()), (3, 5));
    scene.say(&run(), RunPlanned::count(1));
    assert_eq!(scene.summary().never_ran(), 0, "never negative, and the last plan counts");

    let listed = [
        Selector::nested_test(["s", "g"], "a"),
        Selector::test("s", "a"),
        Selector::test("s", "z"),
        Selector::suite("t"),
        Selector::wildcard("b"),
        Selector::test("s", "z"),
    ];
    scene.say(&run(), RunPlanned::selectors(listed));
    let summary = scene.summary();
    let names: Vec<String> = summary.unseen().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["s/g/a", "s/z", "t"]);
    assert_eq!(summary.never_ran(), 3);
}

#[test]
fn durations_are_what_was_said_or_between_moments_that_were_said() {
    let scene = Scene::new();
    let at = |seconds: i64| Timestamp::from_nanos(seconds * 1_000_000_000);
    for (name, start, end) in [
        ("said", CaseStarted::new(), passed().with_duration(Duration::from_secs(7))),
        ("between", CaseStarted::new().at(at(10)), passed().at(at(12))),
        ("backwards", CaseStarted::new().at(at(12)), passed().at(at(10))),
        ("unknown", CaseStarted::new().at(at(10)), passed()),
    ] {
        scene.say(&case(name), start);
        scene.say(&case(name), end);
    }
    scene.say(&run(), RunStarted::new().at(at(0)));
    scene.say(&run(), RunFinished::new(Status::Success).at(at(30)));
    let summary = scene.summary();
    let slowest: Vec<_> = summary.slowest(9).iter().map(|it| (it.name, it.duration)).collect();
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    assert_eq!(slowest, [("said", seconds(7)), ("between", seconds(2)), ("backwards", seconds(0))]);
    assert_eq!(summary.slowest(1).len(), 1);
    assert_eq!(summary.to_json().duration_s, Some(30.0));
}

#[test]
fn what_runs_now_is_known_with_since_when() {
    let scene = Scene::new();
    let since = Timestamp::from_nanos(5);
    scene.say(&case("s/a"), CaseStarted::new().at(since));
    scene.say(&case("s/b"), CaseStarted::new());
    scene.say(&case("s/c"), passed());
    let summary = scene.summary();
    let running: Vec<_> = summary.running().iter().map(|it| (it.name, it.started_at)).collect();
    assert_eq!(running, [("a", since), ("b", tidings_assert::TEST_START)]);
}

#[test]
fn a_failure_has_its_full_place() {
    let scene = Scene::new();
    let entity = run().child("suite", "s").child("group", "g").child("case", "c");
    let place = SourceLocation::new("s_SUITE.erl").with_line(4);
    scene.say(&entity, CaseStarted::new().with_location(place.clone()));
    scene.say(&entity, failed());
    let summary = scene.summary();
    let failure = &summary.failures()[0];
    assert_eq!(failure.suite, Some(Entity::new("suite", "s").child("group", "g")));
    assert_eq!((failure.name, failure.node), ("c", tidings_assert::TEST_NODE));
    assert_eq!(failure.location, Some(&place));
}

#[test]
fn what_is_said_before_a_case_begins_belongs_to_it() {
    let scene = Scene::new();
    let entity = case("s/g/a");
    scene.say(&entity, LogFile::new("a.html"));
    assert_eq!(scene.totals(), (0, 0, 0, 0));
    scene.say(&entity, CaseStarted::new().with_property("owner", "x"));
    scene.say(&entity.child("step", "Given"), StepStarted::new());
    scene.say(&entity.child("step", "Given"), Output::stderr("inside"));
    scene.say(&entity.child("step", "Given"), StepFinished::failed(Failure::assertion("no")));
    scene.say(&entity, failed().with_property("ticket", "C-42"));
    let summary = scene.summary();
    let case = &summary.cases()[0];
    assert_eq!((&*case.notes.log_files[0], case.notes.properties.len()), ("a.html", 2));
    assert_eq!(case.notes.text_of(OutputStream::Stderr), "inside");
    assert_eq!((case.steps[0].name(), case.steps[0].status), ("Given", Some(Status::Failure)));
}

#[test]
fn a_long_failure_says_how_much_of_it_was_left_out() {
    let scene = Scene::new();
    let long = "d".repeat(tidings_testrun::FAILURE_TEXT_BYTES_MAX + 7);
    let failure = Failure::assertion("no").with_details(long);
    scene.say(&case("s/a"), CaseFinished::failed(failure));
    let summary = scene.summary();
    let details = summary.failures()[0].failure.and_then(|it| it.details.as_deref());
    assert!(details.expect("kept").ends_with("d\n[7 bytes left out]"));
}

#[test]
fn a_skip_says_by_whom_and_why() {
    let scene = Scene::new();
    scene.say(&case("s/a"), CaseSkipped::automatically("setup broke"));
    let summary = scene.summary();
    let case = &summary.cases()[0];
    assert_eq!(case.last().skipped_by, Some(SkippedBy::Automatic));
    assert_eq!(case.last().reason, Some("setup broke"));
}

#[test]
fn suites_of_one_name_in_two_places_are_two() {
    let scene = Scene::new();
    let outer = Entity::new("suite", "s");
    for group in ["g", "h"] {
        let group = outer.child("group", group).child("group", "same");
        scene.say(&group, GroupStarted::new());
        scene.say(&group.child("case", "c"), passed());
        scene.say(&group, GroupFinished::new(Status::Success));
    }
    let summary = scene.summary();
    let names: Vec<_> =
        summary.suites().iter().map(|it| (it.name(), it.own.total(), it.all.total())).collect();
    let expected =
        [("s", 0, 2), ("s/g", 0, 1), ("s/g/same", 1, 1), ("s/h", 0, 1), ("s/h/same", 1, 1)];
    assert_eq!(names, expected.map(|(name, own, all)| (name.to_owned(), own, all)));
}

#[test]
fn an_event_that_cannot_be_read_is_reported_and_counted() {
    let scene = Scene::new();
    let emitter = scene.bus.raw_emitter("case", "c");
    let receipt = emitter.emit("test.case.finished", serde_json::json!({"status": 5}));
    assert_eq!(receipt.expect("a type").failed(), 1);
    assert_eq!(scene.summary().unreadable(), 1);
}

#[test]
fn a_case_keeps_its_number_and_can_be_asked_for_by_itself() {
    let scene = Scene::new();
    for name in ["s/a", "s/b", "s/a"] {
        scene.say(&case(name), CaseStarted::new());
        scene.say(&case(name), passed());
    }
    let numbers = |summary: &tidings_testrun::RunSummary| -> Vec<usize> {
        let cases = summary.cases_about(|entity| *entity == case("s/a"));
        cases.iter().map(|case| case.number).collect()
    };
    assert_eq!(numbers(&scene.summary()), [0, 2]);
    scene.say(&case("s/c"), passed());
    assert_eq!(numbers(&scene.summary()), [0, 2]);
    assert_eq!(scene.summary().cases()[3].number, 3);
}

#[test]
fn a_summary_says_whether_it_is_over_and_why_its_run_failed() {
    let scene = Scene::new();
    assert!(!scene.summary().is_over());
    scene.say(&run(), RunStarted::new());
    assert!(!scene.summary().is_over());
    let mut cut = scene.summary();
    cut.finish();
    assert!(cut.is_over() && cut.status().is_none());
    scene.say(&run(), RunFinished::failed(Failure::assertion("the stream ended")));
    let summary = scene.summary();
    assert_eq!(summary.failure().map(|why| &*why.message), Some("the stream ended"));
    assert!(summary.is_over());
}

#[test]
fn plans_of_more_than_there_are_numbers_for_are_as_many_as_can_be() {
    let scene = Scene::new();
    for suite in ["a", "b"] {
        scene.say(&Entity::new("suite", suite), RunPlanned::count(u64::MAX));
    }
    scene.say(&case("a/x"), CaseStarted::new());
    let summary = scene.summary();
    assert_eq!((summary.never_ran(), summary.expected()), (u64::MAX - 1, u64::MAX));
}
