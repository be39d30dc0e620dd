//! How thorough a suite is.

use std::time::Duration;

/// How many events a check emits.
const EVENTS_DEFAULT: usize = 200;
/// How many processes are killed.
const KILLS_DEFAULT: usize = 12;
/// The longest that a check waits for what must happen.
const PATIENCE_DEFAULT: Duration = Duration::from_secs(30);
/// How much later than its bound something may end on a busy machine.
const SLACK_DEFAULT: Duration = Duration::from_secs(2);

/// How thorough a suite is, each with a default.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// How many events a check emits, at least 40.
    pub events: usize,
    /// How many processes are killed.
    pub kills: usize,
    /// The longest that a check waits for what must happen.
    pub patience: Duration,
    /// How much later than its bound something may end on a busy machine.
    pub slack: Duration,
    /// Decides when processes are killed.
    pub seed: u64,
    /// The names of the checks to run; none for all.
    pub only: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            events: EVENTS_DEFAULT,
            kills: KILLS_DEFAULT,
            patience: PATIENCE_DEFAULT,
            slack: SLACK_DEFAULT,
            seed: 0,
            only: Vec::new(),
        }
    }
}

impl Options {
    /// How many events a check emits, at least 40.
    #[must_use]
    pub fn events(mut self, events: usize) -> Self {
        self.events = events.max(40);
        self
    }

    /// How many processes are killed.
    #[must_use]
    pub fn kills(mut self, kills: usize) -> Self {
        self.kills = kills;
        self
    }

    /// The longest that a check waits for what must happen.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How much later than its bound something may end on a busy machine.
    #[must_use]
    pub fn slack(mut self, slack: Duration) -> Self {
        self.slack = slack;
        self
    }

    /// Decides when processes are killed: the same seed, the same moments.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Runs the check of this name, and no others that were not named so.
    #[must_use]
    pub fn only(mut self, name: impl Into<String>) -> Self {
        self.only.push(name.into());
        self
    }
}
