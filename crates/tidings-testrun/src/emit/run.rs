//! The emitter of a run.

use tidings_core::Receipt;
use tidings_registry::Bus;

use crate::vocabulary::{
    CaseStarted, NodeJoined, NodeLost, Progress, RunFinished, RunPlanned, RunStarted, SuiteStarted,
    TestRun,
};

use super::case::CaseEmitter;
use super::item::{Item, Level, Timing, emitter, ends};
use super::shared::SharedRun;
use super::suite::SuiteEmitter;

/// Speaks for a run on this node, from its beginning to its end.
///
/// Ends with [`success`](Self::success), [`failure`](Self::failure) or
/// [`finish`](Self::finish). Dropped without, it emits a synthetic end with the status
/// [`Aborted`](crate::Status::Aborted), as every emitter made from it does.
///
/// Suites and cases may be made on, and moved to, any thread.
///
/// ```
/// use tidings_registry::Bus;
/// use tidings_testrun::{CaseSkipped, Failure, RunEmitter, RunPlanned};
///
/// let bus = Bus::new();
/// let run = RunEmitter::start(&bus, "nightly");
/// run.plan(RunPlanned::count(3));
/// let suite = run.suite("arithmetic");
/// suite.case("adds").success();
/// suite.case("divides").skipped(CaseSkipped::by_user("not today"));
///
/// let case = suite.case("multiplies").retry(Failure::assertion("6 is not 7"));
/// case.stdout("the second time");
/// case.success();
///
/// suite.success();
/// run.success();
/// ```
#[derive(Debug)]
#[must_use = "a run is aborted when its emitter is dropped"]
pub struct RunEmitter {
    item: Item,
}

emitter!(RunEmitter, "run");
ends!(RunEmitter, RunFinished, "run");

impl RunEmitter {
    /// Begins a run; its entity is `run/<id>`.
    pub fn start(bus: &Bus, id: &str) -> Self {
        Self::start_as(bus, id, RunStarted::new(), Timing::Measured)
    }

    /// Begins a run about which more is known.
    pub fn start_as(bus: &Bus, id: &str, started: RunStarted, timing: Timing) -> Self {
        let emitter = bus.emitter::<TestRun>("run", id);
        Self { item: Item::outermost(emitter, timing, started.into()) }
    }

    /// Lets several threads speak for it, and any of them end it.
    #[must_use = "a run is aborted when the last of its clones is dropped"]
    pub fn shared(self) -> SharedRun {
        SharedRun::new(self)
    }

    pub(super) fn end_shared(&self, mut finished: RunFinished) -> Receipt {
        finished.attempt = self.item.attempt();
        finished.duration = finished.duration.or_else(|| self.item.measured());
        self.item.end_shared(finished)
    }

    /// Says what is to run.
    pub fn plan(&self, plan: RunPlanned) -> Receipt {
        self.item.emit(plan)
    }

    /// Says how far it is.
    pub fn progress(&self, progress: Progress) -> Receipt {
        self.item.emit(progress)
    }

    /// Begins a suite.
    pub fn suite(&self, name: &str) -> SuiteEmitter {
        self.suite_as(name, SuiteStarted::new())
    }

    /// Begins a suite about which more is known.
    pub fn suite_as(&self, name: &str, started: SuiteStarted) -> SuiteEmitter {
        SuiteEmitter::new(self.item.child(Level::Suite, name, started.attempt, started.into()))
    }

    /// Begins a case that is in no suite.
    pub fn case(&self, name: &str) -> CaseEmitter {
        self.case_as(name, CaseStarted::new())
    }

    /// Begins a case that is in no suite and about which more is known.
    pub fn case_as(&self, name: &str, started: CaseStarted) -> CaseEmitter {
        CaseEmitter::new(self.item.child(Level::Case, name, started.attempt, started.into()))
    }

    /// Says that a node takes part.
    pub fn node_joined(&self, name: &str, joined: NodeJoined) -> Receipt {
        self.item.emitter().child("node", name).emit(joined.into())
    }

    /// Says that a node is not heard any more.
    pub fn node_lost(&self, name: &str, lost: NodeLost) -> Receipt {
        self.item.emitter().child("node", name).emit(lost.into())
    }
}
