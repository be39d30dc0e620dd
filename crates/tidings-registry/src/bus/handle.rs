//! The handle that keeps a bus open.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use tidings_core::emitter::Dispatch;
use tidings_core::time::moment::deadline_in;
use tidings_core::{
    BusId, Emitter, Entity, Envelope, Event, Interest, InvalidPrefix, Prefix, RESERVED_SEGMENT,
    RawEmitter, Receipt,
};

use super::barrier::BarrierError;
use super::builder::BusBuilder;
use super::shared::Shared;
use crate::observer::{Closure, Observer, ObserverError, ObserverResult, TypedClosure};
use crate::report::{CloseError, CloseReport, Report};
use crate::subscription::{Registration, Subscription};
use crate::time::CLOSE_ON_DROP_MAX;

/// Run, lanes, clock, attributes, policies and the observers of one stream of events.
///
/// Never global: a process has as many as it likes, and they know nothing of each other.
/// Cheap to clone; the bus is open as long as one such handle lives and closes with the
/// last, within [`CLOSE_ON_DROP_MAX`]. Emitters and subscriptions do not keep it open.
///
/// ```
/// use std::time::Duration;
/// use tidings_registry::Bus;
///
/// let bus = Bus::new();
/// let _subscription = bus.observe("quick_test.", |envelope| {
///     assert_eq!(envelope.event_type(), "quick_test.started");
/// })?;
/// let receipt = bus
///     .raw_emitter("quick_test", "test-001")
///     .emit("quick_test.started", serde_json::json!({"test_name": "x"}))?;
/// assert_eq!(receipt.delivered(), 1);
/// assert!(bus.close(Duration::from_secs(5))?.complete);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Bus {
    open: Arc<Open>,
}

/// Closes the bus when its last handle goes.
struct Open {
    shared: Arc<Shared>,
}

impl Drop for Open {
    fn drop(&mut self) {
        if !self.shared.gate.is_closed() {
            self.shared.close(deadline_in(CLOSE_ON_DROP_MAX));
        }
    }
}

impl Bus {
    /// A bus with the default settings.
    #[expect(clippy::new_without_default, reason = "a bus has an identity; a default has none")]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Settings for a bus.
    pub fn builder() -> BusBuilder {
        BusBuilder::new()
    }

    pub(super) fn from_shared(shared: Arc<Shared>) -> Self {
        Self { open: Arc::new(Open { shared }) }
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.open.shared
    }

    /// An emitter of `E` for an entity of one pair.
    pub fn emitter<E: Event>(&self, kind: &str, id: &str) -> Emitter<E> {
        self.emitter_for(Entity::new(kind, id))
    }

    /// An emitter of `E` for any entity.
    pub fn emitter_for<E: Event>(&self, entity: Entity) -> Emitter<E> {
        Emitter::new(self.dispatch(), entity)
    }

    /// An emitter of events whose types are known only at run time.
    pub fn raw_emitter(&self, kind: &str, id: &str) -> RawEmitter {
        RawEmitter::new(self.dispatch(), Entity::new(kind, id))
    }

    fn dispatch(&self) -> Arc<dyn Dispatch> {
        Arc::clone(self.shared()) as Arc<dyn Dispatch>
    }

    /// Calls `function` with every event at or below `prefix`, inline.
    ///
    /// # Errors
    ///
    /// [`InvalidPrefix`] when `prefix` is none.
    pub fn observe<F, R>(&self, prefix: &str, function: F) -> Result<Subscription, InvalidPrefix>
    where
        F: Fn(&Arc<Envelope>) -> R + Send + Sync + 'static,
        R: ObserverResult + 'static,
    {
        let interest = Interest::from(Prefix::parse(prefix)?);
        Ok(self.subscribe(Closure { interest, function }))
    }

    /// Calls `function` with every event that is an `E` or embeds one, inline; events from
    /// elsewhere are decoded first.
    pub fn on<E: Event>(
        &self,
        function: impl Fn(&E, &Arc<Envelope>) + Send + Sync + 'static,
    ) -> Subscription {
        self.subscribe(TypedClosure { function, event: PhantomData })
    }

    /// As [`on`](Self::on), with a closure that may fail.
    pub fn try_on<E: Event>(
        &self,
        function: impl Fn(&E, &Arc<Envelope>) -> Result<(), ObserverError> + Send + Sync + 'static,
    ) -> Subscription {
        self.subscribe(TypedClosure { function, event: PhantomData })
    }

    /// Registers an observer that is called inline. On a closed bus nothing happens.
    pub fn subscribe(&self, observer: impl Observer) -> Subscription {
        let registration = self.register(observer);
        registration.start_inline()
    }

    /// Begins a registration with a queue, a priority, the past, or other settings.
    pub fn register(&self, observer: impl Observer) -> Registration {
        Registration::new(Arc::clone(self.shared()), Arc::new(observer))
    }

    /// Delivers an envelope that came from elsewhere, as if it were emitted here and now:
    /// its ids, times, run, node and entity stay as they are. For replay and relay.
    ///
    /// Processors and content dedup of the bus do not apply to it.
    pub fn republish(&self, envelope: Arc<Envelope>) -> Receipt {
        self.shared().republish(envelope)
    }

    /// Hands every event of this bus to `master`, too, what it says of its own observers
    /// included, until the subscription ends: see [`republish`](Self::republish).
    ///
    /// What hangs on the master inline holds up whoever emits here. The subscription keeps
    /// the master open. Buses must not relay in a circle: an event would never come to rest.
    ///
    /// ```
    /// use tidings_registry::{Bus, Metrics};
    ///
    /// let master = Bus::builder().node("master").build();
    /// let metrics = std::sync::Arc::new(Metrics::new());
    /// master.subscribe(metrics.clone()).detach();
    ///
    /// let node = Bus::builder().run(master.run()).node("lab-1").build();
    /// node.relay_to(&master).detach();
    /// node.raw_emitter("case", "t1").emit("case.started", serde_json::json!({}))?;
    /// assert_eq!(metrics.snapshot().count("case.started"), 1);
    /// # Ok::<(), tidings_core::RawEmitError>(())
    /// ```
    #[expect(clippy::missing_panics_doc, reason = "the reserved segment is a prefix")]
    pub fn relay_to(&self, master: &Self) -> Subscription {
        let reserved = Prefix::parse(RESERVED_SEGMENT).expect("the reserved segment is a prefix");
        let interest = Interest::everything().with(reserved);
        let master = master.clone();
        let function = move |envelope: &Arc<Envelope>| {
            // What becomes of it there is in the report of the master.
            master.republish(Arc::clone(envelope));
        };
        self.subscribe(Closure { interest, function })
    }

    /// Waits until everything accepted before the call, and everything it caused, is
    /// finished, and observers have written out what they held back.
    ///
    /// # Errors
    ///
    /// [`BarrierError`] when that is not so `within` this time, when an observer could not
    /// flush, or at once when called inside an observer of this bus.
    pub fn barrier(&self, within: Duration) -> Result<(), BarrierError> {
        self.shared().barrier(deadline_in(within))
    }

    /// Where every event is now; after a close, what the close said.
    pub fn report(&self) -> Report {
        self.shared().report()
    }

    /// Accepts nothing from here on, lets observers finish what was accepted, ends them, and
    /// says what became of every event.
    ///
    /// All of that shares one deadline, `within` from now; whoever is not finished by then is
    /// named in the report, with what it still holds. Closing again answers the same.
    /// Inside an observer it does not wait for that observer itself.
    ///
    /// # Errors
    ///
    /// [`CloseError`], with the report, when the bus is strict and not everything was
    /// delivered.
    pub fn close(&self, within: Duration) -> Result<CloseReport, CloseError> {
        let report = self.shared().close(deadline_in(within));
        if self.shared().strict && !report.complete {
            return Err(CloseError::new(report));
        }
        Ok(report)
    }

    /// Whether the bus was closed.
    pub fn is_closed(&self) -> bool {
        self.shared().gate.is_closed()
    }

    /// The id of this bus instance.
    pub fn id(&self) -> BusId {
        self.shared().id
    }

    /// The name of the run.
    pub fn run(&self) -> &str {
        &self.shared().run
    }

    /// The name of this node.
    pub fn node(&self) -> &str {
        &self.shared().node
    }
}

impl std::fmt::Debug for Bus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self.shared(), f)
    }
}
