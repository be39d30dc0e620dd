//! Failures as message, type and text.

use quick_junit::NonSuccessKind;
use tidings_testrun::{AttemptView, CaseView, Failure, FailureKind, SkippedBy, Status};

/// What an element says of something that did not pass.
#[derive(Debug)]
pub(super) struct Saying {
    /// One sentence or a few.
    pub(super) message: String,
    /// What sort it is.
    pub(super) kind: String,
    /// Everything there is to say; empty when the message says it all.
    pub(super) text: String,
}

/// Whether a status is a failure or an error to a CI system; none if it is neither.
pub(super) fn element_of(status: Status) -> Option<NonSuccessKind> {
    match status {
        Status::Failure => Some(NonSuccessKind::Failure),
        _ if status.is_failed() => Some(NonSuccessKind::Error),
        _ => None,
    }
}

/// What is said of a failed attempt.
pub(super) fn of_attempt(case: &CaseView<'_>, attempt: &AttemptView<'_>, status: Status) -> Saying {
    let step = if attempt.failure.is_none() { failed_step(case, attempt) } else { None };
    let failure = attempt.failure.or(step.as_ref());
    let message = failure.map(|failure| failure.message.trim());
    let said = message.filter(|message| !message.is_empty()).or(attempt.reason);
    let message = said.unwrap_or(sentence(status)).to_owned();
    let text = failure.map(full_text).unwrap_or_default();
    Saying { message, kind: kind_of(attempt, status, failure), text }
}

/// What is said of an error that is no case.
pub(super) fn of_error(failure: &Failure) -> Saying {
    let message = failure.message.trim();
    let message = if message.is_empty() { sentence(Status::Error) } else { message };
    Saying { message: message.to_owned(), kind: class_of(failure), text: full_text(failure) }
}

/// What is said of a case that was skipped, and of attempts that failed before it was.
pub(super) fn of_skipped(case: &CaseView<'_>, status: Status) -> Saying {
    let last = case.last();
    let mut message = status.as_str().replace('_', " ");
    if let Some(by) = last.skipped_by.and_then(decided_by) {
        message.extend([" ", by]);
    }
    let failure = last.failure;
    let why = last.reason.or(failure.map(|failure| failure.message.trim()));
    if let Some(why) = why.filter(|why| !why.is_empty()) {
        message.extend([": ", why]);
    }
    let mut text = failure.map(full_text).unwrap_or_default();
    for attempt in case.superseded() {
        if let Some(status) = attempt.status.filter(|status| status.is_failed()) {
            let said = of_attempt(case, attempt, status);
            push_line(&mut text, &format!("attempt {}: {}", attempt.number, said.message));
            push_line(&mut text, &said.text);
        }
    }
    Saying { message, kind: status.as_str().to_owned(), text }
}

fn decided_by(by: SkippedBy) -> Option<&'static str> {
    match by {
        SkippedBy::User => Some("by user"),
        SkippedBy::Automatic => Some("automatically"),
        _ => None,
    }
}

/// What is said when nothing was said.
fn sentence(status: Status) -> &'static str {
    match status {
        Status::Failure => "failed, and nothing was said of it",
        Status::TimedOut => "took longer than it may",
        Status::Aborted => "began, and nobody knows how it ended",
        _ => "an error, and nothing was said of it",
    }
}

/// Class or kind of the failure; timed out and aborted are said as such, and so is an end
/// that is made up.
fn kind_of(attempt: &AttemptView<'_>, status: Status, failure: Option<&Failure>) -> String {
    let mut kind = match (status, failure) {
        (Status::Failure, None) => "failure".to_owned(),
        (Status::Failure | Status::Error, Some(failure)) => class_of(failure),
        _ => status.as_str().to_owned(),
    };
    if attempt.synthetic {
        kind.push_str(" (synthetic)");
    }
    kind
}

fn class_of(failure: &Failure) -> String {
    let kind = match failure.kind {
        FailureKind::Assertion => "assertion",
        FailureKind::Timeout => "timeout",
        FailureKind::Setup => "setup",
        FailureKind::Teardown => "teardown",
        _ => "error",
    };
    match failure.class.as_deref().map(str::trim) {
        Some(class) if !class.is_empty() => class.to_owned(),
        _ => kind.to_owned(),
    }
}

/// The failure of the last step that failed in an attempt which says nothing itself.
fn failed_step(case: &CaseView<'_>, attempt: &AttemptView<'_>) -> Option<Failure> {
    let steps = case.steps.iter().rev().filter(|step| step.attempt == attempt.number);
    let mut failed = steps.filter(|step| step.status.is_some_and(Status::is_failed));
    let step = failed.find(|step| step.failure.is_some())?;
    let mut failure = step.failure.as_deref()?.clone();
    failure.message = format!("step `{}`: {}", step.path.join(" > "), failure.message);
    Some(failure)
}

fn push_line(text: &mut String, line: &str) {
    if line.is_empty() {
        return;
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(line);
}

/// All that a failure says.
fn full_text(failure: &Failure) -> String {
    let details = failure.details.as_deref().unwrap_or_default();
    let mut text = String::new();
    // Details often begin with the message.
    if failure.class.is_some() || !details.trim_start().starts_with(failure.message.trim()) {
        push_line(&mut text, &failure.to_string());
    }
    for (label, value) in [("expected", &failure.expected), ("actual", &failure.actual)] {
        if let Some(value) = value {
            let gap = if value.contains('\n') { '\n' } else { ' ' };
            push_line(&mut text, &format!("{label}:{gap}{value}"));
        }
    }
    if let Some(location) = &failure.location {
        push_line(&mut text, &format!("at {location}"));
    }
    push_line(&mut text, details);
    for cause in &failure.causes {
        let mut line = "caused by: ".to_owned();
        if let Some(class) = &cause.class {
            line.extend([class, ": "]);
        }
        line.push_str(&cause.message);
        push_line(&mut text, &line);
    }
    text
}
