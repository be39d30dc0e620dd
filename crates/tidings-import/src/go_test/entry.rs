//! One test of a package that has no end yet.

use tidings_core::Timestamp;
use tidings_testrun::{CaseFinished, CaseSkipped, Failure, FailureKind, Property, Status, TestRun};

use crate::teller::Took;

use super::text::{self, Bounded};

/// The most attributes of a test that are kept.
const PROPERTIES_MAX: usize = 1024;

/// What is known of a test without an end.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// Whether it has begun; else there is only output of it.
    pub(super) is_running: bool,
    pub(super) is_paused: bool,
    /// Which test of its package it is.
    pub(super) order: u64,
    /// Whether it is a benchmark that has its result.
    pub(super) has_result: bool,
    output: Bounded,
    errors: Bounded,
    properties: Vec<Property>,
}

impl Entry {
    /// Takes a piece of output that is no frame.
    pub(super) fn take(&mut self, text: &str, output_type: Option<&str>) {
        self.output.push(text);
        if output_type.is_some_and(|kind| kind.starts_with("error")) {
            self.errors.push(text);
        }
        self.has_result |= text::is_benchmark_result(text);
    }

    pub(super) fn note(&mut self, property: Property) {
        if self.properties.len() < PROPERTIES_MAX {
            self.properties.push(property);
        }
    }

    pub(super) fn passed(self, took: Took) -> TestRun {
        finished(CaseFinished::new(Status::Success), self.properties, took)
    }

    pub(super) fn failed(self, took: Took) -> TestRun {
        let failure = text::failure(&self.errors.text(), &self.output.text());
        let event = CaseFinished::new(Status::Failure).with_failure(failure);
        finished(event, self.properties, took)
    }

    pub(super) fn skipped(self, took: Took) -> TestRun {
        let mut event = CaseSkipped::by_user(text::skip_reason(&self.output.text()));
        (event.at, event.duration, event.properties) = (took.at, took.duration, self.properties);
        event.into()
    }

    /// The time of the whole package was up.
    pub(super) fn timed_out(self, why: &str, took: Took) -> TestRun {
        let mut failure = Failure::new(FailureKind::Timeout, why);
        failure.details = Some(self.output.text()).filter(|text| !text.is_empty());
        finished(CaseFinished::failed(failure), self.properties, took)
    }

    /// Its package ended, and nobody said how it did.
    pub(super) fn aborted(self, at: Option<Timestamp>) -> TestRun {
        let output = self.output.text();
        let mut failure = if output.lines().any(text::is_crash) {
            text::failure("", &output)
        } else {
            Failure::new(FailureKind::Error, "its package ended without a result of it")
        };
        if failure.details.is_none() && !self.output.is_empty() {
            failure.details = Some(output);
        }
        let mut event = CaseFinished::failed(failure).synthetic();
        event.status = Status::Aborted;
        finished(event, self.properties, Took { at, duration: None })
    }
}

fn finished(mut event: CaseFinished, properties: Vec<Property>, took: Took) -> TestRun {
    (event.at, event.duration, event.properties) = (took.at, took.duration, properties);
    event.into()
}
