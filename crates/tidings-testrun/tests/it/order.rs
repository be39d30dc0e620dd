//! The monitor of illegal order.

use std::sync::Arc;

use expect_test::expect;
use tidings_core::Entity;
use tidings_registry::Bus;
use tidings_testrun::{
    CaseFinished, CaseSkipped, CaseStarted, LegalOrder, NodeLost, RunFinished, RunStarted, Status,
    SuiteFinished, SuiteStarted, TestRun,
};

use crate::support::{case, run};

struct Watched {
    bus: Bus,
    order: Arc<LegalOrder>,
}

impl Watched {
    fn new() -> Self {
        let (bus, _clock) = tidings_assert::test_bus();
        let order = Arc::new(LegalOrder::new());
        bus.subscribe(Arc::clone(&order)).detach();
        Self { bus, order }
    }

    fn say(&self, entity: &Entity, event: impl Into<TestRun>) -> &Self {
        self.bus.emitter_for(entity.clone()).emit(event.into());
        self
    }

    fn found(&self) -> String {
        let illegal = self.order.illegal();
        illegal.iter().flat_map(|illegal| [illegal.to_string(), "\n".to_owned()]).collect()
    }
}

#[test]
fn done_before_start_and_two_dones_are_illegal() {
    let watched = Watched::new();
    let case = case("s/c");
    watched.say(&case, CaseFinished::new(Status::Success));
    watched.say(&case, CaseStarted::new()).say(&case, CaseStarted::new());
    watched.say(&case, CaseFinished::new(Status::Success));
    watched.say(&case, CaseFinished::new(Status::Success));
    expect![[r"
        suite/s/case/c: `test.case.finished` on node-1: `ended` is not allowed in `idle` (allowed: `running`, `skipped`)
        suite/s/case/c: `test.case.started` on node-1: `running` is not allowed in `running` (allowed: `ended`, `skipped`)
        suite/s/case/c: `test.case.finished` on node-1: `ended` is not allowed in `ended` (allowed: `running`, `skipped`)
    "]]
    .assert_eq(&watched.found());
    assert_eq!(watched.order.illegal_count(), 3);
    let report = watched.bus.report();
    assert!(!report.complete);
}

#[test]
fn a_case_outside_of_its_suite_is_illegal() {
    let watched = Watched::new();
    let suite = Entity::new("suite", "s");
    watched.say(&case("s/early"), CaseStarted::new()).say(&suite, SuiteStarted::new());
    watched.say(&suite, SuiteFinished::new(Status::Success));
    watched.say(&case("s/late"), CaseStarted::new());
    expect![[r"
        suite/s: `test.suite.started` on node-1: something inside of it began before it did
        suite/s/case/late: `test.case.started` on node-1: suite/s is ended, not running
    "]]
    .assert_eq(&watched.found());
}

#[test]
fn nothing_comes_after_a_run_and_nothing_runs_at_its_end() {
    let watched = Watched::new();
    watched.say(&run(), RunStarted::new()).say(&case("s/a"), CaseStarted::new());
    watched.say(&case("s/b"), CaseStarted::new());
    watched.say(&run(), RunFinished::new(Status::Success));
    watched.say(&case("s/a"), CaseFinished::new(Status::Success));
    watched.say(&Entity::new("node", "n"), NodeLost::new("silent"));
    expect![[r"
        run/r: `test.run.finished` on node-1: suite/s/case/a and 1 more still running
        suite/s/case/a: `test.case.finished` on node-1: run/r has ended
    "]]
    .assert_eq(&watched.found());
}

#[test]
fn repeats_attempts_and_skips_without_a_start_are_legal() {
    let watched = Watched::new();
    let (case, suite) = (case("s/c"), Entity::new("suite", "s"));
    watched.say(&suite, SuiteStarted::new());
    for attempt in [1, 2, 1] {
        watched.say(&case, CaseStarted::new().with_attempt(attempt));
        watched.say(&case, CaseFinished::new(Status::Failure).with_attempt(attempt));
    }
    watched.say(&case, CaseSkipped::by_user("enough"));
    watched.say(&crate::support::case("s/d"), CaseSkipped::by_user("never"));
    watched.say(&suite, SuiteFinished::new(Status::Success));
    assert_eq!(watched.found(), "");
}
