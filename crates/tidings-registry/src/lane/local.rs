//! The part of a lane that only its thread touches, and where threads keep their lanes.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::sync::{Arc, Weak};

use tidings_core::emitter::{Source, TypeSlot};
use tidings_core::{Context, EventId, EventType, TypeTable};

use super::context::ContextCache;
use super::shared::LaneShared;
use crate::bus::{Made, Shared};
use crate::deliver::{Used, drop_contained};
use crate::route::Route;
use crate::stream::MachineStream;
#[cfg(loom)]
use crate::sync::thread::{LocalCell as _, LocalRefCell as _};

/// Routes of types known by name alone that a lane remembers at most.
const NAMED_ROUTES_MAX: usize = 4_096;

crate::sync::thread_locals! {
    /// The lanes that this thread has leased, one per bus, the latest used first.
    static LANES: RefCell<Vec<Rc<LaneLocal>>> = const { RefCell::new(Vec::new()) };
    /// Set on the threads of observers with a queue.
    static WORKER: Cell<Option<Worker>> = const { Cell::new(None) };
}

thread_local! {
    /// The bus and the event under delivery on a lane that was leased for one call. It has
    /// no destructor: it is there for as long as the thread is. loom has nothing like it, so
    /// a model has one thread at most that emits while it is torn down.
    static ENDING: Cell<Option<(u64, Current)>> = const { Cell::new(None) };
}

/// A thread's lease of a lane.
pub(crate) struct LaneLocal {
    bus_key: u64,
    bus: Weak<Shared>,
    pub(crate) shared: Arc<LaneShared>,
    generation: Cell<u64>,
    numbered: RefCell<Vec<Option<Rc<Route>>>>,
    named: RefCell<HashMap<EventType, Rc<Route>>>,
    contexts: RefCell<ContextCache>,
    /// The event that is being delivered on this lane now.
    pub(crate) current: Cell<Option<Current>>,
    /// What was emitted meanwhile.
    pub(crate) pending: RefCell<VecDeque<Job>>,
    /// What is dropped once this thread has left the bus: the `Drop` of a payload is code
    /// of the user.
    spent: RefCell<Vec<Used>>,
    /// Which of them this thread is at dropping. What its `Drop` emits takes no further ones,
    /// or the stack would be as deep as there are.
    letting_go: Cell<Option<Current>>,
    /// How many calls deep this thread is in the bus.
    inside: Cell<u32>,
    /// Whether it was leased for one call, by a thread whose storage is torn down.
    is_ending: Cell<bool>,
}

/// Routes of an older generation.
type Stale = (Vec<Option<Rc<Route>>>, HashMap<EventType, Rc<Route>>);

/// Marks its lane as idle again when dropped, also when a panic passes.
pub(crate) struct Inside<'a>(&'a LaneLocal);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let outside = self.0.inside.get() - 1;
        self.0.inside.set(outside);
        if outside == 0 {
            self.0.shared.gate.leave();
            self.0.let_go();
        }
    }
}

/// An event under delivery, as far as those it causes need to know it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Current {
    pub(crate) id: EventId,
    /// How many events in a row caused it.
    pub(crate) depth: u32,
}

/// Something to deliver after the current event.
pub(crate) enum Job {
    Event(Made),
    Stream(Arc<MachineStream>),
}

/// What the thread of a queued observer works for, and on which event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Worker {
    pub(crate) bus_key: u64,
    pub(crate) observer_key: u64,
    pub(crate) current: Option<Current>,
}

/// The queued observer whose thread this is.
pub(crate) fn current_worker() -> Option<Worker> {
    WORKER.try_with(Cell::get).ok().flatten()
}

/// Puts another worker in the place of this thread's; answers which that was.
pub(crate) fn swap_worker(worker: Option<Worker>) -> Option<Worker> {
    WORKER.try_with(|slot| slot.replace(worker)).ok().flatten()
}

/// Says which event the observer of this thread is at.
pub(crate) fn set_worker(worker: Worker) {
    WORKER.set(Some(worker));
}

impl LaneLocal {
    pub(crate) fn new(bus: &Shared, shared: Arc<LaneShared>) -> Self {
        Self {
            bus_key: bus.key,
            bus: bus.weak(),
            shared,
            generation: Cell::new(u64::MAX),
            numbered: RefCell::new(Vec::new()),
            named: RefCell::new(HashMap::new()),
            contexts: RefCell::new(ContextCache::new()),
            current: Cell::new(None),
            pending: RefCell::new(VecDeque::new()),
            spent: RefCell::new(Vec::new()),
            letting_go: Cell::new(None),
            inside: Cell::new(0),
            is_ending: Cell::new(false),
        }
    }

    /// Marks the lane as emitting, unless the bus is closed. Code of the user that runs
    /// within, but in no observer (a processor, the `Drop` of a payload), may come here
    /// again: the lane is idle when the outermost is over.
    #[inline]
    pub(crate) fn try_enter(&self, bus: &Shared) -> Option<Inside<'_>> {
        let may_enter = if self.inside.get() == 0 {
            bus.gate.try_enter(&self.shared.gate)
        } else {
            bus.gate.may_continue()
        };
        may_enter.then(|| self.count_in())
    }

    /// As [`try_enter`](Self::try_enter), for what was accepted before.
    pub(crate) fn enter(&self) -> Inside<'_> {
        if self.inside.get() == 0 {
            self.shared.gate.enter();
        }
        self.count_in()
    }

    fn count_in(&self) -> Inside<'_> {
        self.inside.set(self.inside.get() + 1);
        Inside(self)
    }

    /// Whether events that others are through with may be dropped here. A lane that was
    /// leased for one call knows nothing of the calls around it.
    #[inline]
    pub(crate) fn may_let_go(&self) -> bool {
        self.letting_go.get().is_none() && !self.is_ending.get()
    }

    /// Drops an event once this thread has left the bus.
    pub(crate) fn let_go_later(&self, used: Used) {
        self.spent.borrow_mut().push(used);
    }

    #[inline]
    fn let_go(&self) {
        if !self.spent.borrow().is_empty() {
            self.drop_spent();
        }
    }

    fn drop_spent(&self) {
        if self.letting_go.get().is_some() {
            return;
        }
        loop {
            // The borrow ends before the event is dropped: its payload may emit.
            let next = self.spent.borrow_mut().pop();
            let Some((envelope, depth)) = next else { break };
            self.letting_go.set(Some(Current { id: envelope.id(), depth }));
            drop_contained(envelope);
            self.letting_go.set(None);
        }
    }

    /// The event that is delivered here now, or else dropped.
    #[inline]
    pub(crate) fn at_hand(&self) -> Option<Current> {
        self.current.get().or_else(|| self.letting_go.get())
    }

    /// The generation that the remembered routes belong to, after forgetting older ones.
    #[inline]
    pub(crate) fn refresh(&self, bus: &Shared) -> u64 {
        let generation = bus.generation();
        if self.generation.get() != generation {
            drop(self.forget_routes(generation));
        }
        generation
    }

    /// As [`refresh`](Self::refresh); what was forgotten is the caller's to drop, since
    /// dropping a route may drop an observer, and that is user code.
    pub(crate) fn take_stale(&self, bus: &Shared) -> Option<Stale> {
        let generation = bus.generation();
        (self.generation.get() != generation).then(|| self.forget_routes(generation))
    }

    #[cold]
    fn forget_routes(&self, generation: u64) -> Stale {
        self.generation.set(generation);
        (self.numbered.take(), self.named.take())
    }

    /// Who hears this type; remembered until a registration changes.
    #[inline]
    pub(crate) fn route(&self, bus: &Shared, slot: TypeSlot<'_>) -> Rc<Route> {
        match slot {
            TypeSlot::Known(table, index) => {
                let known = self.numbered.borrow().get(place(table.number(index))).cloned();
                known.flatten().unwrap_or_else(|| self.build_numbered_route(bus, table, index))
            }
            _ => self.named_route(bus, slot.event_type()),
        }
    }

    #[cold]
    fn build_numbered_route(&self, bus: &Shared, table: &TypeTable, index: usize) -> Rc<Route> {
        let number = place(table.number(index));
        let route = Rc::new(bus.build_route(table.event_type(index), self.shared.number));
        let mut numbered = self.numbered.borrow_mut();
        if numbered.len() <= number {
            numbered.resize(number + 1, None);
        }
        numbered[number] = Some(Rc::clone(&route));
        route
    }

    /// As [`route`](Self::route), for a type known by name alone.
    pub(crate) fn named_route(&self, bus: &Shared, name: &EventType) -> Rc<Route> {
        if let Some(route) = self.named.borrow().get(name) {
            return Rc::clone(route);
        }
        let route = Rc::new(bus.build_route(name, self.shared.number));
        let mut named = self.named.borrow_mut();
        let forgotten = (named.len() >= NAMED_ROUTES_MAX).then(|| std::mem::take(&mut *named));
        named.insert(name.clone(), Rc::clone(&route));
        drop(named);
        drop(forgotten);
        route
    }

    #[inline]
    pub(crate) fn context(&self, source: &Source) -> Arc<Context> {
        self.contexts.borrow_mut().get(source)
    }

    pub(crate) fn bus_key(&self) -> u64 {
        self.bus_key
    }

    /// Says which event is delivered from here on.
    #[inline]
    pub(crate) fn set_current(&self, current: Option<Current>) {
        if self.is_ending.get() {
            ENDING.set(current.map(|current| (self.bus_key, current)));
        }
        self.current.set(current);
    }

    /// The event under delivery around the call that this lane was leased for.
    #[inline]
    pub(crate) fn current_outside(&self) -> Option<Current> {
        if !self.is_ending.get() {
            return None;
        }
        let (bus, current) = ENDING.get()?;
        (bus == self.bus_key).then_some(current)
    }

    /// Whether an observer of the bus is running on this thread now.
    #[inline]
    pub(crate) fn is_dispatching(&self) -> bool {
        self.current.get().is_some()
    }
}

#[inline]
fn place(number: u32) -> usize {
    usize::try_from(number).expect("types are counted in 32 bits")
}

impl Drop for LaneLocal {
    fn drop(&mut self) {
        if let Some(bus) = self.bus.upgrade() {
            bus.return_lane(&self.shared);
        }
    }
}

/// Runs `act` with this thread's lane on `bus`, leasing one first if need be.
///
/// While the thread's own storage is torn down a lane is leased for the one call.
#[inline]
pub(crate) fn with_lane<R>(bus: &Shared, act: impl FnOnce(&LaneLocal) -> R) -> R {
    let found = LANES.try_with(|lanes| {
        let lanes = lanes.borrow();
        lanes.iter().find(|lane| lane.bus_key == bus.key).map(Rc::clone)
    });
    let lane = match found {
        Ok(found) => found.unwrap_or_else(|| lease(bus)),
        Err(_) => lease_for_one_call(bus),
    };
    let outside = lane.is_ending.get().then(|| ENDING.get());
    let result = act(&lane);
    if let Some(outside) = outside {
        ENDING.set(outside);
    }
    result
}

/// Leases a lane for this thread, and forgets those of buses that are over.
#[cold]
fn lease(bus: &Shared) -> Rc<LaneLocal> {
    let lane = Rc::new(bus.lease_lane());
    // A bus may end with the handle that the question takes: not while borrowed.
    let mut stale = LANES.with_borrow(Vec::clone);
    stale.retain(|lane| lane.is_stale());
    LANES.with_borrow_mut(|lanes| {
        lanes.retain(|known| !stale.iter().any(|stale| Rc::ptr_eq(stale, known)));
        lanes.insert(0, Rc::clone(&lane));
    });
    lane
}

#[cold]
fn lease_for_one_call(bus: &Shared) -> Rc<LaneLocal> {
    let lane = Rc::new(bus.lease_lane());
    lane.is_ending.set(true);
    lane
}

/// Makes this thread's storage, empty, so that it is torn down with the thread: what loom
/// has not made by then it makes anew.
#[cfg(all(test, loom))]
pub(crate) fn make_storage() {
    LANES.with(|_| ());
    WORKER.with(|_| ());
}

impl LaneLocal {
    /// Whether the bus is gone or closed, and nothing of it runs here.
    fn is_stale(&self) -> bool {
        !self.is_dispatching() && self.bus.upgrade().is_none_or(|bus| bus.gate.is_closed())
    }
}

/// Drops what this thread remembers of the bus, unless an observer runs here.
pub(crate) fn forget(bus: &Shared) {
    let lane = LANES.try_with(|lanes| {
        let mut lanes = lanes.borrow_mut();
        let place =
            lanes.iter().position(|lane| lane.bus_key == bus.key && !lane.is_dispatching())?;
        Some(lanes.remove(place))
    });
    drop(lane);
}
