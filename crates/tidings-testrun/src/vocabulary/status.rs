//! How something ended, and whose decision a skip was.
//!
//! Every status belongs to exactly one verdict; totals are made of verdicts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tidings_core::Outcome;

/// How a run, suite, group, case or step ended.
///
/// The text, also in serde, is snake case. Reading takes `TimedOut` as well as `timed_out`,
/// and takes a status that it does not know for [`Error`](Self::Error): a result that
/// nobody understands is not to pass unseen.
///
/// ```
/// use tidings_testrun::{Status, Verdict};
///
/// assert_eq!(Status::TimedOut.verdict(), Verdict::Failed);
/// assert_eq!(Status::Canceled.verdict(), Verdict::Skipped);
/// assert_eq!(serde_json::to_string(&Status::TimedOut)?, "\"timed_out\"");
/// assert_eq!(serde_json::from_str::<Status>("\"exploded\"")?, Status::Error);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Status {
    /// As it should.
    Success,
    /// What was tested is not as it should be.
    Failure,
    /// It could not be tested: setup, environment, or the test itself is broken.
    Error,
    /// Not run, by a decision that was made before or at its start.
    Skipped,
    /// Not run, because it is marked so in the source.
    Ignored,
    /// Not run to its end, because somebody or an assumption called it off.
    Canceled,
    /// Not there yet: announced, and not written.
    Pending,
    /// It took longer than it may.
    TimedOut,
    /// It began, and nobody knows how it ended.
    Aborted,
}

/// What a status counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Verdict {
    /// [`Status::Success`].
    Passed,
    /// [`Status::Failure`], [`Status::Error`], [`Status::TimedOut`], [`Status::Aborted`].
    Failed,
    /// [`Status::Skipped`], [`Status::Ignored`], [`Status::Canceled`], [`Status::Pending`].
    Skipped,
}

impl Status {
    /// Every status, in the order of the declaration.
    pub const ALL: [Self; 9] = [
        Self::Success,
        Self::Failure,
        Self::Error,
        Self::Skipped,
        Self::Ignored,
        Self::Canceled,
        Self::Pending,
        Self::TimedOut,
        Self::Aborted,
    ];

    /// What it counts as.
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::Success => Verdict::Passed,
            Self::Failure | Self::Error | Self::TimedOut | Self::Aborted => Verdict::Failed,
            Self::Skipped | Self::Ignored | Self::Canceled | Self::Pending => Verdict::Skipped,
        }
    }

    /// Whether it counts as passed.
    pub const fn is_passed(self) -> bool {
        matches!(self.verdict(), Verdict::Passed)
    }

    /// Whether it counts as failed.
    pub const fn is_failed(self) -> bool {
        matches!(self.verdict(), Verdict::Failed)
    }

    /// Whether it counts as skipped.
    pub const fn is_skipped(self) -> bool {
        matches!(self.verdict(), Verdict::Skipped)
    }

    /// The text on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Error => "error",
            Self::Skipped => "skipped",
            Self::Ignored => "ignored",
            Self::Canceled => "canceled",
            Self::Pending => "pending",
            Self::TimedOut => "timed_out",
            Self::Aborted => "aborted",
        }
    }

    /// The role that an event with this status has for observers of any event.
    pub const fn outcome(self) -> Outcome {
        match self.verdict() {
            Verdict::Passed => Outcome::Success,
            Verdict::Failed => Outcome::Failure,
            Verdict::Skipped => Outcome::Skipped,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no status", text.escape_debug())]
pub struct UnknownStatus {
    text: String,
}

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        let same = |status: &Self| {
            let plain = |text: &str| text.replace('_', "").to_ascii_lowercase();
            plain(status.as_str()) == plain(text)
        };
        let found = Self::ALL.into_iter().find(same);
        found.ok_or_else(|| UnknownStatus { text: text.chars().take(60).collect() })
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(text.parse().unwrap_or(Self::Error))
    }
}

/// Whose decision a skip was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SkippedBy {
    /// The author's or the caller's: a mark in the source, a filter, a specification.
    User,
    /// The framework's: something it depends on has failed or is missing.
    Automatic,
    /// Somebody's that this version does not know.
    #[serde(other)]
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_reads_back_from_its_text_and_from_its_name() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
            assert_eq!(format!("{status:?}").parse(), Ok(status));
        }
        let fault = "done".parse::<Status>().expect_err("no status");
        assert_eq!(fault.to_string(), "`done` is no status");
    }

    #[test]
    fn every_status_has_one_verdict() {
        let of = |verdict| Status::ALL.iter().filter(|status| status.verdict() == verdict).count();
        assert_eq!((of(Verdict::Passed), of(Verdict::Failed), of(Verdict::Skipped)), (1, 4, 4));
    }
}
