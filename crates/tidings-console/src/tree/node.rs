//! One entity of the tree.

use std::time::Duration;

use tidings_core::{BusId, Entity, Envelope, EventType, Outcome, Timestamp};

use super::totals::Tally;

/// The place of a node in the arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct NodeId(pub(super) usize);

/// A moment of one bus. Moments of one bus are compared by its monotonic clock, those of
/// two by wall time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) bus: BusId,
    pub(crate) elapsed: Duration,
    pub(crate) time: Timestamp,
}

impl Moment {
    pub(super) fn of(envelope: &Envelope) -> Self {
        Self { bus: envelope.id().bus(), elapsed: envelope.elapsed(), time: envelope.time() }
    }

    /// Zero when `earlier` was not earlier.
    pub(super) fn since(&self, earlier: &Self) -> Duration {
        if self.bus == earlier.bus {
            self.elapsed.saturating_sub(earlier.elapsed)
        } else {
            self.time.saturating_since(earlier.time)
        }
    }

    /// Whether both are of one bus, and this one is the earlier.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        self.bus == other.bus && self.elapsed < other.elapsed
    }
}

/// Where an entity is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// It was only spoken of; it neither began nor ended.
    Mentioned,
    /// It has begun and not ended.
    Running {
        /// When it began.
        since: Timestamp,
    },
    /// It has ended.
    Finished {
        /// How.
        outcome: Outcome,
        /// How long it took, when its beginning was seen.
        duration: Option<Duration>,
    },
}

/// One entity: its state, its counts, its place.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) entity: Entity,
    pub(crate) parent: Option<NodeId>,
    /// Those that are kept, in the order they were first seen.
    pub(crate) children: Vec<NodeId>,
    pub(crate) state: State,
    /// When it began or ended last.
    pub(super) turned: Option<Moment>,
    /// How often it was tried.
    pub(crate) attempts: u64,
    /// Events about this very entity.
    pub(crate) events: u64,
    /// How entities inside it ended, those that are no longer kept included.
    pub(crate) inside: Tally,
    /// Failures inside it when it began, so that its own failure is told from theirs.
    pub(super) failed_before: u64,
    /// Whether something inside it began or ended: then it is not counted itself.
    pub(crate) is_container: bool,
    /// Nodes inside it that are no longer kept.
    pub(crate) folded: u64,
    /// What the ending event says, unescaped.
    pub(crate) text: String,
    /// The type of the last event that neither began nor ended it.
    pub(crate) last_point: Option<EventType>,
    /// The place of its last change among all changes.
    pub(crate) changed: u64,
    /// Whether a test run speaks of it, or of something inside it.
    pub(crate) is_of_run: bool,
}

impl Node {
    pub(super) fn new(entity: Entity, parent: Option<NodeId>) -> Self {
        Self {
            entity,
            parent,
            children: Vec::new(),
            state: State::Mentioned,
            turned: None,
            attempts: 0,
            events: 0,
            inside: Tally::default(),
            failed_before: 0,
            is_container: false,
            folded: 0,
            text: String::new(),
            last_point: None,
            changed: 0,
            is_of_run: false,
        }
    }

    pub(crate) fn is_running(&self) -> bool {
        matches!(self.state, State::Running { .. })
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        match self.state {
            State::Finished { outcome, .. } => Some(outcome),
            State::Mentioned | State::Running { .. } => None,
        }
    }

    /// Whether it may be given up for its parent's counts.
    pub(super) fn is_foldable(&self) -> bool {
        !self.is_running() && self.children.is_empty()
    }
}
