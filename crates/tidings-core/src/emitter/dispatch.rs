//! What an emitter needs of a bus.
//!
//! A bus decides whether the event is heard, gives it its id, asks the draft for the
//! envelope and hands that to its observers. The draft knows the type of the payload, so
//! payload and head share one allocation.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::attributes::scope;
use crate::envelope::{Context, Encoded, Envelope, Head};
use crate::event::{Descriptor, Payload};
use crate::json::EncodeError;
use crate::{Attributes, Entity, EventType, Receipt, TypeTable};

/// A bus, as an emitter sees it. Implemented by the registry, not by users.
///
/// Called on the emitting thread, once per event.
pub trait Dispatch: Send + Sync + 'static {
    /// The table of an event's types on this bus; the same for the same list.
    fn table(&self, types: &'static [&'static Descriptor]) -> Arc<TypeTable>;

    /// A context with the run, node and attributes of the bus.
    fn context(&self, entity: Entity, attributes: &Attributes) -> Context;

    /// Accepts an event and hands it to those who listen.
    fn emit(&self, source: &Source, slot: TypeSlot<'_>, draft: &mut dyn Draft) -> Receipt;

    /// The receipt of an event of this type, when it does not depend on the event: nobody
    /// hears it, or the bus is closed.
    fn foreseen(&self, slot: TypeSlot<'_>) -> Option<Receipt>;

    /// Opens a lane of its own for a state machine.
    fn stream(&self) -> Arc<dyn Stream>;

    /// Tells one bus from another.
    fn key(&self) -> u64;
}

/// A lane that belongs to a state machine instead of a thread.
pub trait Stream: Send + Sync + 'static {
    /// Takes the next sequence for the event and keeps it for [`drain`](Self::drain).
    ///
    /// Called inside the machine's critical section, which is what orders the lane.
    ///
    /// # Errors
    ///
    /// [`StreamClosed`] when the bus is closed; then nothing was taken.
    fn accept(
        &self,
        source: &Source,
        slot: TypeSlot<'_>,
        draft: &mut dyn Draft,
    ) -> Result<Accepted, StreamClosed>;

    /// Delivers what was accepted.
    ///
    /// Called outside the critical section by whoever was told [`Accepted::Drain`]. The
    /// receipt is that of the event accepted then.
    fn drain(&self) -> Receipt;
}

/// What a [`Stream`] did with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Accepted {
    /// All is done, or somebody else is about to do it.
    Settled(Receipt),
    /// The caller has to call [`Stream::drain`].
    Drain,
}

/// The bus of a [`Stream`] is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bus is closed")]
pub struct StreamClosed;

/// Which type an event has, as quickly as its emitter can say it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum TypeSlot<'a> {
    /// The type at an index of a table.
    Known(&'a TypeTable, usize),
    /// A type that is known by name alone.
    Named(&'a EventType),
}

impl<'a> TypeSlot<'a> {
    /// The type.
    pub fn event_type(self) -> &'a EventType {
        match self {
            Self::Known(table, index) => table.event_type(index),
            Self::Named(event_type) => event_type,
        }
    }
}

/// An event on its way to become an envelope.
pub trait Draft {
    /// Its type.
    fn event_type(&self) -> &EventType;

    /// Its content.
    fn payload(&self) -> &dyn Payload;

    /// Moves the content into an envelope; called once at most.
    fn freeze(
        &mut self,
        head: Head,
        encoded: Option<Result<Encoded, EncodeError>>,
    ) -> Arc<Envelope>;
}

/// A draft that owns its payload.
pub(crate) struct Owned<'a, P> {
    event_type: &'a EventType,
    payload: Option<P>,
}

impl<'a, P> Owned<'a, P> {
    pub(crate) fn new(event_type: &'a EventType, payload: P) -> Self {
        Self { event_type, payload: Some(payload) }
    }
}

impl<P: Payload> Draft for Owned<'_, P> {
    fn event_type(&self) -> &EventType {
        self.event_type
    }

    fn payload(&self) -> &dyn Payload {
        self.payload.as_ref().expect("a draft is frozen once, at its end")
    }

    fn freeze(
        &mut self,
        head: Head,
        encoded: Option<Result<Encoded, EncodeError>>,
    ) -> Arc<Envelope> {
        let payload = self.payload.take().expect("a draft is frozen once");
        match encoded {
            None => Arc::new(Envelope::new(head, payload)),
            Some(encoded) => Arc::new(Envelope::with_encoded(head, payload, encoded)),
        }
    }
}

/// What all events of one emitter have in common, and a key to remember it by.
pub struct Source {
    key: u64,
    context: Context,
}

impl Source {
    /// A source with a key of its own.
    pub fn new(context: Context) -> Self {
        static NEXT_KEY: AtomicU64 = AtomicU64::new(0);
        Self { key: NEXT_KEY.fetch_add(1, Ordering::Relaxed), context }
    }

    /// The context of the emitter, without what is in scope on this thread.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// What the context of an event depends on: the emitter, and what is in scope on this
    /// thread. Equal keys, equal contexts.
    #[inline]
    pub fn key(&self) -> (u64, u64) {
        (self.key, scope::current_key())
    }

    /// The emitter's context with what is in scope on this thread, in memory of its own.
    pub fn context_here(&self) -> Context {
        let mut context = self.context.clone();
        let scoped = scope::current_attributes();
        if !scoped.is_empty() {
            context.attributes = context.attributes.merged(&scoped);
        }
        context
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("context", &self.context).finish_non_exhaustive()
    }
}
