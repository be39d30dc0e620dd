//! Numbers: how many items ended how.

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::vocabulary::{Status, Verdict};

/// How many items ended how. An item is a run of a case, or an error that is no case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Counts {
    by_status: [u64; Status::ALL.len()],
    /// Passed after a failed attempt; part of [`passed`](Self::passed).
    pub flaky: u64,
    /// Errors that are no cases; part of [`failed`](Self::failed).
    pub error_items: u64,
    /// Cases that have begun and not ended; part of no other number.
    pub running: u64,
    /// Items that nobody ended, so that they count as aborted; part of
    /// [`failed`](Self::failed).
    pub synthetic: u64,
}

impl Counts {
    /// How many ended with this status.
    pub fn with_status(&self, status: Status) -> u64 {
        self.by_status[status as usize]
    }

    /// All statuses with their numbers, in the order of the declaration.
    pub fn by_status(&self) -> impl Iterator<Item = (Status, u64)> {
        Status::ALL.into_iter().zip(self.by_status)
    }

    fn with_verdict(&self, verdict: Verdict) -> u64 {
        let counted = self.by_status().filter(|(status, _)| status.verdict() == verdict);
        counted.map(|(_, count)| count).sum()
    }

    /// How many passed.
    pub fn passed(&self) -> u64 {
        self.with_verdict(Verdict::Passed)
    }

    /// How many failed, errors that are no cases included.
    pub fn failed(&self) -> u64 {
        self.with_verdict(Verdict::Failed)
    }

    /// How many were skipped.
    pub fn skipped(&self) -> u64 {
        self.with_verdict(Verdict::Skipped)
    }

    /// Passed, failed and skipped.
    pub fn total(&self) -> u64 {
        self.by_status.iter().sum()
    }

    pub(super) fn add(&mut self, status: Status) {
        self.by_status[status as usize] += 1;
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        for (sum, more) in self.by_status.iter_mut().zip(other.by_status) {
            *sum += more;
        }
        self.flaky += other.flaky;
        self.error_items += other.error_items;
        self.running += other.running;
        self.synthetic += other.synthetic;
    }
}

/// The summary of a run as one JSON object, for `--summary-json`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SummaryJson {
    /// Passed, failed and skipped.
    pub total: u64,
    /// Success.
    pub passed: u64,
    /// Failure, error, timed out, aborted.
    pub failed: u64,
    /// Skipped, ignored, canceled, pending.
    pub skipped: u64,
    /// Passed after a failed attempt; part of `passed`.
    pub flaky: u64,
    /// Planned and not seen; part of no other number.
    pub never_ran: u64,
    /// Every status, those that nothing ended with as 0.
    pub by_status: BTreeMap<Status, u64>,
    /// How long the run took, if known.
    pub duration_s: Option<f64>,
}

impl SummaryJson {
    pub(super) fn new(counts: &Counts, never_ran: u64, duration: Option<Duration>) -> Self {
        Self {
            total: counts.total(),
            passed: counts.passed(),
            failed: counts.failed(),
            skipped: counts.skipped(),
            flaky: counts.flaky,
            never_ran,
            by_status: counts.by_status().collect(),
            duration_s: duration.map(|duration| duration.as_secs_f64()),
        }
    }
}
