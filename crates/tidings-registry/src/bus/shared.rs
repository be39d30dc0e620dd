//! What all handles of a bus share.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tidings_core::{
    Attributes, BusId, Clock, Context, Entity, EventType, Lane, Timestamp, TypeTable,
};

use crate::dedup::DedupMemory;
use crate::entry::Entry;
use crate::history::History;
use crate::lane::{Gate, LaneLocal, LaneShared};
use crate::processor::Processor;
use crate::report::{CloseReport, ObserverReport};
use crate::route::{Call, Index, Route};
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Mutex, StaticU64};
use crate::time::nanos;

/// The inside of a bus.
pub(crate) struct Shared {
    me: Weak<Self>,
    /// Tells one bus from another within this process.
    pub(crate) key: u64,
    pub(crate) id: BusId,
    pub(crate) run: Arc<str>,
    pub(crate) node: Arc<str>,
    pub(crate) attributes: Attributes,
    pub(crate) strict: bool,
    pub(crate) chain_max: u32,
    clock: Box<dyn Clock>,
    start: Timestamp,
    pub(crate) gate: Gate,
    /// Counts changed registrations. Written under the lock of the registry.
    pub(super) generation: Arc<AtomicU64>,
    pub(super) registry: Mutex<Registry>,
    lanes: Mutex<Lanes>,
    pub(super) processors: Vec<Processor>,
    pub(super) dedup: Option<Mutex<DedupMemory>>,
    /// Whether there are processors or dedup, which look at an event before it is made.
    pub(super) has_screens: bool,
    pub(super) history: Option<Mutex<History>>,
    pub(super) suppressed: AtomicU64,
    pub(super) filtered: AtomicU64,
    pub(super) cut_off: AtomicU64,
    pub(super) processor_failures: AtomicU64,
    pub(super) closed_report: Mutex<Option<CloseReport>>,
}

/// The cold side: who is registered, and the numbers of the types that are known.
#[derive(Default)]
pub(super) struct Registry {
    pub(super) next_key: u64,
    pub(super) index: Index,
    /// All that are registered, paused ones included.
    pub(super) entries: BTreeMap<u64, Arc<Entry>>,
    /// Cancelled ones that still have events to finish, or something to report.
    pub(super) retired: VecDeque<Arc<Entry>>,
    /// What is left of cancelled ones that were too many to keep.
    pub(super) folded: Option<ObserverReport>,
    types: HashMap<EventType, u32>,
    tables: HashMap<(usize, usize), Arc<TypeTable>>,
}

#[derive(Default)]
struct Lanes {
    all: Vec<Arc<LaneShared>>,
    free: Vec<Arc<LaneShared>>,
}

/// What a [`Shared`] is made from.
pub(super) struct Parts {
    pub(super) id: BusId,
    pub(super) run: Arc<str>,
    pub(super) node: Arc<str>,
    pub(super) attributes: Attributes,
    pub(super) strict: bool,
    pub(super) chain_max: u32,
    pub(super) clock: Box<dyn Clock>,
    pub(super) processors: Vec<Processor>,
    pub(super) dedup: Option<DedupMemory>,
    pub(super) history: Option<History>,
}

impl Shared {
    pub(super) fn new(parts: Parts) -> Arc<Self> {
        static NEXT_KEY: StaticU64 = StaticU64::new(0);
        Arc::new_cyclic(|me| Self {
            me: me.clone(),
            key: NEXT_KEY.fetch_add(1, Ordering::Relaxed),
            id: parts.id,
            run: parts.run,
            node: parts.node,
            attributes: parts.attributes,
            strict: parts.strict,
            chain_max: parts.chain_max,
            start: parts.clock.start(),
            clock: parts.clock,
            gate: Gate::new(),
            generation: Arc::new(AtomicU64::new(0)),
            registry: Mutex::default(),
            lanes: Mutex::default(),
            has_screens: !parts.processors.is_empty() || parts.dedup.is_some(),
            processors: parts.processors,
            dedup: parts.dedup.map(Mutex::new),
            history: parts.history.map(Mutex::new),
            suppressed: AtomicU64::new(0),
            filtered: AtomicU64::new(0),
            cut_off: AtomicU64::new(0),
            processor_failures: AtomicU64::new(0),
            closed_report: Mutex::new(None),
        })
    }

    pub(crate) fn weak(&self) -> Weak<Self> {
        self.me.clone()
    }

    /// This bus again, as long as anybody holds it.
    pub(crate) fn strong(&self) -> Option<Arc<Self>> {
        self.me.upgrade()
    }

    #[inline]
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    #[inline]
    pub(crate) fn now(&self) -> Duration {
        self.clock.elapsed()
    }

    #[inline]
    pub(crate) fn now_ns(&self) -> u64 {
        nanos(self.now())
    }

    #[inline]
    pub(super) fn time_at(&self, elapsed: Duration) -> Timestamp {
        self.start.saturating_add(elapsed)
    }

    pub(super) fn base_context(&self, entity: Entity, attributes: &Attributes) -> Context {
        Context::new(
            Arc::clone(&self.run),
            Arc::clone(&self.node),
            entity,
            self.attributes.merged(attributes),
        )
    }

    pub(super) fn type_table(
        &self,
        descriptors: &'static [&'static tidings_core::Descriptor],
    ) -> Arc<TypeTable> {
        let place = (descriptors.as_ptr().addr(), descriptors.len());
        let mut registry = self.registry.lock();
        if let Some(table) = registry.tables.get(&place) {
            return Arc::clone(table);
        }
        let types: Vec<(EventType, u32)> = descriptors
            .iter()
            .map(|descriptor| {
                let next = u32::try_from(registry.types.len()).unwrap_or(u32::MAX);
                let name = descriptor.event_type.clone();
                let number = *registry.types.entry(name.clone()).or_insert(next);
                (name, number)
            })
            .collect();
        let table = Arc::new(TypeTable::new(Arc::clone(&self.generation), types));
        registry.tables.insert(place, Arc::clone(&table));
        table
    }

    /// Who hears this type, in the order of the calls, with the cells of this lane.
    pub(crate) fn build_route(&self, event_type: &EventType, lane: Lane) -> Route {
        let registry = self.registry.lock();
        let mut entries: Vec<&Arc<Entry>> = registry
            .index
            .matching(event_type)
            .iter()
            .filter_map(|key| registry.entries.get(key))
            .filter(|entry| !entry.interest.excludes(event_type))
            .collect();
        // Keys are sorted already, and the sort is stable.
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.priority));
        let calls = entries.into_iter().map(|entry| Call {
            entry: Arc::clone(entry),
            observer: entry.observer(),
            cell: entry.cell(lane),
        });
        Route { calls: calls.collect(), reserved: event_type.is_reserved() }
    }

    /// A lane for this thread, a returned one if there is any.
    pub(crate) fn lease_lane(&self) -> LaneLocal {
        LaneLocal::new(self, self.open_lane())
    }

    /// A lane for whoever is its only writer.
    pub(crate) fn open_lane(&self) -> Arc<LaneShared> {
        let mut lanes = self.lanes.lock();
        if let Some(lane) = lanes.free.pop() {
            return lane;
        }
        let number = u32::try_from(lanes.all.len()).expect("there are fewer threads than 2^32");
        let lane = Arc::new(LaneShared::new(Lane::new(number)));
        lanes.all.push(Arc::clone(&lane));
        lane
    }

    pub(crate) fn return_lane(&self, lane: &Arc<LaneShared>) {
        self.lanes.lock().free.push(Arc::clone(lane));
    }

    pub(super) fn all_lanes(&self) -> Vec<Arc<LaneShared>> {
        self.lanes.lock().all.clone()
    }

    pub(super) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bus")
            .field("id", &self.id)
            .field("run", &self.run)
            .field("node", &self.node)
            .field("closed", &self.gate.is_closed())
            .finish_non_exhaustive()
    }
}
