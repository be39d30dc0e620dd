//! The state of a run, and how each event changes it.
//!
//! Pure: what is known follows from the events alone, and from nothing but their order
//! within each case. Numbers are counted when they are asked for, from the same records that
//! every view shows, so that no two of them can disagree.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use tidings_core::{Entity, Envelope, Timestamp};

use crate::vocabulary::{End, ErrorItem, Failure, Progress, Property, RunPlanned, Start, TestRun};

use super::execution::{Execution, Taken};
use super::kept::Notes;
use super::limits::{
    FAILURE_BYTES_TOTAL_MAX, FAILURE_TEXT_BYTES_MAX, FAILURE_TEXT_BYTES_SHORT,
    OUTPUT_BYTES_TOTAL_MAX, STEPS_KEPT_MAX,
};
use super::scope::{Level, Scope};
use super::text::{bounded_to, bytes_of};
use super::view::StepView;

/// All that the views of a run need, from its events.
///
/// Live, replayed and late: the same events make the same summary, also when the events of
/// parallel workers are mixed in another way. Of an event that is delivered twice it knows
/// nothing; that is the business of the bus.
///
/// Cases that nobody ended are [`Aborted`](crate::Status::Aborted), marked synthetic, as soon
/// as their run is over or their node is lost; [`finish`](Self::finish) says the same of a
/// stream that broke off. That is decided here, in the reducer, and for every stream; emitters
/// *also* emit synthetic ends, so that observers of any kind see them. A real result that
/// comes later takes the place of a synthetic one.
///
/// ```
/// use tidings_registry::Bus;
/// use tidings_testrun::{LiveSummary, RunEmitter};
///
/// let bus = Bus::new();
/// let summary = LiveSummary::on(&bus);
/// let run = RunEmitter::start(&bus, "nightly");
/// let suite = run.suite("arithmetic");
/// suite.case("adds").success();
/// suite.success();
/// run.success();
///
/// let counts = summary.with(|summary| summary.counts());
/// assert_eq!((counts.total(), counts.passed()), (1, 1));
/// ```
#[derive(Debug, Clone, Default)]
pub struct RunSummary {
    pub(super) origins: Vec<Origin>,
    pub(super) executions: Vec<Execution>,
    by_entity: HashMap<Entity, Vec<u32>>,
    pub(super) scopes: BTreeMap<(Entity, u32), Scope>,
    pub(super) errors: Vec<ErrorRecord>,
    pub(super) plans: BTreeMap<(Entity, u32), RunPlanned>,
    pub(super) nodes: BTreeMap<(Arc<str>, Arc<str>), NodeRecord>,
    pub(super) progress: Option<(Timestamp, Progress)>,
    pub(super) stream_ended: bool,
    pub(super) unreadable: u64,
    kept_bytes: usize,
    failure_bytes: usize,
    /// Passed runs with output, which goes first when there is too much.
    expendable: VecDeque<usize>,
}

/// One node of one run.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) run: Arc<str>,
    pub(super) node: Arc<str>,
    /// The run in the entities, when they have one: several may run on one bus.
    pub(super) root: Option<Arc<str>>,
}

/// An error that is no case.
#[derive(Debug, Clone)]
pub(super) struct ErrorRecord {
    pub(super) entity: Entity,
    pub(super) origin: u32,
    pub(super) at: Timestamp,
    pub(super) item: ErrorItem,
}

/// What was said of a node.
#[derive(Debug, Clone, Default)]
pub(super) struct NodeRecord {
    pub(super) joined_at: Option<Timestamp>,
    pub(super) is_lost: bool,
    pub(super) lost_at: Option<Timestamp>,
    pub(super) reason: Option<String>,
    pub(super) properties: Vec<Property>,
}

/// Where and when an event was emitted.
#[derive(Clone, Copy)]
struct Site<'a> {
    entity: &'a Entity,
    origin: u32,
    lane: u32,
    now: Timestamp,
}

impl RunSummary {
    /// A summary that has seen nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one event. Events that are none of a [`TestRun`] change nothing.
    pub fn apply(&mut self, envelope: &Envelope) {
        match envelope.event::<TestRun>() {
            Ok(Some(event)) => {
                let site = Site {
                    entity: envelope.entity(),
                    origin: self.origin(envelope),
                    lane: envelope.id().lane().number(),
                    now: envelope.time(),
                };
                self.take(&event, site);
            }
            Ok(None) => {}
            Err(_) => self.unreadable += 1,
        }
    }

    /// Says that nothing more will come: what has not ended never will.
    ///
    /// For streams that end without the end of their run. Events that come all the same are
    /// taken.
    pub fn finish(&mut self) {
        self.stream_ended = true;
    }

    /// How many events had the name of one of [`TestRun`] and could not be read.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    fn origin(&mut self, envelope: &Envelope) -> u32 {
        let (run, node) = (envelope.run(), envelope.node());
        let outermost = envelope.entity().pairs().next();
        let root = outermost.filter(|(kind, _)| *kind == "run").map(|(_, id)| id);
        let is_it =
            |it: &Origin| &*it.run == run && &*it.node == node && it.root.as_deref() == root;
        let number = self.origins.iter().position(is_it).unwrap_or_else(|| {
            let root = root.map(Arc::from);
            self.origins.push(Origin { run: run.into(), node: node.into(), root });
            self.origins.len() - 1
        });
        u32::try_from(number).expect("nodes are numbered by their names, which fit into memory")
    }

    fn take(&mut self, event: &TestRun, site: Site<'_>) {
        match event {
            TestRun::RunPlanned(plan) => {
                self.plans.insert((site.entity.clone(), site.origin), plan.clone());
            }
            TestRun::RunStarted(event) => self.start_scope(site, Level::Run, &event.start()),
            TestRun::RunFinished(event) => self.end_scope(site, Level::Run, &event.end()),
            TestRun::SuiteStarted(event) => self.start_scope(site, Level::Suite, &event.start()),
            TestRun::SuiteFinished(event) => self.end_scope(site, Level::Suite, &event.end()),
            TestRun::GroupStarted(event) => self.start_scope(site, Level::Group, &event.start()),
            TestRun::GroupFinished(event) => self.end_scope(site, Level::Group, &event.end()),
            TestRun::CaseStarted(event) => self.start_case(site, &event.start()),
            TestRun::CaseFinished(event) => self.end_case(site, &event.end(), false),
            TestRun::CaseSkipped(event) => self.end_case(site, &event.end(), true),
            TestRun::StepStarted(event) => self.start_step(site, &event.start()),
            TestRun::StepFinished(event) => self.end_step(site, &event.end()),
            TestRun::Output(output) => {
                let room = self.make_room(output.text.len());
                self.note(site, |notes, now| {
                    if room {
                        notes.add_output(output.stream, output.attempt.or(now), &output.text);
                    } else {
                        notes.drop_output(output.text.len());
                    }
                });
            }
            TestRun::Attachment(attachment) => {
                let room = self.make_room(attachment.bytes().map_or(0, |bytes| bytes.len() * 2));
                self.note(site, |notes, now| {
                    notes.add_attachment(attachment, attachment.attempt.or(now), room);
                });
            }
            TestRun::LogFile(log) => self.note(site, |notes, _| notes.add_log_file(&log.path)),
            TestRun::Progress(progress) => {
                if self.progress.as_ref().is_none_or(|(at, _)| *at <= site.now) {
                    self.progress = Some((site.now, progress.clone()));
                }
            }
            TestRun::ErrorItem(item) => self.error(site, item),
            TestRun::NodeJoined(event) => {
                let node = self.node(site);
                node.is_lost = false;
                node.joined_at = node.joined_at.max(Some(site.now));
                node.properties.clone_from(&event.properties);
            }
            TestRun::NodeLost(event) => {
                let node = self.node(site);
                node.is_lost = true;
                node.lost_at = node.lost_at.max(Some(site.now));
                node.reason.clone_from(&event.reason);
            }
        }
    }

    fn node(&mut self, site: Site<'_>) -> &mut NodeRecord {
        let run = Arc::clone(&self.origins[site.origin as usize].run);
        self.nodes.entry((run, site.entity.id().into())).or_default()
    }

    fn scope(&mut self, site: Site<'_>) -> &mut Scope {
        self.scopes.entry((site.entity.clone(), site.origin)).or_default()
    }

    fn start_scope(&mut self, site: Site<'_>, level: Level, start: &Start<'_>) {
        self.scope(site).start(level, start, site.now);
    }

    fn end_scope(&mut self, site: Site<'_>, level: Level, end: &End<'_>) {
        self.scope(site).end(level, end, site.now);
    }

    /// A failure, shorter when very many are kept already.
    fn affordable(&mut self, failure: Option<&Failure>) -> Option<Box<Failure>> {
        let is_rich = self.failure_bytes < FAILURE_BYTES_TOTAL_MAX;
        let bytes_max = if is_rich { FAILURE_TEXT_BYTES_MAX } else { FAILURE_TEXT_BYTES_SHORT };
        let kept = bounded_to(failure?, bytes_max);
        self.failure_bytes += bytes_of(&kept);
        Some(kept)
    }

    fn error(&mut self, site: Site<'_>, item: &ErrorItem) {
        let failure = self.affordable(Some(&item.failure)).unwrap_or_default();
        let item = ErrorItem { failure, ..item.clone() };
        self.errors.push(ErrorRecord {
            entity: site.entity.clone(),
            origin: site.origin,
            at: item.at.unwrap_or(site.now),
            item,
        });
    }

    /// The latest run of the case that an event of this attempt belongs to.
    fn latest(&self, site: Site<'_>, attempt: u32) -> Option<usize> {
        let runs = self.by_entity.get(site.entity)?;
        let here = |id: &&u32| self.executions[**id as usize].origin == site.origin;
        // A retry may go to another node.
        let elsewhere = |id: &&u32| {
            let run = &self.executions[**id as usize];
            let is_same_run =
                self.origins[run.origin as usize].run == self.origins[site.origin as usize].run;
            attempt > 1 && is_same_run && run.last_number() <= attempt
        };
        let found = runs.iter().rev().find(here).or_else(|| runs.iter().rev().find(elsewhere));
        found.map(|id| *id as usize)
    }

    /// Whether an entity is known as a case.
    pub(super) fn is_case(&self, entity: &Entity) -> bool {
        self.by_entity.contains_key(entity)
    }

    /// Another run of a case.
    fn open(&mut self, site: Site<'_>) -> usize {
        let id = self.executions.len();
        let runs = self.by_entity.entry(site.entity.clone()).or_default();
        let here = |run: &&u32| self.executions[**run as usize].origin == site.origin;
        let repeat = u32::try_from(runs.iter().filter(here).count()).unwrap_or(u32::MAX);
        runs.push(u32::try_from(id).expect("fewer runs of cases than fit into memory"));
        let mut run =
            Execution::new(site.entity.clone(), site.origin, repeat.saturating_add(1), site.now);
        (run.number, run.lane) = (id, site.lane);
        // What was said of it before anybody could know that it is a case.
        let key = (site.entity.clone(), site.origin);
        if self.scopes.get(&key).is_some_and(|scope| scope.level == Level::Unknown) {
            run.notes = self.scopes.remove(&key).unwrap_or_default().notes;
        }
        self.executions.push(run);
        id
    }

    fn start_case(&mut self, site: Site<'_>, start: &Start<'_>) {
        let mut id = self.latest(site, start.attempt).unwrap_or_else(|| self.open(site));
        if self.executions[id].start(start, site.now) == Taken::Another {
            id = self.open(site);
            self.executions[id].start(start, site.now);
        }
        self.executions[id].origin = site.origin;
        self.executions[id].lane = site.lane;
    }

    fn end_case(&mut self, site: Site<'_>, end: &End<'_>, is_skip: bool) {
        let failure = self.affordable(end.failure);
        let end = &End { failure: failure.as_deref(), ..*end };
        let mut id = self.latest(site, end.attempt).unwrap_or_else(|| self.open(site));
        if self.executions[id].end(end, site.now, is_skip) == Taken::Another {
            id = self.open(site);
            self.executions[id].end(end, site.now, is_skip);
        }
        if end.status.is_passed() && self.executions[id].notes.bytes() > 0 {
            self.expendable.push_back(id);
        }
    }

    /// The run of the case that an entity is or belongs to; one that is only mentioned, when
    /// nothing was heard of it yet.
    fn case_around(&mut self, site: Site<'_>) -> Option<usize> {
        let mut entity = site.entity.clone();
        loop {
            let place = Site { entity: &entity, ..site };
            if let Some(id) = self.latest(place, u32::MAX) {
                return Some(id);
            }
            let Some(outer) = entity.parent() else { break };
            entity = outer;
        }
        let kinds: Vec<&str> = site.entity.pairs().map(|(kind, _)| kind).collect();
        let depth = kinds.iter().rposition(|kind| *kind == "case")? + 1;
        let case = Entity::from_path(site.entity.pairs().take(depth)).ok()?;
        Some(self.open(Site { entity: &case, ..site }))
    }

    /// Changes the notes of an item, knowing the attempt that it is at.
    fn note(&mut self, site: Site<'_>, change: impl FnOnce(&mut Notes, Option<u32>)) {
        let case = self.case_around(site);
        let attempt = case.and_then(|id| self.executions[id].last()).map(|last| last.number);
        let notes = match case {
            Some(id) => &mut self.executions[id].notes,
            None => &mut self.scopes.entry((site.entity.clone(), site.origin)).or_default().notes,
        };
        let before = notes.bytes();
        change(notes, attempt);
        let after = notes.bytes();
        self.kept_bytes = (self.kept_bytes + after).saturating_sub(before);
        let has_passed = |id: &usize| self.has_passed(*id);
        if let Some(id) = case.filter(|_| before == 0 && after > 0).filter(has_passed) {
            self.expendable.push_back(id);
        }
    }

    fn has_passed(&self, id: usize) -> bool {
        let ended = self.executions[id].last().and_then(|last| last.ended.as_ref());
        ended.is_some_and(|ended| ended.status.is_passed())
    }

    /// Whether this much more can be kept, at the cost of passed cases if need be.
    fn make_room(&mut self, bytes: usize) -> bool {
        while self.kept_bytes + bytes > OUTPUT_BYTES_TOTAL_MAX {
            let Some(id) = self.expendable.pop_front() else { return false };
            if self.has_passed(id) {
                self.kept_bytes -= self.executions[id].notes.shrink();
            }
        }
        true
    }

    fn start_step(&mut self, site: Site<'_>, start: &Start<'_>) {
        let Some(id) = self.case_around(site) else { return };
        let run = &mut self.executions[id];
        if run.steps.len() >= STEPS_KEPT_MAX {
            run.steps_dropped += 1;
            return;
        }
        let path = step_path(site.entity, &run.entity);
        run.steps.push(StepView::running(path, start.attempt, start.at.unwrap_or(site.now)));
    }

    fn end_step(&mut self, site: Site<'_>, end: &End<'_>) {
        let Some(id) = self.case_around(site) else { return };
        let failure = self.affordable(end.failure);
        let end = &End { failure: failure.as_deref(), ..*end };
        let run = &mut self.executions[id];
        let path = step_path(site.entity, &run.entity);
        let is_this = |step: &&mut StepView| step.attempt == end.attempt && step.path == path;
        let is_open = |step: &&mut StepView| step.status.is_none() && is_this(step);
        if let Some(step) = run.steps.iter_mut().rev().find(is_open) {
            step.end(end);
            return;
        }
        // A real end takes the place of a synthetic one, whichever came first.
        let is_other = |step: &&mut StepView| step.synthetic != end.synthetic && is_this(step);
        if let Some(step) = run.steps.iter_mut().rev().find(is_other) {
            if step.synthetic {
                step.end(end);
            }
            return;
        }
        let mut step = StepView::running(path, end.attempt, end.at.unwrap_or(site.now));
        step.end(end);
        let has_room = run.steps.len() < STEPS_KEPT_MAX;
        // A failed step is worth more than one that did not fail.
        let spared = |step: &StepView| step.status.is_some_and(|status| !status.is_failed());
        match run.steps.iter().rposition(spared) {
            _ if has_room => run.steps.push(step),
            Some(place) if end.status.is_failed() => {
                run.steps.remove(place);
                run.steps.push(step);
            }
            _ => {}
        }
    }
}

/// The ids of a step below its case, outermost first.
fn step_path(step: &Entity, case: &Entity) -> Box<[Box<str>]> {
    step.pairs().skip(case.depth()).map(|(_, id)| id.into()).collect()
}
