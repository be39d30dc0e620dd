//! One test: its phases, put together to the end of a case.
//!
//! The reports of one test may come in any order, and some may be missing. A test is told
//! from the next run of the same test by what it already has: each run has each phase once.

use std::sync::Arc;
use std::time::Duration;

use tidings_core::Timestamp;
use tidings_testrun::{
    CAUSES_MAX, CaseFinished, CaseSkipped, Cause, ErrorItem, Failure, FailureKind, Property,
    Status, TestRun,
};

use super::nodeid::Place;
use super::outcome::{Outcome, Phase, Skip, of_kind};
use super::report::Report;
use super::spoken::Spoken;

/// A test that has begun, or that is to be run again.
#[derive(Debug)]
pub(super) struct Test {
    pub(super) place: Place,
    pub(super) worker: Option<Arc<str>>,
    pub(super) attempt: u32,
    /// The how-manieth that began.
    pub(super) order: u64,
    pub(super) spoken: Spoken,
    /// Whether its attempt has ended, and the next one has not begun.
    pub(super) is_waiting: bool,
    setup: Option<Phase>,
    call: Option<Phase>,
    teardown: Option<Phase>,
    /// What is said when its worker is gone.
    crash: Option<Phase>,
    failed_subtests: usize,
    causes: Vec<Cause>,
    properties: Vec<Property>,
    properties_told: usize,
}

impl Test {
    pub(super) fn new(place: Place, worker: Option<Arc<str>>, order: u64) -> Self {
        Self {
            place,
            worker,
            attempt: 1,
            order,
            spoken: Spoken::default(),
            is_waiting: false,
            setup: None,
            call: None,
            teardown: None,
            crash: None,
            failed_subtests: 0,
            causes: Vec::new(),
            properties: Vec::new(),
            properties_told: 0,
        }
    }

    /// Begins the next attempt.
    pub(super) fn next_attempt(&mut self, attempt: u32) {
        self.attempt = attempt;
        self.is_waiting = false;
        self.spoken.next_attempt();
        (self.setup, self.call, self.teardown, self.crash) = (None, None, None, None);
        self.failed_subtests = 0;
        self.causes.clear();
    }

    /// Whether a report belongs to the present attempt of this run of the test.
    pub(super) fn takes(&self, report: &Report, is_subtest: bool) -> bool {
        if self.is_waiting || attempt_of(report).is_some_and(|attempt| attempt > self.attempt) {
            return false;
        }
        let is_rerun = [&self.setup, &self.call].into_iter().flatten();
        let is_rerun = is_rerun.map(|phase| &phase.outcome).any(Outcome::is_rerun);
        let starts = |phase: &Option<Phase>| phase.as_ref().and_then(|phase| phase.start);
        let is_after = |phase: &Option<Phase>| {
            starts(phase).zip(report.start).is_some_and(|(known, start)| start > known)
        };
        match report.when.as_str() {
            _ if is_subtest => !is_rerun,
            "setup" => self.setup.is_none() && !is_after(&self.call) && !is_after(&self.teardown),
            "call" => self.call.is_none() && !is_rerun && !is_after(&self.teardown),
            "teardown" => self.teardown.is_none(),
            _ => true,
        }
    }

    /// Whether a report is the teardown of an attempt that is over, and comes late.
    pub(super) fn is_past(&self, report: &Report) -> bool {
        let is_earlier = attempt_of(report).is_some_and(|attempt| attempt < self.attempt);
        is_earlier && !self.is_waiting && report.when == "teardown"
    }

    /// Takes a report about a phase.
    pub(super) fn add(&mut self, report: &Report) {
        let phase = Phase::of(report);
        match report.when.as_str() {
            "setup" => self.setup = Some(phase),
            "call" => self.call = Some(phase),
            "teardown" => self.teardown = Some(phase),
            _ if !phase.outcome.is_passed() => self.crash = Some(phase),
            _ => {}
        }
        if report.properties.len() >= self.properties.len() {
            self.properties.clone_from(&report.properties);
        }
    }

    /// Takes a subtest that failed.
    pub(super) fn add_failed_subtest(&mut self, name: &str, failure: &Failure) {
        self.failed_subtests += 1;
        if self.causes.len() < CAUSES_MAX {
            self.causes.push(Cause::new(format!("{name}: {failure}")));
        }
    }

    /// Whether nothing more can come of the present attempt.
    pub(super) fn is_complete(&self) -> bool {
        let is_not_called = self.setup.as_ref().is_some_and(|setup| !setup.outcome.is_passed());
        let is_rerun = |phase: &Phase| phase.outcome.is_rerun();
        let is_torn_down = self.teardown.as_ref().is_some_and(|teardown| {
            let has_all = self.setup.is_some() && self.call.is_some();
            has_all
                || is_not_called
                || is_rerun(teardown)
                || self.call.as_ref().is_some_and(is_rerun)
        });
        self.crash.is_some() || is_torn_down
    }

    /// Whether it is known how the present attempt ended, although a phase may be missing.
    pub(super) fn has_outcome(&self) -> bool {
        let setup = self.setup.as_ref();
        let is_not_called = setup.is_some_and(|setup| !setup.outcome.is_passed());
        self.crash.is_some() || self.call.is_some() || self.teardown.is_some() || is_not_called
    }

    /// Whether another attempt follows.
    pub(super) fn is_rerun(&self) -> bool {
        self.phases().any(|phase| phase.outcome.is_rerun())
    }

    fn phases(&self) -> impl Iterator<Item = &Phase> {
        [&self.setup, &self.call, &self.teardown, &self.crash].into_iter().flatten()
    }

    /// When its last phase ended.
    pub(super) fn stop(&self) -> Option<Timestamp> {
        self.phases().filter_map(|phase| phase.stop).max()
    }

    /// What is to be said at the end of the attempt: perhaps an error in its teardown, and
    /// how the case ended.
    pub(super) fn end(&mut self) -> (Option<ErrorItem>, TestRun) {
        let duration =
            self.phases().filter_map(|phase| phase.duration).reduce(Duration::saturating_add);
        let at = self.stop();
        let is_rerun = self.is_rerun();
        let mut properties = if is_rerun { Vec::new() } else { self.new_properties() };
        if let Some(Outcome::Passed(Some(why))) = self.call.as_ref().map(|call| &call.outcome) {
            properties.push(Property::new("xpass", why.as_str()));
        }
        let error = self.teardown_error();
        let event = match self.verdict() {
            Verdict::Ended(status, failure) => {
                let mut event = CaseFinished::new(status).with_attempt(self.attempt);
                event.failure = failure.map(Box::new);
                event.superseded = is_rerun;
                event.properties = properties;
                (event.at, event.duration) = (at, duration);
                event.into()
            }
            Verdict::Skipped(status, skip) => {
                let mut event = CaseSkipped::by_user(skip.reason).with_status(status);
                event.failure = skip.failure.map(Box::new);
                event.attempt = self.attempt;
                event.properties = properties;
                (event.at, event.duration) = (at, duration);
                event.into()
            }
        };
        (error, event)
    }

    /// The properties that were not told; attempts share their list.
    fn new_properties(&mut self) -> Vec<Property> {
        let told = std::mem::replace(&mut self.properties_told, self.properties.len());
        self.properties.get(told..).unwrap_or(&self.properties).to_vec()
    }

    fn teardown_error(&self) -> Option<ErrorItem> {
        let teardown = self.teardown.as_ref()?;
        let Outcome::Failed(failure) = &teardown.outcome else { return None };
        let failure = of_kind(FailureKind::Teardown, failure.clone());
        let mut item = ErrorItem::named("teardown", failure);
        (item.at, item.duration) = (teardown.stop, teardown.duration);
        Some(item)
    }

    fn verdict(&mut self) -> Verdict {
        if let Some(Phase { outcome: Outcome::Failed(failure) | Outcome::Rerun(failure), .. }) =
            self.crash.take()
        {
            return Verdict::Ended(Status::Aborted, Some(failure));
        }
        let subtests = self.subtests_failure();
        let outcome = |phase: &mut Option<Phase>| phase.take().map(|phase| phase.outcome);
        match outcome(&mut self.setup) {
            Some(Outcome::Failed(failure) | Outcome::Rerun(failure)) => {
                let failure = of_kind(FailureKind::Setup, failure);
                return Verdict::Ended(Status::Error, Some(failure));
            }
            Some(Outcome::Skipped(skip)) => return Verdict::Skipped(Status::Skipped, skip),
            _ => {}
        }
        let call = outcome(&mut self.call);
        let teardown = outcome(&mut self.teardown);
        match (call, subtests) {
            (Some(Outcome::Rerun(_) | Outcome::Passed(_) | Outcome::Skipped(_)), Some(failure)) => {
                Verdict::Ended(Status::Failure, Some(failure))
            }
            (Some(Outcome::Failed(mut failure) | Outcome::Rerun(mut failure)), subtests) => {
                failure.causes.extend(subtests.into_iter().flat_map(|failure| failure.causes));
                Verdict::failed(failure)
            }
            (Some(Outcome::Skipped(skip)), None) => Verdict::Skipped(Status::Skipped, skip),
            (_, Some(failure)) => Verdict::Ended(Status::Failure, Some(failure)),
            (call, None) => match (call, teardown) {
                (_, Some(Outcome::Rerun(failure))) => {
                    let failure = of_kind(FailureKind::Teardown, failure);
                    Verdict::Ended(Status::Error, Some(failure))
                }
                (Some(_), _) => Verdict::Ended(Status::Success, None),
                (None, _) => {
                    let reason = "torn down, and not called".to_owned();
                    Verdict::Skipped(Status::Canceled, Skip { reason, failure: None })
                }
            },
        }
    }

    /// What to say of a test that passed although subtests of it did not.
    fn subtests_failure(&mut self) -> Option<Failure> {
        let count = self.failed_subtests;
        let plural = if count == 1 { "" } else { "s" };
        let message = format!("contains {count} failed subtest{plural}");
        let mut failure = Failure::assertion(message);
        failure.causes = std::mem::take(&mut self.causes);
        (count > 0).then_some(failure)
    }
}

/// How a case ended.
enum Verdict {
    Ended(Status, Option<Failure>),
    Skipped(Status, Skip),
}

impl Verdict {
    /// What is called and fails is a failure to pytest, whatever it raises.
    fn failed(failure: Failure) -> Self {
        let status = match failure.kind {
            FailureKind::Timeout => Status::TimedOut,
            _ => Status::Failure,
        };
        Self::Ended(status, Some(failure))
    }
}

/// The attempt that a report says it is of, from 1.
pub(super) fn attempt_of(report: &Report) -> Option<u32> {
    report.rerun.map(|rerun| rerun.saturating_add(1))
}

/// The time between two moments, if both are known.
pub(super) fn span(first: Option<Timestamp>, last: Option<Timestamp>) -> Option<Duration> {
    first.zip(last).map(|(first, last)| last.saturating_since(first))
}
