//! Processors: what happens to an event before its envelope freezes.

use std::any::TypeId;
use std::fmt;

use serde_json::Value;
use tidings_core::emitter::Draft;
use tidings_core::{Attributes, Entity, Event, EventType};

/// Looks at every event that somebody hears, on the emitting thread, before it becomes an
/// envelope: adds attributes, or drops it.
pub(crate) type Processor =
    Box<dyn for<'a, 'b> Fn(&'a mut Processing<'b>) -> Verdict + Send + Sync>;

/// What a processor says of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It goes on, to the next processor or the observers.
    Keep,
    /// Nobody gets it; it is counted as filtered.
    Drop,
}

/// An event before its envelope freezes.
pub struct Processing<'a> {
    draft: &'a dyn Draft,
    entity: &'a Entity,
    given: &'a Attributes,
    added: Attributes,
}

impl<'a> Processing<'a> {
    pub(crate) fn new(draft: &'a dyn Draft, entity: &'a Entity, given: &'a Attributes) -> Self {
        Self { draft, entity, given, added: Attributes::new() }
    }

    /// Its type.
    pub fn event_type(&self) -> &EventType {
        self.draft.event_type()
    }

    /// What it is about.
    pub fn entity(&self) -> &Entity {
        self.entity
    }

    /// The event, when it was emitted as an `E` or embeds one.
    pub fn event<E: Event>(&self) -> Option<&E> {
        self.draft.payload().project(TypeId::of::<E>())?.downcast_ref()
    }

    /// An attribute it has by now.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.added.get(name).or_else(|| self.given.get(name))
    }

    /// Gives it an attribute, in place of one of the same name.
    pub fn set_attribute(&mut self, name: &str, value: impl Into<Value>) {
        self.added.set(name, value);
    }

    pub(crate) fn into_added(self) -> Attributes {
        self.added
    }
}

impl fmt::Debug for Processing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Processing")
            .field("type", self.event_type())
            .field("entity", self.entity)
            .field("payload", &self.draft.payload())
            .finish_non_exhaustive()
    }
}
