//! What a verification found.

use std::collections::BTreeMap;
use std::fmt;

use super::fault::{Fault, FaultKind};
use super::rejection::Rejection;
use crate::reader::Torn;

/// Of each sort, this many faults are listed, and as many rejections; all are counted.
pub const FAULTS_LISTED_MAX: u64 = 100;

/// What a verification found: prints as a text for people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct VerifyReport {
    /// The journal.
    pub name: String,
    /// Events that could be read.
    pub events: u64,
    /// Sessions, which is headers.
    pub sessions: u64,
    /// Lanes of all buses.
    pub lanes: usize,
    /// Events that say no content id, so that their content cannot be checked.
    pub unchecked: u64,
    /// Events in the gaps of lanes that were rejected: a note, since the journal itself
    /// says so. One behind the last event of its lane leaves no gap.
    pub rejected: u64,
    /// The last line, when it was never finished: a warning, since a killed process leaves
    /// one and appending cuts it off.
    pub torn: Option<Torn>,
    faults: Vec<Fault>,
    rejections: Vec<Rejection>,
    counts: BTreeMap<&'static str, u64>,
}

impl VerifyReport {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    pub(super) fn add(&mut self, line: u64, what: FaultKind) {
        let count = self.counts.entry(what.label()).or_default();
        *count += 1;
        if *count <= FAULTS_LISTED_MAX {
            self.faults.push(Fault { line, what });
        }
    }

    pub(super) fn note(&mut self, rejection: Rejection) {
        self.rejected += 1;
        if self.rejected <= FAULTS_LISTED_MAX {
            self.rejections.push(rejection);
        }
    }

    pub(super) fn sort(&mut self) {
        self.faults.sort_by_key(|fault| fault.line);
        self.rejections.sort_by_key(|rejection| rejection.line);
    }

    /// Whether nothing is wrong. A torn last line is not; neither is an event without a
    /// content id, nor one that was rejected.
    pub fn is_sound(&self) -> bool {
        self.counts.is_empty()
    }

    /// The faults in the order of their lines, of each sort at most [`FAULTS_LISTED_MAX`].
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The events that are missing because they were rejected, at most
    /// [`FAULTS_LISTED_MAX`], in the order of the lines that say so.
    pub fn rejections(&self) -> &[Rejection] {
        &self.rejections
    }

    /// How many faults there are of each sort, by [`FaultKind::label`].
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.counts.iter().map(|(label, count)| (*label, *count))
    }

    /// How many faults there are.
    pub fn fault_count(&self) -> u64 {
        self.counts.values().sum()
    }
}

impl fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        if self.is_sound() {
            write!(f, "{name}: sound: ")?;
        } else {
            write!(f, "{name}: {} in ", counted(self.fault_count(), "fault"))?;
        }
        let lanes = u64::try_from(self.lanes).unwrap_or(u64::MAX);
        write!(
            f,
            "{} of {}, {}",
            counted(self.events, "event"),
            counted(lanes, "lane"),
            counted(self.sessions, "session"),
        )?;
        for Fault { line, what } in &self.faults {
            write!(f, "\n{name}:{line}: {what}")?;
        }
        for (label, count) in &self.counts {
            if *count > FAULTS_LISTED_MAX {
                write!(f, "\n{} more of: {label}", count - FAULTS_LISTED_MAX)?;
            }
        }
        for Rejection { line, event, reason } in &self.rejections {
            write!(f, "\nnote: {name}:{line}: {event} is not there: rejected: {reason}")?;
        }
        if self.rejected > FAULTS_LISTED_MAX {
            write!(f, "\nnote: {} more of: rejected", self.rejected - FAULTS_LISTED_MAX)?;
        }
        if self.unchecked > 0 {
            let events = counted(self.unchecked, "event");
            write!(f, "\nnote: {events} without a content id could not be checked")?;
        }
        if let Some(torn) = self.torn {
            write!(
                f,
                "\nwarning: {name}:{}: the last line was never finished: {} (its writer was \
                 stopped, or is still writing)",
                torn.line,
                counted(torn.bytes, "byte"),
            )?;
        }
        Ok(())
    }
}

fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
