//! The emitters of cases and their steps.

use std::error::Error;
use std::panic::{UnwindSafe, catch_unwind};

use tidings_core::Receipt;

use crate::vocabulary::{CaseFinished, CaseSkipped, CaseStarted, Failure, Status, StepStarted};

use super::item::{Item, Level, emitter, ends};

/// Speaks for one attempt at a case, from its beginning to its end; see
/// [`RunEmitter`](super::RunEmitter).
///
/// In a panic the end says so:
///
/// ```
/// # use tidings_registry::Bus;
/// use tidings_testrun::{LiveSummary, RunEmitter, Status};
///
/// # let bus = Bus::new();
/// # let summary = LiveSummary::on(&bus);
/// # let run = RunEmitter::start(&bus, "nightly");
/// let broken = std::panic::catch_unwind(|| {
///     let case = run.case("explodes");
///     assert_eq!(1, 2);
///     case.success();
/// });
/// assert!(broken.is_err());
/// let summary = summary.snapshot();
/// let case = &summary.failures()[0];
/// assert_eq!((case.status, case.synthetic), (Status::Aborted, true));
/// assert_eq!(
///     case.failure.expect("given").message,
///     "not ended: its emitter was dropped by a panic"
/// );
/// ```
///
/// A harness that catches the panic itself says more: [`Failure::from_panic`].
#[derive(Debug)]
#[must_use = "a case is aborted when its emitter is dropped"]
pub struct CaseEmitter {
    item: Item,
}

emitter!(CaseEmitter, "case");
ends!(CaseEmitter, CaseFinished, "case");

impl CaseEmitter {
    pub(super) fn new(item: Item) -> Self {
        Self { item }
    }

    /// Which attempt it is, from 1.
    pub fn attempt(&self) -> u32 {
        self.item.attempt()
    }

    /// Ends the case without a result: it was not run, or not to its end.
    pub fn skipped(self, mut skipped: CaseSkipped) -> Receipt {
        skipped.attempt = self.item.attempt();
        self.item.end(skipped)
    }

    /// Runs a test, and ends the case like it: with the status it returns, or with a failure
    /// made of its error or its panic, which goes no further. The test may speak for the case.
    ///
    /// ```
    /// # use tidings_registry::Bus;
    /// use tidings_testrun::{LiveSummary, RunEmitter, Status};
    ///
    /// # let bus = Bus::new();
    /// # let summary = LiveSummary::on(&bus);
    /// # let run = RunEmitter::start(&bus, "nightly");
    /// run.case("adds").run(|case| {
    ///     case.stdout("1 + 2");
    ///     assert_eq!(1 + 2, 4);
    ///     Ok::<_, std::io::Error>(Status::Success)
    /// });
    /// run.case("reads").run(|_| {
    ///     let number: u8 = "x".parse()?;
    ///     Ok::<_, std::num::ParseIntError>(if number > 0 { Status::Success } else { Status::Pending })
    /// });
    /// let summary = summary.snapshot();
    /// let failures = summary.failures();
    /// assert_eq!((failures[0].status, failures[1].status), (Status::Failure, Status::Error));
    /// assert_eq!(failures[0].failure.expect("given").expected.as_deref(), Some("4"));
    /// ```
    pub fn run<E: Into<Box<dyn Error>>>(
        self,
        test: impl FnOnce(&Self) -> Result<Status, E> + UnwindSafe,
    ) -> Receipt {
        match catch_unwind(|| test(&self).map_err(Into::into)) {
            Ok(Ok(status)) if status.is_skipped() => {
                self.skipped(CaseSkipped::by_user("").with_status(status))
            }
            Ok(Ok(status)) => self.finish(CaseFinished::new(status)),
            Ok(Err(error)) => self.failure(Failure::from_error(&*error)),
            Err(panic) => self.failure(Failure::from_panic(&*panic)),
        }
    }

    /// Ends this attempt with a failure, and begins the next.
    pub fn retry(self, failure: Failure) -> Self {
        let next = self.item.attempt().saturating_add(1);
        let mut finished = CaseFinished::failed(failure).superseded();
        (finished.attempt, finished.duration) = (self.item.attempt(), self.item.measured());
        // The next attempt needs what this one leaves behind.
        let item = self.item.end_and_go_on(finished);
        Self { item: item.again(next, CaseStarted::new().with_attempt(next).into()) }
    }

    /// Begins a step.
    pub fn step(&self, name: &str) -> StepEmitter {
        self.step_as(name, StepStarted::new())
    }

    /// Begins a step about which more is known.
    pub fn step_as(&self, name: &str, started: StepStarted) -> StepEmitter {
        let started = started.with_attempt(self.attempt());
        StepEmitter { item: self.item.child(Level::Step, name, self.attempt(), started.into()) }
    }
}

/// Speaks for a step of a case, from its beginning to its end.
#[derive(Debug)]
#[must_use = "a step is aborted when its emitter is dropped"]
pub struct StepEmitter {
    item: Item,
}

emitter!(StepEmitter, "step");
ends!(StepEmitter, StepFinished, "step");

impl StepEmitter {
    /// Begins a step within this one.
    pub fn step(&self, name: &str) -> Self {
        let attempt = self.item.attempt();
        let started = StepStarted::new().with_attempt(attempt);
        Self { item: self.item.child(Level::Step, name, attempt, started.into()) }
    }

    /// Ends the step without having run it.
    pub fn skipped(self) -> Receipt {
        self.finish(crate::StepFinished::new(Status::Skipped))
    }
}
