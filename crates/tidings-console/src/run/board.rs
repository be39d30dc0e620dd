//! What the live picture shows of a test run, taken from its summary now and then.
//!
//! Counting looks at every case. So what costs much is counted less often, and never takes
//! more than a small part of the time; what is shown is then a little older, and never from
//! another counter.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tidings_core::{Entity, Timestamp};
use tidings_testrun::{Counts, RunSummary};

use super::outer_place;

/// Counting rests for so many times as long as it took.
const REST_FACTOR: u32 = 20;

/// The most running cases that are kept of each node; no terminal shows more.
const RUNNING_KEPT_MAX: usize = 64;

/// The numbers of a run as they were counted last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Board {
    pub(crate) counts: Counts,
    /// How many cases there will be, when a plan says so.
    pub(crate) expected: Option<u64>,
    /// The nodes, when there is more than one; lost ones first.
    pub(crate) nodes: Vec<NodeRow>,
    suites: HashMap<Entity, Counts>,
}

/// One node of several.
#[derive(Debug, Clone)]
pub(crate) struct NodeRow {
    pub(crate) name: String,
    pub(crate) counts: Counts,
    /// Why it is lost, if it is.
    pub(crate) lost: Option<String>,
    /// What runs there, longest first.
    pub(crate) running: Vec<RunningRow>,
}

/// A case that runs.
#[derive(Debug, Clone)]
pub(crate) struct RunningRow {
    pub(crate) entity: Entity,
    pub(crate) since: Timestamp,
}

impl Board {
    /// How many cases have ended.
    pub(crate) fn done(&self) -> u64 {
        self.counts.total() - self.counts.error_items
    }

    /// The numbers of a suite or group.
    pub(crate) fn of(&self, entity: &Entity) -> Option<Counts> {
        self.suites.get(&outer_place(entity)?).copied()
    }

    fn count(&mut self, summary: &RunSummary) {
        self.counts = summary.counts();
        let nodes = summary.nodes();
        self.nodes.clear();
        if nodes.len() < 2 {
            return;
        }
        let mut running: BTreeMap<(&str, &str), Vec<RunningRow>> = BTreeMap::new();
        for case in summary.running() {
            let rows = running.entry((case.run, case.node)).or_default();
            if rows.len() < RUNNING_KEPT_MAX {
                let since = case.last().started_at.unwrap_or(case.started_at);
                rows.push(RunningRow { entity: case.entity.clone(), since });
            }
        }
        self.nodes.extend(nodes.into_iter().map(|node| NodeRow {
            name: node.name.to_owned(),
            counts: node.counts,
            lost: node.is_lost.then(|| node.reason.unwrap_or_default().to_owned()),
            running: running.remove(&(node.run, node.name)).unwrap_or_default(),
        }));
        // When not all find room, a lost one is not to be missed.
        self.nodes.sort_by_key(|node| node.lost.is_none());
    }

    fn count_suites(&mut self, summary: &RunSummary, is_planned: bool) {
        self.expected = is_planned.then(|| summary.expected());
        let suites = summary.suites().into_iter();
        self.suites = suites.filter_map(|suite| Some((suite.path?, suite.all))).collect();
    }
}

/// Keeps a board as fresh as may be.
#[derive(Debug, Default)]
pub(crate) struct BoardKeeper {
    board: Board,
    counts: Pace,
    suites: Pace,
}

/// When something was counted last.
#[derive(Debug, Default)]
struct Pace {
    /// The events that were taken by then.
    revision: u64,
    /// Not before.
    due_at: Duration,
}

impl Pace {
    fn is_due(&self, revision: u64, now: Duration) -> bool {
        self.revision < revision && self.due_at <= now
    }

    fn note(&mut self, revision: u64, began_at: Duration, now: Duration) {
        self.revision = revision;
        self.due_at = now + now.saturating_sub(began_at) * REST_FACTOR;
    }
}

/// A summary, and how much it has taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Followed<'a> {
    pub(crate) summary: &'a RunSummary,
    /// How many events it has taken.
    pub(crate) revision: u64,
    /// Whether a plan was among them.
    pub(crate) is_planned: bool,
}

impl BoardKeeper {
    pub(crate) fn board(&self) -> &Board {
        &self.board
    }

    /// Counts what is due at the time that `clock` tells.
    pub(crate) fn refresh(&mut self, followed: Followed<'_>, clock: impl Fn() -> Duration) {
        let Followed { summary, revision, is_planned } = followed;
        let now = clock();
        if self.counts.is_due(revision, now) {
            self.board.count(summary);
            self.counts.note(revision, now, clock());
        }
        let now = clock();
        if self.suites.is_due(revision, now) {
            self.board.count_suites(summary, is_planned);
            self.suites.note(revision, now, clock());
        }
    }

    /// Counts everything, whatever it costs.
    pub(crate) fn recount(&mut self, followed: Followed<'_>) {
        *self = Self { board: std::mem::take(&mut self.board), ..Self::default() };
        self.refresh(followed, || Duration::MAX);
    }

    /// Whether more events were taken than are on the board.
    pub(crate) fn is_stale(&self, revision: u64) -> bool {
        self.counts.revision < revision || self.suites.revision < revision
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// A clock that moves by a step whenever it is read.
    fn ticking(now: &Cell<u64>, step: u64) -> impl Fn() -> Duration {
        move || {
            now.set(now.get() + step);
            Duration::from_millis(now.get())
        }
    }

    #[test]
    fn counting_that_takes_long_rests_for_long() {
        let summary = RunSummary::new();
        let followed = |revision| Followed { summary: &summary, revision, is_planned: true };
        let mut keeper = BoardKeeper::default();
        let now = Cell::new(0);
        keeper.refresh(followed(1), ticking(&now, 10));
        assert!(!keeper.is_stale(1));
        assert!(keeper.is_stale(2));
        keeper.refresh(followed(2), ticking(&now, 1));
        assert!(keeper.is_stale(2), "it rests");
        now.set(now.get() + 10 * u64::from(REST_FACTOR));
        keeper.refresh(followed(2), ticking(&now, 1));
        assert!(!keeper.is_stale(2), "it has rested");
    }

    #[test]
    fn without_a_plan_nothing_is_expected() {
        let summary = RunSummary::new();
        let mut keeper = BoardKeeper::default();
        let followed = Followed { summary: &summary, revision: 1, is_planned: false };
        keeper.refresh(followed, || Duration::ZERO);
        assert_eq!(keeper.board().expected, None);
    }
}
