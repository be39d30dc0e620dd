//! What is said about an item while it is there: output, files, progress, errors, nodes.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidings_core::Timestamp;
use tidings_derive::Event;

use super::{Failure, Property, seconds};

/// `test.output`: a piece of what an item wrote.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Event)]
#[event(namespace = "test", crate = "tidings_core")]
#[serde(default)]
#[non_exhaustive]
pub struct Output {
    /// Where it was written to.
    pub stream: OutputStream,
    /// The text; a piece need not be a line.
    pub text: String,
    /// The attempt of its case that it belongs to; the last one if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// How grave it is, as its producer calls it: `debug`, `info`, `warn`, `error`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
}

/// Where output was written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OutputStream {
    /// Standard output, and what was not told apart from it.
    #[default]
    Stdout,
    /// Standard error.
    Stderr,
    /// A log.
    Log,
    /// Anything that this version does not know.
    #[serde(other)]
    Other,
}

impl Output {
    /// A piece of one stream.
    pub fn new(stream: OutputStream, text: impl Into<String>) -> Self {
        Self { stream, text: text.into(), attempt: None, level: None }
    }

    /// A piece of standard output.
    pub fn stdout(text: impl Into<String>) -> Self {
        Self::new(OutputStream::Stdout, text)
    }

    /// A piece of standard error.
    pub fn stderr(text: impl Into<String>) -> Self {
        Self::new(OutputStream::Stderr, text)
    }

    /// A piece of a log, with its level: `debug`, `info`, `warn`, `error`.
    pub fn log(level: impl Into<String>, text: impl Into<String>) -> Self {
        Self { level: Some(level.into()), ..Self::new(OutputStream::Log, text) }
    }

    /// Says which attempt of its case it belongs to.
    #[must_use]
    pub fn with_attempt(mut self, attempt: u32) -> Self {
        self.attempt = Some(attempt);
        self
    }
}

/// `test.log_file`: where an item keeps its log.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Event)]
#[event(namespace = "test", crate = "tidings_core")]
#[serde(default)]
#[non_exhaustive]
pub struct LogFile {
    /// A path or a URL, as its producer sees it.
    pub path: String,
}

impl LogFile {
    /// A log at this path or URL.
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into() }
    }
}

/// `test.progress`: how far a runner says it is.
///
/// For display only; totals are counted from cases.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Event)]
#[event(namespace = "test", crate = "tidings_core")]
#[serde(default)]
#[non_exhaustive]
pub struct Progress {
    /// How much is done.
    pub done: u64,
    /// How much there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// What it is doing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Progress {
    /// This much is done.
    pub fn new(done: u64) -> Self {
        Self { done, ..Self::default() }
    }

    /// Says how much there is.
    #[must_use]
    pub fn with_total(mut self, total: u64) -> Self {
        self.total = Some(total);
        self
    }

    /// Says what it is doing.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }
}

/// `test.error`: something went wrong that is no case, and counts as one failed item.
///
/// The entity is what it happened to: the case whose teardown broke (which keeps its own
/// outcome), the suite whose setup broke, the package that does not build, the run whose
/// framework failed. The kind of the failure says setup or teardown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Event)]
#[event(namespace = "test", name = "error", crate = "tidings_core")]
#[serde(default)]
#[non_exhaustive]
pub struct ErrorItem {
    /// What failed: `init_per_suite`, `build`, a fixture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Why.
    pub failure: Box<Failure>,
    /// How long it took.
    #[event(volatile)]
    #[serde(with = "seconds", skip_serializing_if = "Option::is_none")]
    pub duration: Option<Duration>,
    /// When it happened, if not when it was emitted.
    #[event(volatile)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

impl ErrorItem {
    /// Something unnamed went wrong.
    pub fn new(failure: Failure) -> Self {
        Self { failure: Box::new(failure), ..Self::default() }
    }

    /// Something went wrong, with the name of what it was.
    pub fn named(name: impl Into<String>, failure: Failure) -> Self {
        Self { name: Some(name.into()), ..Self::new(failure) }
    }

    /// Says how long it took.
    #[must_use]
    pub fn with_duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// Says when it happened.
    #[must_use]
    pub fn at(mut self, at: Timestamp) -> Self {
        self.at = Some(at);
        self
    }
}

/// `node.joined`: the machine that the innermost id of the entity names takes part in the run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Event)]
#[event(namespace = "node", name = "joined", crate = "tidings_core")]
#[serde(default)]
#[non_exhaustive]
pub struct NodeJoined {
    /// What is known of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
}

impl NodeJoined {
    /// A machine of which nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds something that is known of it.
    #[must_use]
    pub fn with_property(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.properties.push(Property::new(name, value));
        self
    }
}

/// `node.lost`: the machine that the innermost id of the entity names is not heard any more.
///
/// What runs there is [`Aborted`](super::Status::Aborted) from here on, until a late result
/// says better.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Event)]
#[event(namespace = "node", name = "lost", crate = "tidings_core")]
#[serde(default)]
#[non_exhaustive]
pub struct NodeLost {
    /// Why it is thought to be lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl NodeLost {
    /// A machine that was lost for this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()) }
    }
}
