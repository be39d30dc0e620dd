//! What an importer found: events, faults, and how many lines were foreign.

use std::sync::Arc;

use tidings_core::Entity;
use tidings_testrun::TestRun;

/// What importers put in and their callers take out, line by line.
#[derive(Debug, Clone, Default)]
pub struct Found {
    said: Vec<Said>,
    faults: Vec<String>,
    faults_count: u64,
    foreign: u64,
    understood: u64,
}

/// An event that a stream tells of.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Said {
    /// What it is about, from the run inwards.
    pub entity: Entity,
    /// The machine that the stream names; none where it names none.
    pub node: Option<Arc<str>>,
    /// What happened.
    pub event: TestRun,
}

impl Said {
    /// Something that happened on the machine that reads.
    pub fn new(entity: Entity, event: impl Into<TestRun>) -> Self {
        Self { entity, node: None, event: event.into() }
    }

    /// Says on which machine.
    #[must_use]
    pub fn on_node(mut self, node: Arc<str>) -> Self {
        self.node = Some(node);
        self
    }
}

impl Found {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an event.
    pub fn say(&mut self, said: Said) {
        self.said.push(said);
    }

    /// Adds what is wrong with the present line, or with the end of the stream: lower case,
    /// without a full stop.
    pub fn fault(&mut self, fault: impl Into<String>) {
        self.faults_count += 1;
        self.faults.push(fault.into());
    }

    /// Counts the present line as one of the format.
    pub fn count_understood(&mut self) {
        self.understood += 1;
    }

    /// Counts the present line as none of the format.
    pub fn count_foreign(&mut self) {
        self.foreign += 1;
    }

    /// The events that have not been taken yet, in their order.
    pub fn take_said(&mut self) -> Vec<Said> {
        std::mem::take(&mut self.said)
    }

    /// The faults that have not been taken yet.
    pub fn take_faults(&mut self) -> Vec<String> {
        std::mem::take(&mut self.faults)
    }

    /// The events that have not been taken yet.
    pub fn said(&self) -> &[Said] {
        &self.said
    }

    /// The faults that have not been taken yet.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    /// How many faults there were, taken or not.
    pub(crate) fn faults_count(&self) -> u64 {
        self.faults_count
    }

    /// How many lines so far were of the format.
    pub fn understood(&self) -> u64 {
        self.understood
    }

    /// How many lines so far were not of the format, and are kept as output of the run. Blank
    /// lines are neither.
    pub fn foreign(&self) -> u64 {
        self.foreign
    }
}
