//! Runs and suites that tasks on several threads share.
//!
//! An emitter that is owned says its own end. What is shared has none to say it: a run is ended
//! once, by whoever is first, and a suite ends with the last task that is in it.

use std::ops::Deref;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use parking_lot::Mutex;
use thiserror::Error;
use tidings_core::Receipt;

use crate::vocabulary::{RunFinished, SuiteStarted};

use super::run::RunEmitter;
use super::suite::SuiteEmitter;

/// A run that several threads speak for until one of them ends it. Clones are the same run.
///
/// Made by [`RunEmitter::shared`]. No lock is held while observers run. What a thread begins
/// at the very moment of the end may come after it; a bus that is closed next refuses that.
/// Dropped without an end, the run is aborted, as every emitter is.
///
/// ```
/// use tidings_registry::Bus;
/// use tidings_testrun::{RunEmitter, RunEnded, RunFinished, Status};
///
/// let bus = Bus::new();
/// let run = RunEmitter::start(&bus, "nightly").shared();
/// let suite = run.with(|run| run.suite("arithmetic"))?;
/// suite.success();
///
/// run.end(RunFinished::new(Status::Success))?;
/// assert_eq!(run.end(RunFinished::new(Status::Success)), Err(RunEnded));
/// assert!(run.with(|run| run.suite("late")).is_err());
/// # Ok::<(), RunEnded>(())
/// ```
#[derive(Debug, Clone)]
pub struct SharedRun {
    run: Arc<Mutex<Option<Arc<RunEmitter>>>>,
}

impl SharedRun {
    pub(super) fn new(run: RunEmitter) -> Self {
        Self { run: Arc::new(Mutex::new(Some(Arc::new(run)))) }
    }

    /// Speaks for it.
    ///
    /// # Errors
    ///
    /// [`RunEnded`]; then nothing was done.
    pub fn with<T>(&self, speak: impl FnOnce(&RunEmitter) -> T) -> Result<T, RunEnded> {
        let run = self.run.lock().clone().ok_or(RunEnded)?;
        Ok(speak(&run))
    }

    /// Ends it like this, and before it whatever is still open inside; see
    /// [`RunEmitter::finish`].
    ///
    /// # Errors
    ///
    /// [`RunEnded`] if it was ended before; then nothing is emitted.
    pub fn end(&self, finished: RunFinished) -> Result<Receipt, RunEnded> {
        let run = self.run.lock().take().ok_or(RunEnded)?;
        Ok(run.end_shared(finished))
    }
}

// What is in the lock is taken or cloned in one step; nothing in there panics.
impl UnwindSafe for SharedRun {}
impl RefUnwindSafe for SharedRun {}

/// The run has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the run has ended, and takes nothing more")]
pub struct RunEnded;

/// A suite that several tasks share. Clones are the same suite.
///
/// Made by [`SuiteEmitter::shared`]; it is used like the [`SuiteEmitter`] it holds. It ends
/// when the last clone is dropped, and the last suite made from it: as `success`, or as
/// `failure` if a case, group or suite inside of it failed, or an error was said of it. In a
/// panic it is aborted. Cases and groups do not keep it open: hold a clone while they run.
///
/// ```
/// use tidings_registry::Bus;
/// use tidings_testrun::{Failure, LiveSummary, RunEmitter, Status};
///
/// let bus = Bus::new();
/// let summary = LiveSummary::on(&bus);
/// let run = RunEmitter::start(&bus, "nightly");
/// let suite = run.suite("arithmetic").shared();
/// let nested = suite.suite("division");
/// drop(suite);
/// std::thread::scope(|threads| {
///     threads.spawn(move || nested.case("halves").failure(Failure::assertion("4 is not 5")));
/// });
/// let summary = summary.snapshot();
/// assert!(summary.suites().iter().all(|suite| suite.status == Some(Status::Failure)));
/// # run.failure(Failure::assertion("a case failed"));
/// ```
#[derive(Debug, Clone)]
pub struct SharedSuite {
    held: Arc<Held>,
}

/// Fields are dropped in this order: what is inside ends first.
#[derive(Debug)]
struct Held {
    suite: SuiteEmitter,
    _outer: Option<SharedSuite>,
}

impl SharedSuite {
    pub(super) fn new(mut suite: SuiteEmitter, outer: Option<Self>) -> Self {
        suite.set_end_as_inside();
        Self { held: Arc::new(Held { suite, _outer: outer }) }
    }

    /// Begins a shared suite within this one.
    #[must_use = "a shared suite ends when the last of its clones is dropped"]
    pub fn suite(&self, name: &str) -> Self {
        self.suite_as(name, SuiteStarted::new())
    }

    /// Begins a shared suite within this one about which more is known.
    #[must_use = "a shared suite ends when the last of its clones is dropped"]
    pub fn suite_as(&self, name: &str, started: SuiteStarted) -> Self {
        Self::new(self.held.suite.suite_as(name, started), Some(self.clone()))
    }
}

impl Deref for SharedSuite {
    type Target = SuiteEmitter;

    fn deref(&self) -> &SuiteEmitter {
        &self.held.suite
    }
}
