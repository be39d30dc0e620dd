//! The shapes of a recorded Common Test run: suites that other reporters merge, groups that
//! repeat, and suites of which nothing ran.

use tidings_core::Entity;
use tidings_testrun::{
    CaseFinished, CaseSkipped, CaseStarted, ErrorItem, Failure, FailureKind, Status,
};

use crate::support::{Element, Scene, case};

fn run(scene: &Scene, path: &str, finished: CaseFinished) {
    scene.say(&case(path), CaseStarted::new());
    scene.say(&case(path), finished);
}

fn recorded() -> Scene {
    let scene = Scene::new();
    let suite = |name: &str| Entity::new("suite", name);
    run(&scene, "a_SUITE/pass_1", CaseFinished::new(Status::Success));
    let badmatch = Failure::new(FailureKind::Error, "{badmatch,2}").at_line("a_SUITE.erl", 25);
    run(&scene, "a_SUITE/fail_badmatch", CaseFinished::failed(badmatch));
    let trap = Failure::new(FailureKind::Timeout, "{timetrap_timeout,300}");
    run(&scene, "a_SUITE/timetrap_case", CaseFinished::failed(trap));
    scene.say(&case("a_SUITE/skip_user"), CaseStarted::new());
    scene.say(&case("a_SUITE/skip_user"), CaseSkipped::by_user("not today"));
    run(&scene, "a_SUITE/end_tc_fails", CaseFinished::new(Status::Success));
    let teardown = Failure::new(FailureKind::Teardown, "tc_teardown_broke");
    scene.say(&case("a_SUITE/end_tc_fails"), ErrorItem::named("end_per_testcase", teardown));
    run(&scene, "a_SUITE/seq/seq_fail", CaseFinished::failed(Failure::assertion("seq_broke")));
    for never in ["a_SUITE/seq/seq_never", "a_SUITE/seq/seq_never2"] {
        scene.say(&case(never), CaseSkipped::automatically("{failed,{a_SUITE,seq_fail}}"));
    }
    for _ in 0..3 {
        run(&scene, "a_SUITE/rep/rep_1", CaseFinished::new(Status::Success));
    }
    run(&scene, "a_SUITE/outer/inner/in_inner", CaseFinished::new(Status::Success));
    let setup = Failure::new(FailureKind::Setup, "suite_setup_broke");
    scene.say(&suite("b_SUITE"), ErrorItem::named("init_per_suite", setup));
    for skipped in ["b_SUITE/pass_1", "b_SUITE/g/b_3"] {
        scene.say(&case(skipped), CaseSkipped::automatically("init_per_suite failed"));
    }
    scene
}

fn cells(suite: &Element) -> (&str, u64, u64, u64, u64) {
    let of = |name| suite.number(name);
    (suite.get("name"), of("tests"), of("failures"), of("errors"), of("skipped"))
}

#[test]
fn the_suites_of_a_common_test_run_stay_apart() {
    let document = recorded().document();
    let cells: Vec<_> = document.suites().into_iter().map(cells).collect();
    assert_eq!(
        cells,
        [
            ("a_SUITE", 6, 0, 3, 1),
            ("a_SUITE/outer/inner", 1, 0, 0, 0),
            ("a_SUITE/rep", 3, 0, 0, 0),
            ("a_SUITE/seq", 3, 1, 0, 2),
            ("b_SUITE", 2, 0, 1, 1),
            ("b_SUITE/g", 1, 0, 0, 1),
        ]
    );
    assert_eq!((document.get("tests"), document.get("errors")), ("16", "4"));
}

#[test]
fn every_repeat_of_a_group_keeps_its_cases() {
    let document = recorded().document();
    let cases = document.suite("a_SUITE/rep").all("testcase");
    let names: Vec<_> = cases.map(|case| case.get("name")).collect();
    assert_eq!(names, ["rep_1", "rep_1 (run 2)", "rep_1 (run 3)"]);
}

#[test]
fn cases_of_one_name_in_two_suites_have_different_classes() {
    let document = recorded().document();
    let of = |suite| {
        let mut cases = document.suite(suite).all("testcase");
        cases.find(|case| case.get("name") == "pass_1").expect("it is in there").get("classname")
    };
    assert_eq!((of("a_SUITE"), of("b_SUITE")), ("a_SUITE", "b_SUITE"));
}
