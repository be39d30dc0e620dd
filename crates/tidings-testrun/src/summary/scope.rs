//! Runs, suites and groups: what they are called, when they began, how they ended.

use std::time::Duration;

use tidings_core::{Entity, Timestamp};

use crate::vocabulary::{End, Failure, SourceLocation, Start, Status};

use super::kept::Notes;
use super::text::bounded;

/// What sort of item an entity stands for, as its events say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Level {
    Run,
    Suite,
    Group,
    /// Only notes were heard of it.
    #[default]
    Unknown,
}

/// A run, suite or group on one node. One that comes again is the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    pub(super) level: Level,
    pub(super) is_open: bool,
    pub(super) started_at: Option<Timestamp>,
    /// The last end.
    pub(super) ended_at: Option<Timestamp>,
    pub(super) duration: Option<Duration>,
    pub(super) status: Option<Status>,
    /// Whether the status is made up, as nobody said it.
    is_synthetic: bool,
    pub(super) failure: Option<Box<Failure>>,
    pub(super) location: Option<SourceLocation>,
    pub(super) notes: Notes,
    /// When it was begun last, if that was said.
    said_start: Option<Timestamp>,
}

impl Scope {
    pub(super) fn start(&mut self, level: Level, start: &Start<'_>, now: Timestamp) {
        let at = start.at.unwrap_or(now);
        self.level = level;
        self.is_open = true;
        self.started_at = Some(self.started_at.map_or(at, |known| known.min(at)));
        self.said_start = start.at;
        self.location = self.location.take().or_else(|| start.location.cloned());
        self.notes.add_properties(start.properties);
    }

    pub(super) fn end(&mut self, level: Level, end: &End<'_>, now: Timestamp) {
        let at = end.at.unwrap_or(now);
        self.level = level;
        self.is_open = false;
        self.ended_at = self.ended_at.max(Some(at));
        let said = end.at.zip(self.said_start.take());
        let duration = end.duration.or(said.map(|(end, start)| end.saturating_since(start)));
        if let Some(duration) = duration {
            self.duration = Some(self.duration.unwrap_or_default().saturating_add(duration));
        }
        self.conclude(end);
        self.notes.add_properties(end.properties);
    }

    /// A real end takes the place of a synthetic one, whichever came first; of two real ends
    /// the worse stays.
    fn conclude(&mut self, end: &End<'_>) {
        if self.status.is_some() && self.is_synthetic != end.synthetic {
            if end.synthetic {
                return;
            }
            (self.status, self.failure) = (None, None);
        }
        self.is_synthetic = end.synthetic;
        self.status = self.status.map(|known| worse(known, end.status)).or(Some(end.status));
        self.failure = self.failure.take().or_else(|| end.failure.map(bounded));
    }
}

/// The one of two that is reported of what ended twice.
pub(super) fn worse(one: Status, other: Status) -> Status {
    let rank = |status: Status| (status.is_failed(), status.is_passed());
    if rank(other) > rank(one) { other } else { one }
}

/// Whether a pair of an entity belongs to the place of a case, as suites and groups do.
fn is_place(kind: &str) -> bool {
    kind != "run" && kind != "node"
}

/// The suites and groups around the innermost pair, outermost first.
pub(super) fn suite_of(entity: &Entity) -> Option<Entity> {
    let outer = entity.pairs().take(entity.depth() - 1);
    Entity::from_path(outer.filter(|(kind, _)| is_place(kind))).ok()
}

/// The entity without the run around it; none for a run.
pub(super) fn place_of(entity: &Entity) -> Option<Entity> {
    Entity::from_path(entity.pairs().filter(|(kind, _)| is_place(kind))).ok()
}
