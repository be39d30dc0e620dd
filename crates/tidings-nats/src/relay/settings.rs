//! The settings of a relay, each with a default.

use std::fmt;
use std::time::Duration;

use tidings_core::EventId;

use crate::Seen;

/// After how many events it is asked whether they are safe.
pub const CHECKPOINT_EVENTS_DEFAULT: u64 = 4_096;

/// How often it is asked whether events are safe, when there are fewer.
pub const CHECKPOINT_INTERVAL_DEFAULT: Duration = Duration::from_secs(1);

/// How long that may take before it counts as no.
pub const SAFE_WITHIN_DEFAULT: Duration = Duration::from_secs(10);

/// How long an event waits for those before it.
pub const HOLD_DEFAULT: Duration = Duration::from_secs(5);

/// How many events wait for those before them, of all nodes together.
pub const HOLD_EVENTS_DEFAULT: usize = 16_384;

/// Says whether everything that was handed to the bus so far is safe.
pub(super) type Safe = Box<dyn FnMut(Duration) -> Result<(), String> + Send>;

/// The settings of a [`Relay`](crate::Relay).
#[must_use = "settings do nothing until a relay is started"]
pub struct RelaySettings {
    pub(super) seen: Seen,
    pub(super) safe: Option<Safe>,
    pub(super) checkpoint_events: u64,
    pub(super) checkpoint_interval: Duration,
    pub(super) safe_within: Duration,
    pub(super) hold: Duration,
    pub(super) hold_events: usize,
}

impl Default for RelaySettings {
    fn default() -> Self {
        Self {
            seen: Seen::new(),
            safe: None,
            checkpoint_events: CHECKPOINT_EVENTS_DEFAULT,
            checkpoint_interval: CHECKPOINT_INTERVAL_DEFAULT,
            safe_within: SAFE_WITHIN_DEFAULT,
            hold: HOLD_DEFAULT,
            hold_events: HOLD_EVENTS_DEFAULT,
        }
    }
}

impl RelaySettings {
    /// Names events that were relayed before a restart: those in the journal of the master,
    /// for example. None of them is relayed again.
    pub fn seen_from(mut self, ids: impl IntoIterator<Item = EventId>) -> Self {
        self.seen.extend(ids);
        self
    }

    /// Asks this function, in place of a [barrier](tidings_registry::Bus::barrier) of the
    /// bus, whether everything handed to the bus before the call is safe. It is called on a
    /// thread of its own, one call at a time, with the time that it has.
    pub fn when_safe(
        mut self,
        safe: impl FnMut(Duration) -> Result<(), String> + Send + 'static,
    ) -> Self {
        self.safe = Some(Box::new(safe));
        self
    }

    /// After how many events, and at which interval when there are fewer, it is asked whether
    /// events are safe, so that they can be acknowledged.
    pub fn checkpoint(mut self, events: u64, interval: Duration) -> Self {
        self.checkpoint_events = events.max(1);
        self.checkpoint_interval = interval.max(Duration::from_millis(1));
        self
    }

    /// How long the answer may take. Events are relayed meanwhile; without an answer they are
    /// not acknowledged, which is told, and it is asked again.
    pub fn safe_within(mut self, within: Duration) -> Self {
        self.safe_within = within;
        self
    }

    /// How long, and how many, events wait for those before them that did not come yet. The
    /// time counts while there is a connection. Of a node whose events never come without
    /// gaps, ever less is waited for.
    pub fn hold(mut self, wait: Duration, events: usize) -> Self {
        (self.hold, self.hold_events) = (wait, events);
        self
    }
}

impl fmt::Debug for RelaySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelaySettings")
            .field("checkpoint_events", &self.checkpoint_events)
            .field("checkpoint_interval", &self.checkpoint_interval)
            .field("safe_within", &self.safe_within)
            .field("hold", &self.hold)
            .field("hold_events", &self.hold_events)
            .finish_non_exhaustive()
    }
}
