//! How a phase of a test ended.

use std::time::Duration;

use tidings_core::Timestamp;
use tidings_testrun::{Failure, FailureKind};

use super::longrepr::{failure_of, reason_of};
use super::report::Report;

/// A phase of a test.
#[derive(Debug)]
pub(super) struct Phase {
    pub(super) outcome: Outcome,
    pub(super) start: Option<Timestamp>,
    pub(super) stop: Option<Timestamp>,
    pub(super) duration: Option<Duration>,
}

/// How it ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// As it should, or though it was expected not to, and why that was.
    Passed(Option<String>),
    /// It failed.
    Failed(Failure),
    /// It was called off, or failed as was expected.
    Skipped(Skip),
    /// It failed, and the test is run again.
    Rerun(Failure),
}

/// Why something was skipped.
#[derive(Debug)]
pub(super) struct Skip {
    pub(super) reason: String,
    /// The failure that was expected.
    pub(super) failure: Option<Failure>,
}

/// The same failure, as one of another kind.
pub(super) fn of_kind(kind: FailureKind, mut failure: Failure) -> Failure {
    failure.kind = kind;
    failure
}

impl Phase {
    /// The phase that a report tells of.
    pub(super) fn of(report: &Report) -> Self {
        let Report { start, stop, duration, .. } = *report;
        Self { outcome: Outcome::of(report), start, stop, duration }
    }
}

impl Outcome {
    /// What a report says. An outcome that this version does not know is a failure: it is
    /// not to pass unseen.
    pub(super) fn of(report: &Report) -> Self {
        match report.outcome.as_str() {
            "passed" => Self::Passed(report.xfail.clone()),
            "skipped" => Self::Skipped(Skip::of(report)),
            "failed" => Self::Failed(failure_of(&report.longrepr)),
            "rerun" | "retried" | "retry" => Self::Rerun(failure_of(&report.longrepr)),
            other => {
                let why = format!("ended as `{}`, which is not known", other.escape_debug());
                Self::Failed(Failure::new(FailureKind::Error, why))
            }
        }
    }

    pub(super) fn is_rerun(&self) -> bool {
        matches!(self, Self::Rerun(_))
    }

    pub(super) fn is_passed(&self) -> bool {
        matches!(self, Self::Passed(_))
    }
}

impl Skip {
    fn of(report: &Report) -> Self {
        let Some(why) = &report.xfail else {
            return Self { reason: reason_of(&report.longrepr), failure: None };
        };
        let why = why.strip_prefix("reason: ").unwrap_or(why);
        let reason = match why.strip_prefix("[NOTRUN]").map(str::trim) {
            Some("") => "expected to fail, and not run".to_owned(),
            Some(why) => format!("expected to fail, and not run: {why}"),
            None if why.is_empty() => "expected to fail".to_owned(),
            None => format!("expected to fail: {why}"),
        };
        let failure = (!report.longrepr.is_null()).then(|| failure_of(&report.longrepr));
        Self { reason, failure }
    }
}
