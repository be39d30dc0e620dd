//! The handle for events whose names are known only at run time.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use serde_json::Value;
use thiserror::Error;

use super::dispatch::{Dispatch, Owned, Source, TypeSlot};
use crate::event::{InvalidJson, RawJson, RawPayload};
use crate::{Attributes, Entity, EventType, InvalidEventType, Receipt};

/// Emits events of any type about one entity, their content as JSON.
#[derive(Clone)]
pub struct RawEmitter {
    source: Arc<Source>,
    dispatch: Arc<dyn Dispatch>,
}

impl RawEmitter {
    /// An emitter on `dispatch` for `entity`; a bus offers a shorter way.
    pub fn new(dispatch: Arc<dyn Dispatch>, entity: Entity) -> Self {
        let context = dispatch.context(entity, &Attributes::new());
        Self { source: Arc::new(Source::new(context)), dispatch }
    }

    /// Emits an event of the type `event_type` with this content: a
    /// [`serde_json::Value`], a [`RawJson`] or a [`RawPayload`].
    ///
    /// # Errors
    ///
    /// [`RawEmitError`] when the name is no event type; then nothing was emitted.
    pub fn emit(
        &self,
        event_type: &str,
        data: impl Into<RawPayload>,
    ) -> Result<Receipt, RawEmitError> {
        Ok(self.emit_as(&EventType::parse(event_type)?, data))
    }

    /// As [`emit`](Self::emit), with the content as JSON text, kept byte for byte.
    ///
    /// # Errors
    ///
    /// [`RawEmitError`] when the name is no event type or the text no JSON; then nothing
    /// was emitted.
    pub fn emit_text(&self, event_type: &str, data: &str) -> Result<Receipt, RawEmitError> {
        let event_type = EventType::parse(event_type)?;
        Ok(self.emit_as(&event_type, RawJson::parse(data)?))
    }

    /// Emits an event whose type was checked before, a foreign one for example.
    pub fn emit_as(&self, event_type: &EventType, data: impl Into<RawPayload>) -> Receipt {
        let mut draft = Owned::new(event_type, data.into());
        self.dispatch.emit(&self.source, TypeSlot::Named(event_type), &mut draft)
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

    fn derived(&self, source: Source) -> Self {
        Self { source: Arc::new(source), dispatch: Arc::clone(&self.dispatch) }
    }

    /// What the events are about.
    pub fn entity(&self) -> &Entity {
        &self.source.context().entity
    }
}

// As for the typed emitter: a panic cannot leave one half changed.
impl UnwindSafe for RawEmitter {}
impl RefUnwindSafe for RawEmitter {}

impl fmt::Debug for RawEmitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawEmitter").field("entity", self.entity()).finish_non_exhaustive()
    }
}

impl<J: Into<RawJson>> From<J> for RawPayload {
    fn from(data: J) -> Self {
        Self::new(data)
    }
}

/// Why a raw event was not emitted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RawEmitError {
    /// The name is no event type.
    #[error(transparent)]
    Name(#[from] InvalidEventType),
    /// The content is no JSON.
    #[error(transparent)]
    Data(#[from] InvalidJson),
}
