//! From a draft to an envelope on its lane.
//!
//! The order is fixed: route, context, clock, processors, dedup, sequence. Only the last
//! step takes a number, so what nobody hears, and what is suppressed, leaves no gap.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tidings_core::emitter::{Dispatch, Draft, Source, Stream, TypeSlot};
use tidings_core::envelope::Encoded;
use tidings_core::json::EncodeError;
use tidings_core::{
    Attributes, ContentId, Context, Descriptor, Entity, Envelope, EventId, EventType, Head,
    Receipt, Tally, TypeTable,
};

use super::Shared;
use crate::claim::Claim;
use crate::dedup::DedupMemory;
use crate::deliver::contained;
use crate::lane::{Current, Job, LaneLocal, LaneShared, current_worker, with_lane};
use crate::processor::{Processing, Verdict};
use crate::route::Route;
use crate::stream::MachineStream;
use crate::sync::Mutex;
use crate::sync::atomic::Ordering;

/// An envelope, and what to take back if nobody takes it.
pub(crate) struct Made {
    pub(crate) envelope: Arc<Envelope>,
    pub(crate) depth: u32,
    /// What dedup of the bus remembered for it.
    pub(super) claim: Option<Arc<Claim>>,
}

/// An event that is offered to the bus.
pub(crate) struct Offer<'a> {
    pub(crate) source: &'a Source,
    pub(crate) slot: &'a TypeSlot<'a>,
    pub(crate) draft: &'a mut dyn Draft,
    /// The lane that numbers it.
    pub(crate) lane: &'a LaneShared,
    /// Whether content dedup of the bus applies to it.
    pub(crate) dedup: bool,
}

/// What was made of a draft before it had an envelope.
#[derive(Default)]
struct Screened {
    encoded: Option<Result<Encoded, EncodeError>>,
    claim: Option<Arc<Claim>>,
}

impl<'a> Offer<'a> {
    fn new(
        lane: &'a LaneShared,
        source: &'a Source,
        slot: &'a TypeSlot<'a>,
        draft: &'a mut dyn Draft,
    ) -> Self {
        Self { source, slot, draft, lane, dedup: true }
    }
}

impl Made {
    /// An envelope that came from elsewhere.
    pub(super) fn elsewhere(envelope: Arc<Envelope>, depth: u32) -> Self {
        Self { envelope, depth, claim: None }
    }
}

impl Dispatch for Shared {
    fn table(&self, types: &'static [&'static Descriptor]) -> Arc<TypeTable> {
        self.type_table(types)
    }

    fn context(&self, entity: Entity, attributes: &Attributes) -> Context {
        self.base_context(entity, attributes)
    }

    fn emit(&self, source: &Source, slot: TypeSlot<'_>, draft: &mut dyn Draft) -> Receipt {
        if self.gate.is_closed() {
            return Receipt::Closed;
        }
        with_lane(self, |lane| {
            let mut offer = Offer::new(&lane.shared, source, &slot, draft);
            if lane.is_dispatching() {
                return self.emit_nested(lane, &mut offer);
            }
            let Some(_inside) = lane.try_enter(self) else {
                return Receipt::Closed;
            };
            // Looked at where it is: to move what was just written costs a wait for it.
            match &self.make(lane, &mut offer) {
                Ok((made, route)) => self.dispatch_made(lane, route, made),
                Err(receipt) => *receipt,
            }
        })
    }

    fn foreseen(&self, slot: TypeSlot<'_>) -> Option<Receipt> {
        if self.gate.is_closed() {
            return Some(Receipt::Closed);
        }
        if matches!(slot, TypeSlot::Named(_)) {
            return None;
        }
        with_lane(self, |lane| {
            let generation = lane.refresh(self);
            let route = lane.route(self, slot);
            let unheard = route.is_empty() && self.history.is_none();
            unheard.then(|| {
                self.remember_unheard(slot, generation);
                Receipt::UNHEARD
            })
        })
    }

    fn stream(&self) -> Arc<dyn Stream> {
        MachineStream::open(self)
    }

    fn key(&self) -> u64 {
        self.key
    }
}

impl Shared {
    /// An event that an observer emits on the thread it is called on: later.
    fn emit_nested(&self, lane: &LaneLocal, offer: &mut Offer<'_>) -> Receipt {
        if !self.gate.may_continue() {
            return Receipt::Closed;
        }
        match self.make(lane, offer) {
            Ok((made, _route)) => {
                lane.pending.borrow_mut().push_back(Job::Event(made));
                Receipt::Reentrant
            }
            Err(receipt) => receipt,
        }
    }

    /// Makes the envelope, or says why there is none.
    pub(crate) fn make(
        &self,
        lane: &LaneLocal,
        offer: &mut Offer<'_>,
    ) -> Result<(Made, Rc<Route>), Receipt> {
        let generation = lane.refresh(self);
        let route = lane.route(self, *offer.slot);
        if route.is_empty() && self.history.is_none() {
            self.remember_unheard(*offer.slot, generation);
            return Err(Receipt::UNHEARD);
        }
        let cause = cause(lane);
        let depth = cause.map_or(0, |current| current.depth + 1);
        if depth > self.chain_max && !route.reserved {
            return Err(self.cut_off(offer.draft.event_type(), cause, route.calls.len()));
        }
        let elapsed = self.now();
        let mut context = lane.context(offer.source);
        let screened = if self.has_screens && !route.reserved {
            self.screen(offer, &mut context, elapsed)?
        } else {
            Screened::default()
        };
        if cause.is_some() {
            offer.lane.count_caused();
        }
        let id = EventId::new(self.id, offer.lane.number, offer.lane.take_sequence());
        let at = (self.time_at(elapsed), elapsed);
        let event_type = offer.draft.event_type().clone();
        let head = Head::emitted(id, event_type, context, at, cause.map(|current| current.id));
        let envelope = offer.draft.freeze(head, screened.encoded);
        Ok((Made { envelope, depth, claim: screened.claim }, route))
    }

    /// What processors and dedup make of it.
    fn screen(
        &self,
        offer: &Offer<'_>,
        context: &mut Arc<Context>,
        elapsed: Duration,
    ) -> Result<Screened, Receipt> {
        if let Some(changed) = self.process(offer.draft, context)? {
            *context = changed;
        }
        match &self.dedup {
            Some(dedup) if offer.dedup => self.deduplicate(dedup, offer.draft, context, elapsed),
            _ => Ok(Screened::default()),
        }
    }

    /// Lets emitters answer by themselves that nobody hears the type.
    fn remember_unheard(&self, slot: TypeSlot<'_>, generation: u64) {
        // A close that this thread has not seen before the generation it has seen now
        // would be answered with "nobody listens" for ever.
        if let (TypeSlot::Known(table, index), false) = (slot, self.gate.is_closed()) {
            table.remember_unheard(index, generation);
        }
    }

    /// Runs the processors; the context anew if they added to it.
    fn process(
        &self,
        draft: &dyn Draft,
        context: &Context,
    ) -> Result<Option<Arc<Context>>, Receipt> {
        let mut event = Processing::new(draft, &context.entity, &context.attributes);
        for (number, processor) in self.processors.iter().enumerate() {
            let mut verdict = Verdict::Keep;
            let outcome = contained(|| {
                verdict = processor(&mut event);
                Ok(())
            });
            if let Err(failure) = outcome {
                Self::count(&self.processor_failures);
                self.diagnose_processor(number, draft.event_type(), &failure.reason);
            }
            if verdict == Verdict::Drop {
                Self::count(&self.filtered);
                return Err(Receipt::Filtered);
            }
        }
        let added = event.into_added();
        Ok((!added.is_empty()).then(|| {
            let mut changed = context.clone();
            changed.attributes = changed.attributes.merged(&added);
            Arc::new(changed)
        }))
    }

    fn deduplicate(
        &self,
        dedup: &Mutex<DedupMemory>,
        draft: &dyn Draft,
        context: &Context,
        now: Duration,
    ) -> Result<Screened, Receipt> {
        let mut made = None;
        let encode = || {
            made = Some(Encoded::new(draft.payload(), draft.event_type(), &context.entity));
            Ok(())
        };
        // A payload whose `Serialize` panics has no content id either.
        let (Ok(()), Some(encoded)) = (contained(encode), made) else {
            return Ok(Screened::default());
        };
        let Ok(id) = encoded.as_ref().map(Encoded::content_id) else {
            return Ok(Screened { encoded: Some(encoded), claim: None });
        };
        if !dedup.lock().admit(id, now) {
            Self::count(&self.suppressed);
            return Err(Receipt::Duplicate);
        }
        let claim = Arc::new(Claim::new(self, id, now));
        Ok(Screened { encoded: Some(encoded), claim: Some(claim) })
    }

    /// Hands an event to everybody, and after it all that it caused on this thread.
    #[inline]
    fn dispatch_made(&self, lane: &LaneLocal, route: &Route, made: &Made) -> Receipt {
        let tally = match &self.history {
            None => self.deliver(lane, route, made),
            Some(_) => self.deliver(lane, &self.route_now(lane, &made.envelope), made),
        };
        self.drain_pending(lane);
        Receipt::Dispatched(tally)
    }

    /// What was remembered for an event that nobody took may be said again.
    pub(crate) fn forget_content(&self, id: ContentId, then: Duration) {
        if let Some(dedup) = &self.dedup {
            dedup.lock().forget(id, then);
        }
    }

    pub(super) fn cut_off(
        &self,
        event_type: &EventType,
        cause: Option<Current>,
        heard: usize,
    ) -> Receipt {
        self.cut_off.fetch_add(1, Ordering::Relaxed);
        // Further down the chain runs on diagnostics alone; saying so would prolong it.
        if let Some(cause) = cause.filter(|cause| cause.depth == self.chain_max) {
            self.diagnose_cut(event_type, cause.id);
        }
        let dropped = u32::try_from(heard).unwrap_or(u32::MAX);
        Receipt::Dispatched(Tally::new(0, 0, 0, dropped))
    }
}

/// The event that the one to be made is caused by: what is delivered on this thread now,
/// inline or as the thread of an observer with a queue.
pub(super) fn cause(lane: &LaneLocal) -> Option<Current> {
    let inline = lane.at_hand().or_else(|| lane.current_outside());
    inline.or_else(|| {
        let worker = current_worker()?;
        (worker.bus_key == lane.bus_key()).then_some(worker.current).flatten()
    })
}
