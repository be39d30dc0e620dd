//! Counts that stay exact however few nodes are kept.

use tidings_core::Outcome;

/// How many innermost entities ended, and how.
///
/// Each end counts: an entity that was tried twice counts twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Tally {
    /// With success.
    pub passed: u64,
    /// With failure.
    pub failed: u64,
    /// Without having been tried.
    pub skipped: u64,
    /// Without a word on how.
    pub ended: u64,
}

impl Tally {
    /// All of them.
    pub fn sum(&self) -> u64 {
        self.passed + self.failed + self.skipped + self.ended
    }

    pub(crate) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Success => self.passed += 1,
            Outcome::Failure => self.failed += 1,
            Outcome::Skipped => self.skipped += 1,
            _ => self.ended += 1,
        }
    }
}

/// What the whole tree has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Totals {
    /// Innermost entities that have begun and not ended.
    pub running: u64,
    /// Those that ended.
    pub tally: Tally,
    /// Events of any kind.
    pub events: u64,
}
