//! What an event of a test run says beyond its role.
//!
//! Read from the event alone, so that a line about an end is the same live and replayed.

use std::time::Duration;

use tidings_core::{Entity, Envelope, Event as _, Role};
use tidings_testrun::{ErrorItem, Failure, FailureKind, SkippedBy, Status, TestRun};

/// An event of a test run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// The beginning of an attempt, by its number.
    Begin(u64),
    /// An end.
    End(RunEnd),
    /// An error that is no case.
    Error(RunError),
    /// Anything else; also what cannot be read.
    Other,
}

/// How something ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunEnd {
    /// Which attempt, from 1.
    pub(crate) attempt: u64,
    /// Whether another attempt follows.
    pub(crate) superseded: bool,
    /// What the mark alone does not say: `timed out`, `skipped by user`.
    pub(crate) words: &'static str,
    /// Whether nobody ended it.
    pub(crate) synthetic: bool,
    /// Why.
    pub(crate) text: String,
    /// As it was said.
    pub(crate) duration: Option<Duration>,
}

/// An error that is no case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunError {
    /// `teardown error (name)`.
    pub(crate) words: String,
    /// Why.
    pub(crate) text: String,
    /// As it was said.
    pub(crate) duration: Option<Duration>,
}

/// Whether an event is one of a test run.
pub(crate) fn is_told(envelope: &Envelope) -> bool {
    TestRun::TYPES.iter().any(|own| *own == envelope.event_type())
}

impl Told {
    /// What an event is, and its role; none when it is no event of a test run.
    ///
    /// Streams of other machines may leave the role out, which is known all the same.
    pub(crate) fn of(envelope: &Envelope) -> Option<(Self, Role)> {
        if !is_told(envelope) {
            return None;
        }
        let Ok(Some(event)) = envelope.event::<TestRun>() else {
            return Some((Self::Other, envelope.role()));
        };
        let told = match &*event {
            TestRun::CaseStarted(event) => Self::Begin(event.attempt.max(1).into()),
            TestRun::ErrorItem(item) => Self::Error(RunError::of(item)),
            event => RunEnd::of(event).map_or(Self::Other, Self::End),
        };
        Some((told, event.role()))
    }
}

impl RunEnd {
    /// `timed out: no answer`, as much of it as there is.
    pub(crate) fn why(&self) -> String {
        match (self.words, self.text.as_str()) {
            ("", text) => text.to_owned(),
            (words, "") => words.to_owned(),
            (words, text) => format!("{words}: {text}"),
        }
    }

    fn of(event: &TestRun) -> Option<Self> {
        macro_rules! finished {
            ($event:ident) => {
                Self {
                    attempt: $event.attempt.max(1).into(),
                    superseded: $event.superseded,
                    words: words_of($event.status),
                    synthetic: $event.synthetic,
                    text: text_of($event.failure.as_deref()),
                    duration: $event.duration,
                }
            };
        }
        Some(match event {
            TestRun::RunFinished(event) => finished!(event),
            TestRun::SuiteFinished(event) => finished!(event),
            TestRun::GroupFinished(event) => finished!(event),
            TestRun::CaseFinished(event) => finished!(event),
            TestRun::StepFinished(event) => finished!(event),
            TestRun::CaseSkipped(event) => Self {
                attempt: event.attempt.max(1).into(),
                superseded: false,
                words: skip_words(event.status, event.by),
                synthetic: false,
                text: match &event.reason {
                    Some(reason) => reason.clone(),
                    None => text_of(event.failure.as_deref()),
                },
                duration: event.duration,
            },
            _ => return None,
        })
    }
}

impl RunError {
    fn of(item: &ErrorItem) -> Self {
        let name = item.name.as_deref();
        Self {
            words: error_words(item.failure.kind, name),
            text: item.failure.to_string(),
            duration: item.duration,
        }
    }
}

fn text_of(failure: Option<&Failure>) -> String {
    failure.map(ToString::to_string).unwrap_or_default()
}

/// What a mark does not say about a status.
pub(crate) const fn words_of(status: Status) -> &'static str {
    match status {
        Status::Error => "error",
        Status::TimedOut => "timed out",
        Status::Aborted => "aborted",
        Status::Skipped => "skipped",
        Status::Ignored => "ignored",
        Status::Canceled => "canceled",
        Status::Pending => "pending",
        _ => "",
    }
}

const fn skip_words(status: Status, by: Option<SkippedBy>) -> &'static str {
    match (status, by) {
        (Status::Skipped, Some(SkippedBy::User)) => "skipped by user",
        (Status::Skipped, Some(SkippedBy::Automatic)) => "skipped automatically",
        _ => words_of(status),
    }
}

/// What an error that is no case is called: `setup error`, `error (build)`.
pub(crate) fn error_words(kind: FailureKind, name: Option<&str>) -> String {
    let kind = match kind {
        FailureKind::Setup => "setup error",
        FailureKind::Teardown => "teardown error",
        FailureKind::Timeout => "timeout",
        _ => "error",
    };
    match name.filter(|name| !name.is_empty()) {
        Some(name) => format!("{kind} ({name})"),
        None => kind.to_owned(),
    }
}

/// The entity without the run and the node around it; none when nothing is left.
pub(crate) fn outer_place(entity: &Entity) -> Option<Entity> {
    let inner = entity.pairs().filter(|(kind, _)| !matches!(*kind, "run" | "node"));
    Entity::from_path(inner).ok()
}
