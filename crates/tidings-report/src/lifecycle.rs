//! State diagrams of what really happened: per kind of entity, which event followed which.
//!
//! Every event is a state of its entity, users' own events included. Not states are output,
//! attachments, log files and progress, which come while an item is in one, and events of
//! the bus itself (`tidings.`), which a recording has and a run has not.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Serialize;
use tidings_core::{Entity, Envelope, EventType};

use crate::model::Name;

/// The most entities whose last event is remembered.
pub const ENTITIES_FOLLOWED_MAX: usize = 100_000;

/// The most kinds of entities with a diagram of their own.
pub const KINDS_MAX: usize = 64;

/// The most states of one diagram.
pub const STATES_MAX: usize = 48;

/// The most origins (a node of a run) whose entities are told apart.
const ORIGINS_MAX: usize = 10_000;

/// What is said of an item while it is in a state, and puts it into no other one.
const NO_STATES: [&str; 4] = ["test.output", "test.attachment", "test.log_file", "test.progress"];

/// Which event followed which on the same entity, counted per kind of entity.
///
/// It needs no vocabulary: give it every event there is, in order.
///
/// ```
/// use std::sync::Arc;
/// use parking_lot::Mutex;
/// use tidings_core::Envelope;
/// use tidings_registry::Bus;
/// use tidings_report::Lifecycles;
///
/// let bus = Bus::new();
/// let lifecycles = Arc::new(Mutex::new(Lifecycles::new()));
/// let heard = Arc::clone(&lifecycles);
/// let every = move |envelope: &Arc<Envelope>| heard.lock().apply(envelope);
/// bus.observe("*", every)?.detach();
///
/// let door = bus.raw_emitter("door", "front");
/// for state in ["door.opened", "door.closed", "door.opened"] {
///     door.emit(state, serde_json::json!({}))?;
/// }
/// assert_eq!(lifecycles.lock().times("door", "door.closed", "door.opened"), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Lifecycles {
    kinds: BTreeMap<String, Lifecycle>,
    origins: Vec<(Arc<str>, Arc<str>)>,
    last: HashMap<(u32, Entity), EventType>,
    /// Events of kinds that are too many.
    left_out: u64,
}

#[derive(Debug, Clone, Default)]
struct Lifecycle {
    states: BTreeMap<EventType, Visits>,
    edges: BTreeMap<(EventType, EventType), u64>,
    entities: u64,
    /// Events whose state, or whose entity, is one too many.
    left_out: u64,
}

#[derive(Debug, Clone, Default)]
struct Visits {
    /// Events of this type.
    times: u64,
    /// Entities that it was the first event of.
    first: u64,
    /// Entities that it is the last event of, until now.
    last: u64,
}

impl Lifecycles {
    /// Nothing has happened yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one event.
    pub fn apply(&mut self, envelope: &Envelope) {
        let event = envelope.event_type();
        if event.is_reserved() || NO_STATES.contains(&event.as_str()) {
            return;
        }
        let entity = envelope.entity();
        let is_new_kind = !self.kinds.contains_key(entity.kind());
        if is_new_kind && self.kinds.len() >= KINDS_MAX {
            self.left_out += 1;
            return;
        }
        let origin = self.origin(envelope);
        let kind = self.kinds.entry(entity.kind().to_owned()).or_default();
        let is_new_state = !kind.states.contains_key(event);
        if is_new_state && kind.states.len() >= STATES_MAX {
            kind.left_out += 1;
            return;
        }
        let Some(origin) = origin else {
            kind.left_out += 1;
            return;
        };
        let is_full = self.last.len() >= ENTITIES_FOLLOWED_MAX;
        let key = (origin, entity.clone());
        match self.last.get_mut(&key) {
            Some(before) => {
                let before = std::mem::replace(before, event.clone());
                kind.follow(before, event);
            }
            None if is_full => kind.left_out += 1,
            None => {
                self.last.insert(key, event.clone());
                kind.enter(event);
            }
        }
    }

    /// How often, on entities of this kind, one event followed another.
    pub fn times(&self, kind: &str, before: &str, after: &str) -> u64 {
        let edges = self.kinds.get(kind).into_iter().flat_map(|kind| &kind.edges);
        let found = edges.filter(|((from, to), _)| *from == before && *to == after);
        found.map(|(_, times)| times).sum()
    }

    fn origin(&mut self, envelope: &Envelope) -> Option<u32> {
        let (run, node) = (envelope.run(), envelope.node());
        let is_it = |it: &(Arc<str>, Arc<str>)| &*it.0 == run && &*it.1 == node;
        let known = self.origins.iter().position(is_it);
        if known.is_none() && self.origins.len() >= ORIGINS_MAX {
            return None;
        }
        let place = known.unwrap_or_else(|| {
            self.origins.push((run.into(), node.into()));
            self.origins.len() - 1
        });
        u32::try_from(place).ok()
    }

    pub(crate) fn models(&self) -> Vec<LifecycleModel> {
        let models = self.kinds.iter().map(|(kind, lifecycle)| LifecycleModel::of(kind, lifecycle));
        let others = (self.left_out > 0).then(|| LifecycleModel {
            kind: None,
            entities: 0,
            states: Vec::new(),
            edges: Vec::new(),
            left_out: self.left_out,
        });
        models.chain(others).collect()
    }
}

impl Lifecycle {
    fn enter(&mut self, event: &EventType) {
        self.entities += 1;
        let visits = self.states.entry(event.clone()).or_default();
        visits.times += 1;
        visits.first += 1;
        visits.last += 1;
    }

    fn follow(&mut self, before: EventType, event: &EventType) {
        if let Some(visits) = self.states.get_mut(&before) {
            visits.last -= 1;
        }
        let visits = self.states.entry(event.clone()).or_default();
        visits.times += 1;
        visits.last += 1;
        *self.edges.entry((before, event.clone())).or_default() += 1;
    }
}

/// One diagram, as the page reads it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct LifecycleModel {
    /// None for all kinds beyond the limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Name>,
    entities: u64,
    states: Vec<StateModel>,
    /// Places in `states`, and how often.
    edges: Vec<(usize, usize, u64)>,
    /// Events that are in no diagram, because there is no room.
    left_out: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct StateModel {
    name: Name,
    times: u64,
    first: u64,
    last: u64,
}

impl LifecycleModel {
    fn of(kind: &str, lifecycle: &Lifecycle) -> Self {
        let names: Vec<&EventType> = lifecycle.states.keys().collect();
        let place = |event: &EventType| names.binary_search(&event).unwrap_or_default();
        let states = lifecycle.states.iter().map(|(event, visits)| StateModel {
            name: Name::new(event.as_str()),
            times: visits.times,
            first: visits.first,
            last: visits.last,
        });
        let edges = &lifecycle.edges;
        Self {
            kind: Some(Name::new(kind)),
            entities: lifecycle.entities,
            states: states.collect(),
            edges: edges
                .iter()
                .map(|((from, to), times)| (place(from), place(to), *times))
                .collect(),
            left_out: lifecycle.left_out,
        }
    }
}
