//! Envelopes for tests, made by hand on a clock that stands still until it is moved.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tidings_core::{
    Attributes, BusId, Context, Entity, Envelope, Event as _, EventId, EventType, Head, Lane,
    Outcome, RawPayload, Role, Timestamp,
};
use tidings_derive::Event;
use tidings_testrun::{
    CaseFinished, CaseSkipped, CaseStarted, ErrorItem, Failure, FailureKind, RunPlanned,
    RunStarted, Selector, SourceLocation, Status, SuiteFinished, SuiteStarted, TestRun,
};

/// When every script starts: 2026-11-21T08:30:00Z.
pub(crate) const START: Timestamp = Timestamp::from_nanos(1_795_249_800_000_000_000);

/// Makes the envelopes of one bus, in order.
pub(crate) struct Script {
    bus: BusId,
    start: Timestamp,
    sequence: u64,
    elapsed: Duration,
    attributes: Attributes,
    node: &'static str,
}

impl Script {
    pub(crate) fn new() -> Self {
        Self::on_bus(1, Duration::ZERO)
    }

    /// A bus that started `later`.
    pub(crate) fn on_bus(number: u128, later: Duration) -> Self {
        Self {
            bus: BusId::from_u128(number),
            start: START.saturating_add(later),
            sequence: 0,
            elapsed: Duration::ZERO,
            attributes: Attributes::new(),
            node: "lab-1",
        }
    }

    /// Goes on as another node of the run.
    pub(crate) fn on(&mut self, node: &'static str) -> &mut Self {
        self.node = node;
        self
    }

    /// An event of a test run.
    pub(crate) fn say(&mut self, path: &str, event: impl Into<TestRun>) -> Arc<Envelope> {
        self.say_of(&entity(path), event)
    }

    pub(crate) fn say_of(&mut self, entity: &Entity, event: impl Into<TestRun>) -> Arc<Envelope> {
        let event = event.into();
        let head = self.head(entity, event.event_type().clone());
        Arc::new(Envelope::new(head, event))
    }

    /// Moves the clock.
    pub(crate) fn after(&mut self, millis: u64) -> &mut Self {
        self.elapsed += Duration::from_millis(millis);
        self
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.attributes.set(name, value);
        self
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.start.saturating_add(self.elapsed)
    }

    pub(crate) fn begin(&mut self, path: &str) -> Arc<Envelope> {
        self.event(path, "case.started", Role::Begin, json!({}))
    }

    pub(crate) fn end(&mut self, path: &str, outcome: Outcome) -> Arc<Envelope> {
        self.event(path, "case.finished", Role::End(outcome), json!({}))
    }

    pub(crate) fn fail(&mut self, path: &str, message: &str) -> Arc<Envelope> {
        let role = Role::End(Outcome::Failure);
        self.event(path, "case.failed", role, json!({ "message": message }))
    }

    pub(crate) fn raw(&mut self, path: &str, event_type: &str, data: Value) -> Arc<Envelope> {
        self.event(path, event_type, Role::Point, data)
    }

    pub(crate) fn event(
        &mut self,
        path: &str,
        event_type: &str,
        role: Role,
        data: Value,
    ) -> Arc<Envelope> {
        self.about(&entity(path), event_type, role, data)
    }

    pub(crate) fn about(
        &mut self,
        entity: &Entity,
        event_type: &str,
        role: Role,
        data: Value,
    ) -> Arc<Envelope> {
        let event_type = EventType::foreign(event_type).expect("a printable name");
        let head = self.head(entity, event_type);
        Arc::new(Envelope::new(head, RawPayload::new(data).with_role(role)))
    }

    /// An event whose payload has no JSON form.
    pub(crate) fn nan(&mut self, path: &str) -> Arc<Envelope> {
        let head = self.head(&entity(path), EventType::from_static("case.measured"));
        Arc::new(Envelope::new(head, Measured { rate: f64::NAN }))
    }

    fn head(&mut self, entity: &Entity, event_type: EventType) -> Head {
        let id = EventId::new(self.bus, Lane::new(0), self.sequence);
        self.sequence += 1;
        let context =
            Context::new("run-1".into(), self.node.into(), entity.clone(), self.attributes.clone());
        Head::new(id, event_type, Arc::new(context), self.now(), self.elapsed)
    }
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespace = "case", crate = "tidings_core")]
struct Measured {
    rate: f64,
}

/// `suite/a/case/t1` as a path.
pub(crate) fn entity(path: &str) -> Entity {
    let parts: Vec<&str> = path.split('/').collect();
    Entity::from_path(parts.chunks(2).map(|pair| (pair[0], pair[1]))).expect("pairs")
}

/// A small run with one of everything.
pub(crate) fn sample(script: &mut Script) -> Vec<Arc<Envelope>> {
    let (suite, group) = ("suite/a_SUITE", "suite/a_SUITE/group/g1");
    let case = |name: &str| format!("{group}/case/{name}");
    vec![
        script.begin(suite),
        script.after(1).begin(group),
        script.after(1).begin(&case("adds")),
        script.after(12).end(&case("adds"), Outcome::Success),
        script.after(3).begin(&case("subtracts")),
        script.after(34).fail(&case("subtracts"), "expected 1, got 2\n  at math.rs:7"),
        script.begin(&case("divides")),
        script.raw(&case("divides"), "case.step.reached", json!({"n": 1})),
        script.event(
            &case("roots"),
            "case.skipped",
            Role::End(Outcome::Skipped),
            json!({"reason": "needs complex numbers"}),
        ),
        script.begin("suite/b_SUITE/case/größe_日本"),
        script.after(1_234).end("suite/b_SUITE/case/größe_日本", Outcome::Success),
        script.raw("suite/b_SUITE", "suite.log", json!({"text": "hello"})),
    ]
}

/// The end of a first attempt.
pub(crate) fn ended(status: Status, millis: u64) -> CaseFinished {
    CaseFinished::new(status).with_duration(Duration::from_millis(millis))
}

/// A test run that has not ended, with one of everything; `case` makes the path of a case of
/// the suite `login`.
pub(crate) fn sample_run(script: &mut Script) -> Vec<Arc<Envelope>> {
    let suite = "run/nightly/suite/login";
    let case = |name: &str| format!("{suite}/case/{name}");
    let slow = Failure::new(FailureKind::Timeout, "no answer in 5 s");
    let details: Vec<String> = (1..=23).map(|line| format!("\tframe {line}")).collect();
    let wrong = Failure::assertion("the page differs\nin its status")
        .with_class("AssertionError")
        .with_expected("403 Forbidden")
        .with_actual("200 OK\nwith a body")
        .with_details(details.join("\n"))
        .at(SourceLocation::new("tests/login.rs").with_line(17).with_column(5));
    let busy = Failure::new(FailureKind::Teardown, "port 80 is busy").at_line("conftest.py", 3);
    let plan = ["accepts", "refuses", "asks twice"].map(|name| Selector::test("login", name));
    vec![
        script.say("run/nightly", RunStarted::new()),
        script.say("run/nightly", RunPlanned::selectors(plan)),
        script.say(suite, SuiteStarted::new()),
        script.say(&case("accepts"), CaseStarted::new()),
        script.after(5_000).say(
            &case("accepts"),
            CaseFinished::failed(slow).superseded().with_duration(Duration::from_secs(5)),
        ),
        script.say(&case("accepts"), CaseStarted::new().with_attempt(2)),
        script.after(120).say(&case("accepts"), ended(Status::Success, 120).with_attempt(2)),
        script.say(&case("refuses"), CaseStarted::new()),
        script.after(34).say(
            &case("refuses"),
            CaseFinished::failed(wrong).with_duration(Duration::from_millis(34)),
        ),
        script.say(&case("locks"), CaseSkipped::by_user("ticket 17")),
        script.say(&case("unlocks"), CaseSkipped::automatically("its setup failed")),
        script.say(&case("later"), CaseSkipped::ignored("")),
        script.say(&case("explodes"), CaseStarted::new()),
        script.say(
            &case("explodes"),
            CaseFinished::new(Status::Aborted)
                .with_failure(Failure::new(FailureKind::Error, "the process is gone"))
                .synthetic(),
        ),
        script.say(suite, ErrorItem::named("end_per_suite", busy)),
        script.after(6).say(suite, SuiteFinished::new(Status::Failure)),
        script.say("run/nightly/suite/billing/case/sums up", CaseStarted::new()),
    ]
}
