//! A bus with a summary on it, and short ways to say things.

use tidings_assert::TestClock;
use tidings_core::Entity;
use tidings_registry::Bus;
use tidings_testrun::{CaseView, LiveSummary, RunSummary, TestRun};

/// A bus and what its events come to.
pub(crate) struct Scene {
    pub(crate) bus: Bus,
    pub(crate) clock: TestClock,
    pub(crate) live: LiveSummary,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let (bus, clock) = tidings_assert::test_bus();
        let live = LiveSummary::on(&bus);
        Self { bus, clock, live }
    }

    pub(crate) fn say(&self, entity: &Entity, event: impl Into<TestRun>) {
        self.bus.emitter_for(entity.clone()).emit(event.into());
    }

    pub(crate) fn summary(&self) -> RunSummary {
        self.live.snapshot()
    }

    /// Total, passed, failed, skipped.
    pub(crate) fn totals(&self) -> (u64, u64, u64, u64) {
        let counts = self.summary().counts();
        (counts.total(), counts.passed(), counts.failed(), counts.skipped())
    }
}

/// The entity `suite/<a>/…/case/<z>` for `a/…/z`.
pub(crate) fn case(path: &str) -> Entity {
    let ids: Vec<&str> = path.split('/').collect();
    let kinds = |place| match place {
        _ if place + 1 == ids.len() => "case",
        0 => "suite",
        _ => "group",
    };
    let pairs = ids.iter().enumerate().map(|(place, id)| (kinds(place), *id));
    Entity::from_path(pairs).expect("not empty")
}

pub(crate) fn run() -> Entity {
    Entity::new("run", "r")
}

/// Everything that views show, as text, but for the numbers of cases, which say when they were
/// first heard of.
pub(crate) fn everything(summary: &RunSummary) -> String {
    format!(
        "{:#?}",
        (
            (summary.to_json(), summary.counts(), summary.status(), summary.started_at()),
            (unnumbered(summary.cases()), summary.errors(), summary.failures()),
            (summary.suites(), summary.nodes(), summary.unseen(), summary.expected()),
            (unnumbered(summary.running()), unnumbered(summary.slowest(5))),
            (unnumbered(summary.flaky()), summary.progress()),
        )
    )
}

fn unnumbered(mut cases: Vec<CaseView<'_>>) -> Vec<CaseView<'_>> {
    for case in &mut cases {
        case.number = 0;
    }
    cases
}
