//! The reducer: one envelope at a time.

use std::time::Duration;

use tidings_core::{Entity, Envelope, EventType, Outcome, Role, Timestamp};

use super::failure::{Failure, Slow, note_slow};
use super::fold::Arena;
use super::node::{Moment, Node, NodeId, State};
use super::totals::{Tally, Totals};
use crate::run::{RunEnd, Told};
use crate::text::{cut_bytes, reason_of};

/// How many nodes a tree keeps unless told otherwise.
pub const NODES_MAX: usize = 4_096;

/// How many failures are repeated at the end unless told otherwise.
pub const FAILURES_MAX: usize = 100;

/// How many of the slowest are listed unless told otherwise.
pub const SLOWEST_MAX: usize = 5;

/// How much a tree keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Nodes; beyond it, those that ended are folded into the counts around them.
    pub nodes: usize,
    /// Failures with their texts, the first ones; all are counted.
    pub failures: usize,
    /// Entities in the list of the slowest.
    pub slowest: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { nodes: NODES_MAX, failures: FAILURES_MAX, slowest: SLOWEST_MAX }
    }
}

impl Limits {
    /// Keeps so many nodes.
    #[must_use]
    pub fn with_nodes(mut self, nodes: usize) -> Self {
        self.nodes = nodes;
        self
    }

    /// Keeps so many failures.
    #[must_use]
    pub fn with_failures(mut self, failures: usize) -> Self {
        self.failures = failures;
        self
    }

    /// Keeps so many of the slowest.
    #[must_use]
    pub fn with_slowest(mut self, slowest: usize) -> Self {
        self.slowest = slowest;
        self
    }
}

/// The entities of a run: who runs, who ended and how, what failed, what took longest.
///
/// Counted are the innermost entities that begin or end. One that something began or
/// ended inside of is not counted itself, unless it failed and nothing inside it did.
/// Each end counts once. Durations come from the envelopes alone. Entities of one path are
/// one entity, whichever node of the run they come from.
///
/// Memory is bounded by [`Limits`]: when there are too many nodes, those that ended go
/// first, failed ones last; the counts of what ended stay exact. While more entities run at once than
/// may be kept, those beyond have no line and no duration, and `running` is an estimate.
///
/// ```
/// use tidings_console::{Limits, Size, Style, Tree, render_frame};
/// use tidings_core::Timestamp;
///
/// let tree = Tree::new(Limits::default());
/// let frame = render_frame(&tree, Timestamp::from_nanos(0), Size::new(80, 24), Style::plain());
/// assert_eq!(frame, "0 events\n");
/// ```
#[derive(Debug)]
pub struct Tree {
    limits: Limits,
    arena: Arena,
    totals: Totals,
    /// Running entities that found no room.
    running_unkept: u64,
    failures: Vec<Failure>,
    slowest: Vec<Slow>,
    timed: u64,
    first: Option<Moment>,
    last: Option<Moment>,
}

/// What a tree takes from an envelope. Made without the tree, because it may run the
/// user's own serializer.
#[derive(Debug)]
pub(crate) struct Change {
    entity: Entity,
    event_type: EventType,
    role: Role,
    moment: Moment,
    text: String,
    told: Option<Told>,
}

impl Change {
    pub(crate) fn of(envelope: &Envelope) -> Self {
        let (told, role) = match Told::of(envelope) {
            Some((told, role)) => (Some(told), role),
            None => (None, envelope.role()),
        };
        let tells_why = matches!(role.outcome(), Some(Outcome::Failure | Outcome::Skipped));
        let text = match &told {
            Some(Told::End(end)) => cut_bytes(end.why()),
            _ if tells_why => reason_of(envelope),
            _ => String::new(),
        };
        Self {
            entity: envelope.entity().clone(),
            event_type: envelope.event_type().clone(),
            role,
            moment: Moment::of(envelope),
            text,
            told,
        }
    }

    /// What it is of a test run, if it is something.
    pub(crate) fn told(&self) -> Option<&Told> {
        self.told.as_ref()
    }

    pub(crate) fn entity(&self) -> &Entity {
        &self.entity
    }

    pub(crate) fn time(&self) -> Timestamp {
        self.moment.time
    }
}

/// An entity that has just ended.
#[derive(Debug, Clone)]
pub(crate) struct Finished {
    pub(crate) entity: Entity,
    pub(crate) outcome: Outcome,
    pub(crate) duration: Option<Duration>,
    pub(crate) attempt: u64,
    /// How entities inside it ended; empty for an innermost one.
    pub(crate) inside: Tally,
    pub(crate) text: String,
    /// What the event says, when it is one of a test run.
    pub(crate) told: Option<RunEnd>,
}

impl Tree {
    /// An empty tree.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            arena: Arena::new(limits.nodes),
            totals: Totals::default(),
            running_unkept: 0,
            failures: Vec::new(),
            slowest: Vec::new(),
            timed: 0,
            first: None,
            last: None,
        }
    }

    /// Takes one event.
    pub fn apply(&mut self, envelope: &Envelope) {
        self.apply_change(Change::of(envelope));
    }

    /// As [`apply`](Self::apply); says what has ended, if something did.
    pub(crate) fn apply_change(&mut self, change: Change) -> Option<Finished> {
        self.totals.events += 1;
        self.first.get_or_insert(change.moment);
        if self.last.is_none_or(|last| change.moment.time >= last.time) {
            self.last = Some(change.moment);
        }
        let entered = self.arena.enter(&change.entity);
        if let Ok(id) = entered {
            self.arena.get_mut(id).events += 1;
            if change.told.is_some() {
                self.note_run(id);
            }
        }
        let finished = match (change.role, entered) {
            (Role::End(outcome), _) => Some(self.end(entered, outcome, change)),
            (Role::Begin, Ok(id)) => {
                self.begin(id, &change);
                None
            }
            (Role::Begin, Err(around)) => {
                self.contain(around);
                self.running_unkept += 1;
                self.totals.running += 1;
                None
            }
            // What a run says of itself in between, its plan or output, tells nobody how far
            // it is.
            (_, Ok(id)) if change.told.is_none() => {
                self.arena.get_mut(id).last_point = Some(change.event_type);
                None
            }
            (_, _) => None,
        };
        if let Ok(id) = entered {
            self.arena.touch(id, self.totals.events);
        }
        finished
    }

    /// Notes that a node, and what is around it, belongs to a test run.
    fn note_run(&mut self, id: NodeId) {
        let mut next = Some(id);
        while let Some(id) = next {
            let node = self.arena.get_mut(id);
            if node.is_of_run {
                return;
            }
            node.is_of_run = true;
            next = node.parent;
        }
    }

    fn begin(&mut self, id: NodeId, change: &Change) {
        let parent = self.arena.get(id).parent;
        self.contain(parent);
        let node = self.arena.get_mut(id);
        if node.is_belated_begin(change.moment) {
            // Threads may overtake each other on the way here.
            node.complete(change.moment);
            if let State::Finished { duration: Some(duration), .. } = node.state
                && !node.is_container
            {
                self.timed += 1;
                let entity = &change.entity;
                note_slow(&mut self.slowest, self.limits.slowest, entity, duration);
            }
            return;
        }
        if !node.is_running() && !node.is_container {
            self.totals.running += 1;
        }
        node.attempts = match change.told {
            Some(Told::Begin(attempt)) => attempt,
            _ => node.attempts + 1,
        };
        node.failed_before = node.inside.failed;
        node.turned = Some(change.moment);
        node.text.clear();
        node.last_point = None;
        node.state = State::Running { since: change.moment.time };
    }

    fn end(
        &mut self,
        entered: Result<NodeId, Option<NodeId>>,
        outcome: Outcome,
        change: Change,
    ) -> Finished {
        let around = match entered {
            Ok(id) => self.arena.get(id).parent,
            Err(around) => around,
        };
        self.contain(around);
        let mut finished = Finished {
            entity: change.entity,
            outcome,
            duration: None,
            attempt: 1,
            inside: Tally::default(),
            text: change.text,
            told: match change.told {
                Some(Told::End(end)) => Some(end),
                _ => None,
            },
        };
        let mut is_counted = true;
        // Whatever ends and was never seen is taken for one that found no room.
        let mut was_seen = false;
        if let Ok(id) = entered {
            let node = self.arena.get_mut(id);
            was_seen = node.attempts > 0;
            if node.is_running() && !node.is_container {
                self.totals.running -= 1;
            }
            is_counted = node.end(outcome, change.moment, &mut finished);
        }
        if !was_seen && self.running_unkept > 0 {
            self.running_unkept -= 1;
            self.totals.running -= 1;
        }
        if is_counted {
            self.count(&finished, around);
        }
        finished
    }

    fn count(&mut self, finished: &Finished, around: Option<NodeId>) {
        self.totals.tally.add(finished.outcome);
        let mut next = around;
        while let Some(id) = next {
            let node = self.arena.get_mut(id);
            node.inside.add(finished.outcome);
            next = node.parent;
        }
        if let (Some(duration), true) = (finished.duration, finished.inside.sum() == 0) {
            self.timed += 1;
            note_slow(&mut self.slowest, self.limits.slowest, &finished.entity, duration);
        }
        match finished.outcome {
            Outcome::Failure if self.failures.len() < self.limits.failures => {
                self.failures.push(Failure {
                    entity: finished.entity.clone(),
                    duration: finished.duration,
                    text: finished.text.clone(),
                    passed_on_attempt: None,
                    is_of_run: finished.told.is_some(),
                });
            }
            Outcome::Success if finished.attempt > 1 => self.forgive(finished),
            _ => {}
        }
    }

    /// Notes on earlier failures of the entity that it has passed since.
    fn forgive(&mut self, finished: &Finished) {
        for failure in &mut self.failures {
            if failure.entity == finished.entity {
                failure.passed_on_attempt.get_or_insert(finished.attempt);
            }
        }
    }

    /// Notes that something inside these begins or ends.
    fn contain(&mut self, around: Option<NodeId>) {
        let mut next = around;
        while let Some(id) = next {
            let node = self.arena.get_mut(id);
            if node.is_container {
                // So are all those around it.
                return;
            }
            node.is_container = true;
            if node.is_running() {
                self.totals.running -= 1;
            }
            next = node.parent;
        }
    }

    /// What the whole tree has seen.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// The first failures, in the order they were heard of; `totals().tally.failed` counts
    /// all of them.
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// What took longest, the slowest first.
    pub fn slowest(&self) -> &[Slow] {
        &self.slowest
    }

    /// The failures of what no test run knows of.
    pub(crate) fn failures_outside(&self) -> impl Iterator<Item = &Failure> {
        let is_known = |entity| self.arena.find(entity).is_some_and(|node| node.is_of_run);
        self.failures.iter().filter(move |it| !it.is_of_run && !is_known(&it.entity))
    }

    /// How many durations the slowest were chosen from.
    pub(crate) fn timed(&self) -> u64 {
        self.timed
    }

    /// From the first event to the last.
    pub fn elapsed(&self) -> Duration {
        match (self.first, self.last) {
            (Some(first), Some(last)) => last.since(&first),
            _ => Duration::ZERO,
        }
    }

    /// The time of the latest event.
    pub fn latest(&self) -> Option<Timestamp> {
        self.last.map(|last| last.time)
    }

    /// The state of an entity, while it is kept.
    pub fn state(&self, entity: &Entity) -> Option<State> {
        self.arena.find(entity).map(|node| node.state)
    }

    /// How often an entity was tried, while it is kept.
    pub fn attempts(&self, entity: &Entity) -> Option<u64> {
        self.arena.find(entity).map(|node| node.attempts)
    }

    /// How many events were about this very entity, while it is kept.
    pub fn events(&self, entity: &Entity) -> Option<u64> {
        self.arena.find(entity).map(|node| node.events)
    }

    /// How many nodes are kept.
    pub fn kept(&self) -> usize {
        self.arena.len()
    }

    /// How many nodes were folded into the counts around them.
    pub fn folded(&self) -> u64 {
        self.arena.folded()
    }

    #[cfg(test)]
    pub(super) fn candidates(&self) -> usize {
        self.arena.candidates()
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        self.arena.get(id)
    }

    pub(crate) fn roots(&self) -> &[NodeId] {
        self.arena.roots()
    }

    /// All kept nodes with their depth, as they stand in the tree.
    pub(crate) fn walk(&self) -> Vec<(NodeId, usize)> {
        let mut order = Vec::with_capacity(self.kept());
        let mut stack: Vec<(NodeId, usize)> =
            self.roots().iter().rev().map(|id| (*id, 0)).collect();
        while let Some((id, depth)) = stack.pop() {
            order.push((id, depth));
            let children = self.node(id).children.iter().rev();
            stack.extend(children.map(|child| (*child, depth + 1)));
        }
        order
    }
}

impl Node {
    fn is_belated_begin(&self, moment: Moment) -> bool {
        let unbegun = matches!(self.state, State::Finished { duration: None, .. });
        unbegun && self.turned.is_some_and(|ended| moment.is_before(&ended))
    }

    fn complete(&mut self, begun: Moment) {
        if let (State::Finished { duration, .. }, Some(ended)) = (&mut self.state, &self.turned) {
            *duration = Some(ended.since(&begun));
        }
    }

    /// Ends the node, fills in what it knows, and says whether the end counts.
    fn end(&mut self, outcome: Outcome, moment: Moment, finished: &mut Finished) -> bool {
        let begun = self.turned.filter(|_| self.is_running());
        if begun.is_none() {
            self.attempts += 1;
            self.failed_before = 0;
        }
        finished.duration = begun.map(|begun| moment.since(&begun));
        finished.attempt = self.attempts;
        if let Some(told) = &finished.told {
            // Of a stream that is imported the times of its envelopes say nothing.
            finished.duration = told.duration;
            self.attempts = told.attempt;
            finished.attempt = told.attempt;
        }
        finished.inside = self.inside;
        self.turned = Some(moment);
        self.text.clone_from(&finished.text);
        self.state = State::Finished { outcome, duration: finished.duration };
        let explained = self.inside.failed > self.failed_before;
        !self.is_container || (outcome == Outcome::Failure && !explained)
    }
}
