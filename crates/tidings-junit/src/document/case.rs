//! A run of a case as a `testcase`.

use quick_junit::{TestCase, TestCaseStatus, TestRerun};
use tidings_core::Timestamp;
use tidings_testrun::{AttemptView, CaseView, SourceLocation, Status};

use super::failure::{element_of, of_attempt, of_skipped};
use super::notes::{append_files, own_property, properties_of};
use super::output::{Outputs, Streams};
use crate::text::{attribute, content};

/// Whether a reader has to be told the node of each case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    /// The suite says it.
    OfSuite,
    /// Several worked at the suite.
    OfCase,
}

/// A run of a case that has ended with this status.
pub(super) fn test_case(name: &str, case: &CaseView<'_>, status: Status, node: Node) -> TestCase {
    let told_apart = told_apart(case, status);
    let outputs = Outputs::new(case.notes, &told_apart);
    let mut element = TestCase::new(attribute(name), status_of(case, status, &outputs));
    element.time = Some(case.duration.unwrap_or_default());
    stamp(&mut element, case.started_at);
    let failed_at = case.failure().and_then(|failure| failure.location.as_ref());
    place(&mut element, case.location.or(failed_at));
    element.properties = properties_of(case.notes);
    element.properties.extend(own_properties(case, node));
    let Streams { mut out, err } = outputs.of_item();
    append_files(&mut out, case.notes);
    write_streams(&mut element, &Streams { out, err });
    element
}

/// Writes when it began.
pub(super) fn stamp(element: &mut TestCase, at: Timestamp) {
    element.timestamp = at.to_string().parse().ok();
}

/// Writes where it stands in the source.
pub(super) fn place(element: &mut TestCase, location: Option<&SourceLocation>) {
    let Some(location) = location else { return };
    element.extra.insert(attribute("file"), attribute(&location.file));
    if let Some(line) = location.line {
        element.extra.insert(attribute("line"), attribute(&line.to_string()));
    }
}

fn write_streams(element: &mut TestCase, streams: &Streams) {
    let text = |text: &str| (!text.is_empty()).then(|| content(text));
    element.system_out = text(&streams.out);
    element.system_err = text(&streams.err);
}

/// The attempts that get an element of their own: those that failed before the deciding one.
fn told_apart(case: &CaseView<'_>, status: Status) -> Vec<u32> {
    let has_failed = |attempt: &&AttemptView<'_>| attempt.status.is_some_and(Status::is_failed);
    let failed = case.superseded().iter().filter(has_failed).map(|attempt| attempt.number);
    if status.is_skipped() { Vec::new() } else { failed.collect() }
}

fn status_of(case: &CaseView<'_>, status: Status, outputs: &Outputs<'_>) -> TestCaseStatus {
    if status.is_skipped() {
        let said = of_skipped(case, status);
        let mut skipped = TestCaseStatus::skipped();
        skipped.set_message(attribute(&said.message)).set_type(attribute(&said.kind));
        if !said.text.is_empty() {
            skipped.set_description(content(&said.text));
        }
        return skipped;
    }
    let mut element = match element_of(status) {
        None => TestCaseStatus::success(),
        Some(kind) => {
            let said = of_attempt(case, case.last(), status);
            let mut failed = TestCaseStatus::non_success(kind);
            failed.set_message(attribute(&said.message)).set_type(attribute(&said.kind));
            let text = if said.text.is_empty() { &said.message } else { &said.text };
            failed.set_description(content(text));
            failed
        }
    };
    element
        .add_reruns(case.superseded().iter().filter_map(|attempt| rerun(case, attempt, outputs)));
    element
}

/// A failed attempt that does not decide.
fn rerun(
    case: &CaseView<'_>,
    attempt: &AttemptView<'_>,
    outputs: &Outputs<'_>,
) -> Option<TestRerun> {
    let status = attempt.status?;
    let said = of_attempt(case, attempt, status);
    let mut element = TestRerun::new(element_of(status)?);
    element.set_message(attribute(&said.message)).set_type(attribute(&said.kind));
    element.set_stack_trace(content(if said.text.is_empty() { &said.message } else { &said.text }));
    element.time = Some(attempt.duration.unwrap_or_default());
    let streams = outputs.of_attempt(attempt.number);
    let text = |text: &str| (!text.is_empty()).then(|| content(text));
    element.system_out = text(&streams.out);
    element.system_err = text(&streams.err);
    Some(element)
}

fn own_properties(case: &CaseView<'_>, node: Node) -> Vec<quick_junit::Property> {
    let mut properties = Vec::new();
    if case.repeat > 1 {
        properties.push(own_property("repeat", &case.repeat.to_string()));
    }
    if case.last().number > 1 {
        properties.push(own_property("attempt", &case.last().number.to_string()));
    }
    if case.late {
        properties.push(own_property("late", "true"));
    }
    if let Some(fingerprint) = case.fingerprint {
        properties.push(own_property("fingerprint", fingerprint));
    }
    if node == Node::OfCase {
        properties.push(own_property("node", case.node));
    }
    properties
}
