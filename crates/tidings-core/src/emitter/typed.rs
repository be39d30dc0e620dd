//! The typed handle that speaks for one entity.

use std::fmt;
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use serde_json::Value;

use super::dispatch::{Dispatch, Owned, Source, TypeSlot};
use super::table::index_of;
use crate::event::Event;
use crate::{Attributes, ContentId, Entity, EventType, Receipt, TypeTable};

/// Emits events of type `E` about one entity.
///
/// Cheap to clone, to share and to send; [`child`](Self::child) and [`with`](Self::with)
/// derive others. An emitter does not keep its bus open.
pub struct Emitter<E> {
    // Beside the source and not inside it: the first thing that `emit` reads.
    table: Arc<TypeTable>,
    source: Arc<Source>,
    dispatch: Arc<dyn Dispatch>,
    event: PhantomData<fn(E)>,
}

impl<E: Event> Emitter<E> {
    /// An emitter on `dispatch` for `entity`; a bus offers a shorter way.
    pub fn new(dispatch: Arc<dyn Dispatch>, entity: Entity) -> Self {
        let context = dispatch.context(entity, &Attributes::new());
        Self::from_source(dispatch, Source::new(context))
    }

    fn from_source(dispatch: Arc<dyn Dispatch>, source: Source) -> Self {
        Self {
            table: dispatch.table(E::DESCRIPTORS),
            source: Arc::new(source),
            dispatch,
            event: PhantomData,
        }
    }

    /// Emits an event on this thread's lane and says what became of it.
    ///
    /// Inline observers have run when it returns, on this thread and in order; observers
    /// with a queue have it in their queue. When nobody listens nothing is made at all.
    #[inline]
    pub fn emit(&self, event: E) -> Receipt {
        let index = event.descriptor_index();
        if self.table.is_unheard(index) {
            return Receipt::UNHEARD;
        }
        self.emit_heard(index, event)
    }

    /// Emits the event that `make` builds, which runs only if somebody listens to
    /// `event_type`.
    ///
    /// The event that was built is routed by its own type. A type that is none of `E`'s
    /// is nobody's: then `make` runs, to find out what was meant.
    #[inline]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a constant of the derive is passed, which a borrow would only make longer"
    )]
    pub fn emit_with(&self, event_type: EventType, make: impl FnOnce() -> E) -> Receipt {
        if let Some(index) = index_of(E::DESCRIPTORS, &event_type) {
            if self.table.is_unheard(index) {
                return Receipt::UNHEARD;
            }
            if let Some(receipt) = self.dispatch.foreseen(TypeSlot::Known(&self.table, index)) {
                return receipt;
            }
        }
        self.emit(make())
    }

    #[inline(never)]
    fn emit_heard(&self, index: usize, event: E) -> Receipt {
        let mut draft = Owned::new(&E::DESCRIPTORS[index].event_type, event);
        self.dispatch.emit(&self.source, TypeSlot::Known(&self.table, index), &mut draft)
    }

    /// The content id that `event` would have.
    ///
    /// # Errors
    ///
    /// [`EncodeError`](crate::json::EncodeError) when a part of it has no JSON form.
    pub fn content_id(&self, event: &E) -> Result<ContentId, crate::json::EncodeError> {
        ContentId::of(event, self.entity())
    }

    /// An emitter for the entity one level below.
    #[must_use]
    pub fn child(&self, kind: &str, id: &str) -> Self {
        let mut context = self.source.context().clone();
        context.entity = context.entity.child(kind, id);
        self.derived(Source::new(context))
    }

    /// An emitter for the same entity whose events carry one more attribute.
    #[must_use]
    pub fn with(&self, name: &str, value: impl Into<Value>) -> Self {
        let mut context = self.source.context().clone();
        context.attributes.set(name, value);
        self.derived(Source::new(context))
    }

    /// An emitter for the same entity and attributes with events of another type.
    #[must_use]
    pub fn cast<F: Event>(&self) -> Emitter<F> {
        let source = Source::new(self.source.context().clone());
        Emitter::from_source(Arc::clone(&self.dispatch), source)
    }

    fn derived(&self, source: Source) -> Self {
        Self {
            table: Arc::clone(&self.table),
            source: Arc::new(source),
            dispatch: Arc::clone(&self.dispatch),
            event: PhantomData,
        }
    }

    /// What the events are about.
    pub fn entity(&self) -> &Entity {
        &self.source.context().entity
    }

    /// The attributes of the bus and of this emitter.
    pub fn attributes(&self) -> &Attributes {
        &self.source.context().attributes
    }

    /// The bus, as emitters see it.
    #[doc(hidden)]
    pub fn parts(&self) -> (&Arc<dyn Dispatch>, &Source, &TypeTable) {
        (&self.dispatch, &self.source, &self.table)
    }
}

// Test frameworks emit inside of `catch_unwind`. A panic of an observer is contained by the
// bus, and an emitter itself never changes.
impl<E> UnwindSafe for Emitter<E> {}
impl<E> RefUnwindSafe for Emitter<E> {}

impl<E> Clone for Emitter<E> {
    fn clone(&self) -> Self {
        Self {
            table: Arc::clone(&self.table),
            source: Arc::clone(&self.source),
            dispatch: Arc::clone(&self.dispatch),
            event: PhantomData,
        }
    }
}

impl<E> fmt::Debug for Emitter<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emitter")
            .field("entity", &self.source.context().entity)
            .finish_non_exhaustive()
    }
}
