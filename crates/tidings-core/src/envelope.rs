//! Envelopes: one occurrence, immutable and shared.
//!
//! The payload sits at the end of the same allocation. Its JSON and its content id are
//! made on first use, at most once, however many sinks want them.

use std::any::TypeId;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::event::{DecodeError, Event, EventRef, Payload, RawPayload, Role, Volatile};
use crate::json::EncodeError;
use crate::{Attributes, ContentId, Entity, EventId, EventType, Timestamp};

/// One occurrence of an event: ids, type, entity, times, attributes, payload.
///
/// Observers get it as `&Arc<Envelope>` and may keep a clone for as long as they like.
pub struct Envelope<P: ?Sized = dyn Payload> {
    head: Head,
    encoded: OnceLock<Result<Encoded, EncodeError>>,
    payload: P,
}

/// All of an envelope but its payload.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Head {
    /// Which saying of it.
    pub id: EventId,
    /// What events of its kind are routed by.
    pub event_type: EventType,
    /// Run, node, entity and attributes.
    pub context: Arc<Context>,
    /// When it was emitted.
    pub time: Timestamp,
    /// How long its bus had been there by then.
    pub elapsed: Duration,
    /// The event that was being delivered when it was emitted.
    pub caused_by: Option<Box<EventId>>,
}

impl Head {
    /// The head of an event that nothing caused.
    #[inline]
    pub fn new(
        id: EventId,
        event_type: EventType,
        context: Arc<Context>,
        time: Timestamp,
        elapsed: Duration,
    ) -> Self {
        Self { id, event_type, context, time, elapsed, caused_by: None }
    }

    /// The head of an event that was emitted at `at`: the time, and how long its bus had been
    /// there.
    #[inline]
    pub fn emitted(
        id: EventId,
        event_type: EventType,
        context: Arc<Context>,
        at: (Timestamp, Duration),
        caused_by: Option<EventId>,
    ) -> Self {
        let (time, elapsed) = at;
        // Made whole at once: what is changed afterwards is copied first.
        Self { id, event_type, context, time, elapsed, caused_by: caused_by.map(Box::new) }
    }

    /// Names the event that caused it.
    #[must_use]
    #[inline]
    pub fn with_cause(mut self, caused_by: Option<EventId>) -> Self {
        self.caused_by = caused_by.map(Box::new);
        self
    }
}

/// What all events of one emitter have in common.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Context {
    /// The run that this node is part of.
    pub run: Arc<str>,
    /// The node that emitted it.
    pub node: Arc<str>,
    /// What the event is about.
    pub entity: Entity,
    /// Context added for the author.
    pub attributes: Attributes,
}

impl Context {
    /// Puts a context together.
    pub fn new(run: Arc<str>, node: Arc<str>, entity: Entity, attributes: Attributes) -> Self {
        Self { run, node, entity, attributes }
    }
}

impl ContentId {
    /// The content id that `event`, said about `entity`, has or would have.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] when a part of the event has no JSON form.
    pub fn of<E: Event>(event: &E, entity: &Entity) -> Result<Self, EncodeError> {
        Encoded::new(event, event.event_type(), entity).map(|encoded| encoded.content_id)
    }
}

/// What is made of a payload once.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// The canonical JSON; absent when the payload is raw and has its own text.
    json: Option<Box<str>>,
    content_id: ContentId,
}

impl Encoded {
    /// Makes JSON and content id of `payload`.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] when a part of the payload has no JSON form.
    pub fn new(
        payload: &(impl Payload + ?Sized),
        event_type: &EventType,
        entity: &Entity,
    ) -> Result<Self, EncodeError> {
        let raw = payload.as_raw();
        if let Some(content_id) = raw.and_then(RawPayload::content_id) {
            return Ok(Self { json: None, content_id });
        }
        let canonical = payload.to_canonical()?;
        let (name, entity) = (event_type.as_str(), entity.canonical_json());
        let content_id = match payload.volatile() {
            Volatile::Static(names) => ContentId::compute(name, entity, &canonical, names),
            Volatile::Owned(names) => ContentId::compute(name, entity, &canonical, names),
        };
        let json = raw.is_none().then(|| canonical.as_str().into());
        canonical.recycle();
        Ok(Self { json, content_id })
    }

    /// The content id.
    pub fn content_id(&self) -> ContentId {
        self.content_id
    }
}

impl<P: Payload> Envelope<P> {
    /// Puts an envelope together; it never changes again.
    #[inline]
    pub fn new(head: Head, payload: P) -> Self {
        Self { head, encoded: OnceLock::new(), payload }
    }

    /// As [`new`](Self::new), with JSON and content id that were needed before.
    pub fn with_encoded(head: Head, payload: P, encoded: Result<Encoded, EncodeError>) -> Self {
        Self { head, encoded: OnceLock::from(encoded), payload }
    }
}

impl<P: Payload + ?Sized> Envelope<P> {
    /// Which saying of it.
    pub fn id(&self) -> EventId {
        self.head.id
    }

    /// The name it is routed by.
    pub fn event_type(&self) -> &EventType {
        &self.head.event_type
    }

    /// What it is about, outermost first.
    pub fn entity(&self) -> &Entity {
        &self.head.context.entity
    }

    /// The run that its node is part of.
    pub fn run(&self) -> &str {
        &self.head.context.run
    }

    /// The node that emitted it.
    pub fn node(&self) -> &str {
        &self.head.context.node
    }

    /// Context added for the author.
    pub fn attributes(&self) -> &Attributes {
        &self.head.context.attributes
    }

    /// When it was emitted.
    pub fn time(&self) -> Timestamp {
        self.head.time
    }

    /// How long its bus had been there when it was emitted.
    pub fn elapsed(&self) -> Duration {
        self.head.elapsed
    }

    /// The event that was being delivered when it was emitted.
    pub fn caused_by(&self) -> Option<EventId> {
        self.head.caused_by.as_deref().copied()
    }

    /// Whether it begins or ends its entity.
    pub fn role(&self) -> Role {
        self.payload.role()
    }

    /// The content.
    pub fn payload(&self) -> &P {
        &self.payload
    }

    /// What was said, as an id: equal content, equal id.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] when a part of the payload has no JSON form.
    pub fn content_id(&self) -> Result<ContentId, &EncodeError> {
        self.encoded().map(Encoded::content_id)
    }

    /// The JSON of the content: canonical when it was emitted here, byte for byte as it
    /// came in when not.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] when a part of the payload has no JSON form.
    pub fn data(&self) -> Result<&str, &EncodeError> {
        if let Some(raw) = self.payload.as_raw() {
            return Ok(raw.data().as_str());
        }
        // Only a raw payload leaves its JSON out, and that was looked at above.
        Ok(self.encoded()?.json.as_deref().unwrap_or("null"))
    }

    fn encoded(&self) -> Result<&Encoded, &EncodeError> {
        self.encoded
            .get_or_init(|| Encoded::new(&self.payload, self.event_type(), self.entity()))
            .as_ref()
    }

    /// The content as `E`: borrowed when it was emitted as `E` or embeds one, decoded from
    /// its JSON when it has a type of `E` and was emitted as something else or came from
    /// elsewhere. `None` when its type is none of `E`'s.
    ///
    /// An event that was recorded and is replayed is thus seen as it was when it was live.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the type is one of `E`'s and the data does not fit, or there
    /// is none because the payload has no JSON form.
    pub fn event<E: Event>(&self) -> Result<Option<EventRef<'_, E>>, DecodeError> {
        if let Some(found) = self.payload.project(TypeId::of::<E>()) {
            return Ok(found.downcast_ref().map(EventRef::Borrowed));
        }
        let Some(index) = E::TYPES.iter().position(|own| *own == self.event_type()) else {
            return Ok(None);
        };
        let data = self.data().map_err(|fault| DecodeError::new(fault.to_string()))?;
        E::decode(index, data)
            .map(|event| Some(EventRef::Decoded(Box::new(event))))
            .map_err(|fault| fault.of(self.event_type(), std::any::type_name::<E>()))
    }
}

impl<P: Payload + ?Sized> fmt::Debug for Envelope<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("id", &format_args!("{}", self.id()))
            .field("type", self.event_type())
            .field("entity", &format_args!("{}", self.entity()))
            .field("time", &self.time())
            .field("payload", &&self.payload)
            .finish_non_exhaustive()
    }
}
