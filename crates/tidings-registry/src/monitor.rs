//! State machines as observers: one machine per entity, driven by events or watching them.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use tidings_core::state::{Label, Protocol, ProtocolMode, State, StateName, Table, Violation};
use tidings_core::{Entity, Envelope, EventType, Interest};

use crate::observer::{Observer, ObserverError};
use crate::sync::Mutex;

/// Follows a state machine for each entity, stepped by event types.
///
/// A step that the table does not allow (done before start, two dones) is an error of this
/// observer: counted, reported, and emitted as `tidings.observer.failed`. A *driven* entity
/// then stays where it was; a *watched* one is taken to be where its event says.
///
/// ```
/// use std::sync::Arc;
/// use tidings_core::state::{ProtocolMode, Table};
/// use tidings_core::EventType;
/// use tidings_registry::{Bus, Monitor};
///
/// let table = Table::builder("case").initial("idle").edge("idle", "running")
///     .edge("running", "done").build()?;
/// let monitor = Arc::new(
///     Monitor::with_table(&table, ProtocolMode::Monitor)
///         .on(EventType::from_static("case.started"), "running")
///         .on(EventType::from_static("case.done"), "done"),
/// );
/// let bus = Bus::new();
/// let _watching = bus.subscribe(Arc::clone(&monitor));
/// let case = bus.raw_emitter("case", "t1");
/// assert_eq!(case.emit("case.done", serde_json::json!({}))?.failed(), 1);
/// assert_eq!(
///     monitor.violations()[0].to_string(),
///     "case/t1: `done` is not allowed in `idle` (allowed: `running`)"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Monitor<S> {
    steps: HashMap<EventType, S>,
    protocol: Mutex<Protocol<Entity, S>>,
}

impl<S: State> Monitor<S> {
    /// Follows the states of an enum.
    pub fn new(mode: ProtocolMode) -> Self {
        Self::over(Protocol::new(mode))
    }
}

impl Monitor<StateName> {
    /// Follows the states of a run-time table.
    pub fn with_table(table: &Table, mode: ProtocolMode) -> Self {
        Self::over(Protocol::with_table(table, mode))
    }
}

impl<S: Label> Monitor<S> {
    fn over(protocol: Protocol<Entity, S>) -> Self {
        Self { steps: HashMap::new(), protocol: Mutex::new(protocol) }
    }

    /// Takes an event of this type as a step to this state.
    #[must_use]
    pub fn on(mut self, event_type: EventType, target: impl Into<S>) -> Self {
        self.steps.insert(event_type, target.into());
        self
    }

    /// The state of an entity, if it has been seen.
    pub fn state(&self, entity: &Entity) -> Option<S> {
        self.protocol.lock().state(entity)
    }

    /// The last steps that broke the protocol, oldest first.
    pub fn violations(&self) -> Vec<Violation<Entity, S>> {
        self.protocol.lock().violations().cloned().collect()
    }

    /// How many steps broke the protocol.
    pub fn violation_count(&self) -> u64 {
        self.protocol.lock().violation_count()
    }

    /// The entities that are in no terminal state, and the state they are in.
    pub fn unfinished(&self) -> Vec<(Entity, S)> {
        let protocol = self.protocol.lock();
        protocol.unfinished().map(|(entity, state)| (entity.clone(), state)).collect()
    }
}

impl<S: Label> Observer for Monitor<S> {
    fn kind(&self) -> &'static str {
        "monitor"
    }

    fn interest(&self) -> Interest {
        Interest::types(self.steps.keys())
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        let Some(target) = self.steps.get(envelope.event_type()) else {
            return Ok(());
        };
        let fed = self.protocol.lock().feed(envelope.entity(), target.clone(), envelope.elapsed());
        match fed {
            Ok(_) => Ok(()),
            Err(violation) => Err(ObserverError::failed(violation.to_string())),
        }
    }

    fn needs_close(&self) -> bool {
        false
    }
}

impl<S: Label> fmt::Debug for Monitor<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor").field("steps", &self.steps).finish_non_exhaustive()
    }
}
