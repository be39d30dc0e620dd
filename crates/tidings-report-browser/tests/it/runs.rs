//! Runs to look at: a small one with something of everything, and a large one.

use std::time::Duration;

use tidings_core::Entity;
use tidings_testrun::{
    Attachment, CaseFinished, CaseSkipped, CaseStarted, Cause, ErrorItem, Failure, FailureKind,
    LogFile, NodeJoined, NodeLost, Output, RunFinished, RunPlanned, RunStarted, Selector, Status,
    StepFinished, StepStarted, SuiteFinished, SuiteStarted,
};

use super::recording::{Recording, moment};

/// A picture of one transparent dot.
const DOT: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0,
    1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 13, 0x49, 0x44, 0x41, 0x54,
    0x78, 0x9c, 0x63, 0x60, 0x60, 0x60, 0x60, 0, 0, 0, 5, 0, 1, 0xa5, 0xf6, 0x45, 0x40, 0, 0, 0, 0,
    0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

/// What one case does.
struct Act<'a> {
    suite: &'a str,
    name: &'a str,
    node: u32,
    lane: u32,
    from_ms: u64,
    ms: u64,
}

fn run() -> Entity {
    Entity::new("run", "nightly")
}

pub(crate) fn suite(name: &str) -> Entity {
    run().child("suite", name)
}

impl Act<'_> {
    fn entity(&self) -> Entity {
        suite(self.suite).child("case", self.name)
    }

    fn start(&self, to: &mut Recording) {
        let started = CaseStarted::new().at(moment(self.from_ms));
        to.at(self.node, self.lane, self.from_ms).say(&self.entity(), started);
    }

    fn end(&self, to: &mut Recording, finished: CaseFinished) {
        let end_ms = self.from_ms + self.ms;
        let finished = finished.at(moment(end_ms)).with_duration(Duration::from_millis(self.ms));
        to.at(self.node, self.lane, end_ms).say(&self.entity(), finished);
    }

    fn pass(&self, to: &mut Recording) {
        self.start(to);
        self.end(to, CaseFinished::new(Status::Success));
    }
}

/// Eleven cases and an error: 5 passed (one flaky), 3 failed, 1 error, 1 timed out, 2 skipped.
pub(crate) fn small() -> Recording {
    let to = &mut Recording::new();
    to.at(1, 0, 0).say(&run(), RunStarted::new().at(moment(0)));
    to.say(&run().child("node", "lab-1"), NodeJoined::new().with_property("os", "linux 6.8"));
    let plan = ["login", "cart", "billing"].map(Selector::suite);
    let plan = plan.into_iter().chain([Selector::test("search", "finds umlauts")]);
    to.say(&run(), RunPlanned::selectors(plan));
    to.say(&suite("login"), SuiteStarted::new().at(moment(2)));
    to.at(2, 1, 3).say(&suite("cart"), SuiteStarted::new().at(moment(3)));
    passing(to);
    failing(to);
    flaky(to);
    skipped(to);
    to.at(2, 1, 900).say(&suite("cart"), broken_teardown());
    to.at(1, 0, 1_400).say(&suite("login"), SuiteFinished::new(Status::Failure).at(moment(1_400)));
    to.at(2, 1, 1_420).say(&suite("cart"), SuiteFinished::new(Status::Failure).at(moment(1_420)));
    to.say(&run().child("node", "lab-2"), NodeLost::new("no heartbeat for 30 s"));
    to.at(1, 0, 1_450).say(&run(), RunFinished::new(Status::Failure).at(moment(1_450)));
    std::mem::take(to)
}

fn passing(to: &mut Recording) {
    Act {
        suite: "login",
        name: "accepts the right password",
        node: 1,
        lane: 0,
        from_ms: 5,
        ms: 120,
    }
    .pass(to);
    Act { suite: "login", name: "remembers the user", node: 1, lane: 1, from_ms: 20, ms: 310 }
        .pass(to);
    Act { suite: "cart", name: "adds an article", node: 2, lane: 1, from_ms: 8, ms: 90 }.pass(to);
    let steps =
        Act { suite: "cart", name: "counts twice", node: 2, lane: 1, from_ms: 110, ms: 240 };
    steps.start(to);
    for (name, at) in [("opens the page", 120), ("adds two", 200)] {
        let step = steps.entity().child("step", name);
        to.at(2, 1, at).say(&step, StepStarted::new().at(moment(at)));
        to.at(2, 1, at + 60).say(&step, StepFinished::new(Status::Success).at(moment(at + 60)));
    }
    steps.end(to, CaseFinished::new(Status::Success));
}

fn failing(to: &mut Recording) {
    let act = Act {
        suite: "login",
        name: "refuses a wrong password",
        node: 1,
        lane: 0,
        from_ms: 140,
        ms: 480,
    };
    act.start(to);
    to.say(&act.entity(), Output::stdout("POST /login\n\u{1b}[32m200 OK\u{1b}[0m\nin 12 ms\n"));
    to.say(&act.entity(), Output::stderr("warning: weak cipher\n"));
    let dot = Attachment::inline("screen", DOT).expect("small").with_media_type("image/png");
    to.say(&act.entity(), dot);
    to.say(&act.entity(), Attachment::path("trace", "traces/login.zip"));
    to.say(&act.entity(), LogFile::new("logs/login.log"));
    let failure = Failure::assertion("the answers differ")
        .with_class("AssertionError")
        .with_expected("status: 403\nbody:\n  reason: wrong password\n  retry: 2\nend")
        .with_actual("status: 200\nbody:\n  reason: welcome\n  retry: 2\n  extra: yes\nend")
        .with_details("at login.rs:17\nat harness.rs:99")
        .with_cause(Cause::new("the server let it in"))
        .at_line("tests/login.rs", 17);
    act.end(to, CaseFinished::failed(failure));
    let act = Act { suite: "cart", name: "empties", node: 2, lane: 1, from_ms: 380, ms: 60 };
    act.start(to);
    act.end(to, CaseFinished::failed(Failure::assertion("one article is left")));
    let act =
        Act { suite: "billing", name: "adds the tax", node: 1, lane: 1, from_ms: 360, ms: 130 };
    act.start(to);
    act.end(
        to,
        CaseFinished::failed(
            Failure::assertion("rounded down").with_expected("19.00").with_actual("18.99"),
        ),
    );
    let act =
        Act { suite: "billing", name: "sends a mail", node: 1, lane: 1, from_ms: 520, ms: 700 };
    act.start(to);
    act.end(to, CaseFinished::failed(Failure::new(FailureKind::Timeout, "no mail within 700 ms")));
}

fn flaky(to: &mut Recording) {
    let act =
        Act { suite: "login", name: "locks after three", node: 1, lane: 0, from_ms: 650, ms: 300 };
    act.start(to);
    let first = CaseFinished::failed(Failure::assertion("not locked yet")).superseded();
    act.end(to, first);
    let again = Act { from_ms: 960, ms: 280, ..act };
    let started = CaseStarted::new().with_attempt(2).at(moment(again.from_ms));
    to.at(1, 0, again.from_ms).say(&again.entity(), started);
    again.end(to, CaseFinished::new(Status::Success).with_attempt(2));
}

fn skipped(to: &mut Recording) {
    let skip = Entity::clone(&suite("login")).child("case", "speaks French");
    to.at(1, 0, 1_300).say(&skip, CaseSkipped::by_user("ticket 17"));
    let skip = suite("billing").child("case", "pays back");
    to.at(1, 1, 1_310).say(&skip, CaseSkipped::automatically("adds the tax failed"));
}

fn broken_teardown() -> ErrorItem {
    ErrorItem::named("teardown", Failure::new(FailureKind::Teardown, "the socket is busy"))
}

/// So many passed cases of a run that goes on.
pub(crate) fn growing(cases: u64) -> Recording {
    let to = &mut Recording::new();
    to.at(1, 0, 0).say(&run(), RunStarted::new().at(moment(0)));
    for number in 0..cases {
        let name = format!("case {number}");
        let act = Act { suite: "growing", name: &name, node: 1, lane: 0, from_ms: number, ms: 1 };
        act.pass(to);
    }
    std::mem::take(to)
}

/// Many cases in 100 suites on 8 lanes; every hundredth failed.
pub(crate) fn large(cases: u64) -> Recording {
    let to = &mut Recording::new();
    to.at(1, 0, 0).say(&run(), RunStarted::new().at(moment(0)));
    for number in 0..cases {
        let (suite, name) = (format!("suite_{:03}", number % 100), format!("case number {number}"));
        let lane = u32::try_from(number % 8).expect("small");
        let act = Act {
            suite: &suite,
            name: &name,
            node: 1,
            lane,
            from_ms: number / 8 * 20,
            ms: 5 + number % 13,
        };
        act.start(to);
        let failure = || Failure::assertion(format!("broken at {number}"));
        act.end(
            to,
            match number % 100 {
                42 => CaseFinished::failed(failure()),
                _ => CaseFinished::new(Status::Success),
            },
        );
    }
    let end = cases / 8 * 20 + 30;
    to.at(1, 0, end).say(&run(), RunFinished::new(Status::Failure).at(moment(end)));
    std::mem::take(to)
}
