//! A batch as its sink sees it.

use std::sync::Arc;

use tidings_core::Envelope;

use super::load::Loaded;

/// Some events in order, with the bytes that [`Sink::encode`](crate::Sink::encode) made of
/// them.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    number: u64,
    attempt: u32,
    events: &'a [Loaded],
    bytes: &'a [u8],
}

impl<'a> Batch<'a> {
    pub(super) fn new(number: u64, attempt: u32, events: &'a [Loaded], bytes: &'a [u8]) -> Self {
        Self { number, attempt, events, bytes }
    }

    /// Counts the calls of [`Sink::send`](crate::Sink::send) of one delivery.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Which attempt at its first event this is, beginning with 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// How many events there are; at least one.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether there is no event, which no delivery ever sends.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The bytes of all events, one after the other.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The events, in the order they were emitted.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = BatchEvent<'a>> + use<'a> {
        let (bytes, offset) = (self.bytes, self.events.first().map_or(0, |event| event.start));
        self.events.iter().map(move |event| BatchEvent {
            envelope: &event.envelope,
            position: event.position,
            bytes: &bytes[event.start - offset..event.end - offset],
        })
    }

    /// The event at this index.
    pub fn event(&self, index: usize) -> Option<BatchEvent<'a>> {
        self.iter().nth(index)
    }

    /// A text that is equal for every attempt at exactly these events, and for no others:
    /// first event id, number of events, last event id.
    pub fn idempotency_key(&self) -> String {
        let id = |event: Option<&Loaded>| {
            event.map_or_else(String::new, |event| event.envelope.id().to_string())
        };
        format!("{}+{}+{}", id(self.events.first()), self.len(), id(self.events.last()))
    }
}

/// One event of a batch.
#[derive(Debug, Clone, Copy)]
pub struct BatchEvent<'a> {
    envelope: &'a Arc<Envelope>,
    position: u64,
    bytes: &'a [u8],
}

impl<'a> BatchEvent<'a> {
    /// The event itself.
    pub fn envelope(&self) -> &'a Arc<Envelope> {
        self.envelope
    }

    /// The delivery's own gapless count.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// What [`Sink::encode`](crate::Sink::encode) made of it.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }
}
