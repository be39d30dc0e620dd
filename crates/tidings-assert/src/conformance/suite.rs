//! Runs the checks one after the other, each from a clean start.

use std::error::Error;
use std::time::Duration;

use parking_lot::Mutex;
use tidings_delivery::Sink;

use super::checks;
use super::harness::{Harness, Receiver, Support, Trouble};
use super::options::Options;
use super::report::{Check, Report, Verdict};

/// Runs the whole suite with default options.
pub fn check<H: Harness>(harness: &H) -> Report {
    check_with(harness, &Options::default())
}

/// Runs the suite with these options.
///
/// A name in [`Options::only`] that no check has fails.
pub fn check_with<H: Harness>(harness: &H, options: &Options) -> Report {
    let suite = Suite { harness, options, evidence: Mutex::default() };
    let all = checks::all::<H>();
    let mut report = Report { sink: harness.sink().name(), checks: Vec::new() };
    let mut add = |name: &str, verdict| {
        report.checks.push(Check { name: name.to_owned(), verdict });
    };
    for only in &options.only {
        if all.iter().all(|(name, _)| name != only) {
            add(only, Verdict::Failed { reason: "there is no check of this name".to_owned() });
        }
    }
    for (name, check) in all {
        if options.only.is_empty() || options.only.iter().any(|only| only == name) {
            harness.receiver().reset();
            add(name, verdict(check(&suite)));
        }
    }
    harness.receiver().reset();
    report
}

/// What the checks have in common.
pub(super) struct Suite<'a, H> {
    pub(super) harness: &'a H,
    pub(super) options: &'a Options,
    /// Every text that was shown, with where.
    evidence: Mutex<Vec<(&'static str, String)>>,
}

impl<H: Harness> Suite<'_, H> {
    pub(super) fn receiver(&self) -> &dyn Receiver {
        self.harness.receiver()
    }

    /// Makes trouble, or skips the check.
    pub(super) fn inject(&self, trouble: Trouble) -> Result<(), Failure> {
        match self.receiver().inject(trouble) {
            Support::Supported => Ok(()),
            Support::Unsupported { reason } => Err(Failure::Unsupported(reason)),
        }
    }

    /// Keeps a text for the check of secrets.
    pub(super) fn witness(&self, place: &'static str, text: String) {
        self.evidence.lock().push((place, text));
    }

    /// Where this text was shown.
    pub(super) fn places_of(&self, text: &str) -> Vec<&'static str> {
        let evidence = self.evidence.lock();
        let shown = evidence.iter().filter(|(_, shown)| shown.contains(text));
        let mut places: Vec<_> = shown.map(|(place, _)| *place).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The latest that one call of `send` may end.
    pub(super) fn send_max(&self) -> Duration {
        self.harness.timeout() + self.options.slack
    }
}

/// Why a check did not pass.
#[derive(Debug)]
pub(super) enum Failure {
    /// The receiver cannot make the trouble.
    Unsupported(String),
    /// The fact does not hold.
    Seen(String),
}

impl Failure {
    pub(super) fn seen(reason: impl Into<String>) -> Self {
        Self::Seen(reason.into())
    }

    /// The suite could not do its own work.
    pub(super) fn own(error: impl Error) -> Self {
        Self::Seen(format!("the check could not be made: {error}"))
    }
}

fn verdict(result: Result<(), Failure>) -> Verdict {
    match result {
        Ok(()) => Verdict::Passed,
        Err(Failure::Unsupported(reason)) => Verdict::Skipped { reason },
        Err(Failure::Seen(reason)) => Verdict::Failed { reason },
    }
}
