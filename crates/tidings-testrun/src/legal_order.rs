//! A monitor of the order of events: what is done before it is started, ended twice, outside
//! of its suite, after its run.
//!
//! It only reports. What the events come to is the reducer's business, which takes them in
//! any order.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tidings_core::state::{Protocol, ProtocolMode, StateName, Table};
use tidings_core::{Entity, Envelope, Event as _, Interest};
use tidings_registry::{Observer, ObserverError};

use crate::vocabulary::TestRun;

/// The most illegal events that a [`LegalOrder`] keeps.
pub const ILLEGAL_KEPT_MAX: usize = 256;

/// The most items that are remembered as running, and as having something inside of them
/// before they began themselves.
const ITEMS_MAX: usize = 65_536;

/// An event that should not have come there and then.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IllegalEvent {
    /// The event type.
    pub event_type: String,
    /// What it is about.
    pub entity: Entity,
    /// The node that emitted it.
    pub node: String,
    /// What is wrong with it: lower case, without a full stop.
    pub reason: String,
}

impl fmt::Display for IllegalEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}` on {}: {}", self.entity, self.event_type, self.node, self.reason)
    }
}

/// Reports events of a test run that come in an illegal order.
///
/// Each is an error of this observer: counted, reported, emitted as
/// `tidings.observer.failed`, and kept, up to [`ILLEGAL_KEPT_MAX`].
///
/// Legal is: an item starts when it is not running and ends when it is; a case may also be
/// skipped without having started; it may be run again after its end. Nothing starts in a
/// suite, group or case that has ended or has not begun, unless nobody ever says that it
/// begins. At the end of its run nothing is running, and after it nothing comes.
///
/// ```
/// use std::sync::Arc;
/// use tidings_registry::Bus;
/// use tidings_testrun::{CaseFinished, LegalOrder, Status, TestRun};
///
/// let bus = Bus::new();
/// let order = Arc::new(LegalOrder::new());
/// let _watching = bus.subscribe(Arc::clone(&order));
/// let case = bus.emitter::<TestRun>("case", "t1");
/// case.emit(CaseFinished::new(Status::Success).into());
/// assert_eq!(
///     order.illegal()[0].reason,
///     "`ended` is not allowed in `idle` (allowed: `running`, `skipped`)"
/// );
/// ```
pub struct LegalOrder {
    state: Mutex<State>,
}

struct State {
    items: Protocol<Key, StateName>,
    /// Items that are running, per run and node.
    running: HashMap<(String, String), HashSet<Entity>>,
    /// Per run and node, what its runs are called, and whether they are running.
    runs: HashMap<(String, String), HashMap<Entity, bool>>,
    /// Items inside of which something began before they did.
    early: HashSet<Key>,
    illegal: VecDeque<IllegalEvent>,
    illegal_count: u64,
}

/// An item on one node of one run; printed as the item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    run: String,
    node: String,
    entity: Entity,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.entity, f)
    }
}

/// Where an item is after an event; none for events that move nothing.
fn step_of(event: &TestRun) -> Option<&'static str> {
    match event {
        TestRun::RunStarted(_)
        | TestRun::SuiteStarted(_)
        | TestRun::GroupStarted(_)
        | TestRun::CaseStarted(_)
        | TestRun::StepStarted(_) => Some("running"),
        TestRun::RunFinished(_)
        | TestRun::SuiteFinished(_)
        | TestRun::GroupFinished(_)
        | TestRun::CaseFinished(_)
        | TestRun::StepFinished(_) => Some("ended"),
        TestRun::CaseSkipped(_) => Some("skipped"),
        _ => None,
    }
}

/// Whether a path says which run it is part of.
fn names_run(entity: &Entity) -> bool {
    entity.pairs().next().is_some_and(|(kind, _)| kind == "run")
}

fn table() -> Table {
    let table = Table::builder("item")
        .initial("idle")
        .edge("idle", "running")
        .edge("idle", "skipped")
        .edge("running", "ended")
        .edge("running", "skipped")
        .edge("ended", "running")
        .edge("ended", "skipped")
        .edge("skipped", "running")
        .edge("skipped", "skipped");
    table.build().expect("every state can be reached and left")
}

impl LegalOrder {
    /// A monitor that has seen nothing yet.
    pub fn new() -> Self {
        let state = State {
            items: Protocol::with_table(&table(), ProtocolMode::Monitor),
            running: HashMap::new(),
            runs: HashMap::new(),
            early: HashSet::new(),
            illegal: VecDeque::new(),
            illegal_count: 0,
        };
        Self { state: Mutex::new(state) }
    }

    /// The last illegal events, oldest first, at most [`ILLEGAL_KEPT_MAX`].
    pub fn illegal(&self) -> Vec<IllegalEvent> {
        self.state.lock().illegal.iter().cloned().collect()
    }

    /// How many events were illegal.
    pub fn illegal_count(&self) -> u64 {
        self.state.lock().illegal_count
    }
}

impl Default for LegalOrder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for LegalOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LegalOrder")
            .field("illegal_count", &self.illegal_count())
            .finish_non_exhaustive()
    }
}

impl Observer for LegalOrder {
    fn kind(&self) -> &'static str {
        "monitor"
    }

    fn interest(&self) -> Interest {
        Interest::types(TestRun::TYPES.iter().copied())
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        let Some(event) = envelope.event::<TestRun>()? else { return Ok(()) };
        let reasons = self.state.lock().take(&event, envelope);
        let Some(first) = reasons.first() else { return Ok(()) };
        Err(ObserverError::failed(first.to_string()))
    }

    fn needs_close(&self) -> bool {
        false
    }
}

impl State {
    fn take(&mut self, event: &TestRun, envelope: &Envelope) -> Vec<IllegalEvent> {
        let mut reasons = Vec::new();
        let key = Key {
            run: envelope.run().to_owned(),
            node: envelope.node().to_owned(),
            entity: envelope.entity().clone(),
        };
        let of_node = (key.run.clone(), key.node.clone());
        let is_node = matches!(event, TestRun::NodeJoined(_) | TestRun::NodeLost(_));
        let begins_run = matches!(event, TestRun::RunStarted(_));
        if let Some(run) = self.ended_run(&key, &of_node).filter(|_| !is_node && !begins_run) {
            reasons.push(format!("{run} has ended"));
        }
        if let Some(target) = step_of(event) {
            self.step(&key, target, envelope.elapsed(), &mut reasons);
        }
        if begins_run {
            self.runs.entry(of_node.clone()).or_default().insert(key.entity.clone(), true);
        }
        if matches!(event, TestRun::RunFinished(_)) {
            self.end_run(&key, of_node, &mut reasons);
        }
        self.keep(envelope, reasons)
    }

    fn step(&mut self, key: &Key, target: &'static str, now: Duration, reasons: &mut Vec<String>) {
        if let Err(violation) = self.items.feed(key, target, now) {
            // The name of the item stands before it anyway.
            let text = violation.to_string();
            let name = format!("{key}: ");
            reasons.push(text.strip_prefix(&name).unwrap_or(&text).to_owned());
        }
        let running = self.running.entry((key.run.clone(), key.node.clone())).or_default();
        if target != "running" {
            running.remove(&key.entity);
            return;
        }
        if running.len() < ITEMS_MAX {
            running.insert(key.entity.clone());
        }
        if self.early.remove(key) {
            reasons.push("something inside of it began before it did".to_owned());
        }
        let Some(outer) = key.entity.parent() else { return };
        let outer = Key { entity: outer, ..key.clone() };
        match self.items.state(&outer) {
            Some(state) if state == "running" => {}
            Some(state) => reasons.push(format!("{} is {state}, not running", outer.entity)),
            // It may be that nobody ever says that it begins.
            None if self.early.len() < ITEMS_MAX => drop(self.early.insert(outer)),
            None => {}
        }
    }

    /// The run of an item, when it has ended: the one that its path names, or the only ones
    /// there are.
    fn ended_run(&self, key: &Key, of_node: &(String, String)) -> Option<Entity> {
        let runs = self.runs.get(of_node)?;
        let around = |run: &&Entity| !names_run(&key.entity) || key.entity.starts_with(run);
        let mut own = runs.keys().filter(around);
        let first = own.next()?.clone();
        let is_any_open = runs.iter().any(|(run, is_open)| *is_open && around(&run));
        (!is_any_open).then_some(first)
    }

    fn end_run(&mut self, key: &Key, of_node: (String, String), reasons: &mut Vec<String>) {
        let runs = self.runs.entry(of_node.clone()).or_default();
        runs.insert(key.entity.clone(), false);
        let is_last = !runs.values().any(|is_open| *is_open);
        let is_own = |item: &Entity| item.starts_with(&key.entity) || (is_last && !names_run(item));
        let running = self.running.entry(of_node).or_default();
        let left: Vec<Entity> = running.extract_if(|item| is_own(item)).collect();
        let mut names: Vec<String> = left.iter().map(ToString::to_string).collect();
        names.sort_unstable();
        if let Some(first) = names.first() {
            let others = match names.len() {
                1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            reasons.push(format!("{first}{others} still running"));
        }
    }

    fn keep(&mut self, envelope: &Envelope, reasons: Vec<String>) -> Vec<IllegalEvent> {
        let event = |reason| IllegalEvent {
            event_type: envelope.event_type().to_string(),
            entity: envelope.entity().clone(),
            node: envelope.node().to_owned(),
            reason,
        };
        let found: Vec<IllegalEvent> = reasons.into_iter().map(event).collect();
        for illegal in &found {
            self.illegal_count += 1;
            if self.illegal.len() == ILLEGAL_KEPT_MAX {
                self.illegal.pop_front();
            }
            self.illegal.push_back(illegal.clone());
        }
        found
    }
}
