//! Encoded events: what batches are views of.
//!
//! An event is encoded once; what is left after a partial success keeps its bytes.

use std::sync::Arc;

use tidings_core::Envelope;

use super::{Batch, Sink, Unencodable};

/// The most memory that is kept for the next events.
const KEPT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Events and their encoded bytes, in order.
///
/// A delivery makes its own; it is public so that a sink's unit tests can make a batch.
///
/// ```
/// # use tidings_delivery::{Batch, Load, Outcome, Sink};
/// # struct Shelf;
/// # impl Sink for Shelf {
/// #     fn send(&mut self, batch: &Batch<'_>) -> Outcome { Outcome::delivered() }
/// # }
/// # fn some_event() -> std::sync::Arc<tidings_core::Envelope> {
/// #     tidings_core::wire::read_event(r#"{"specversion":"1.0","id":"01890a5d-ac96-774b-bcce-b302099a8057.0.0","source":"/r/n","type":"a.b","time":"2026-01-01T00:00:00Z","runid":"r","node":"n","entity":"[[\"case\",\"t1\"]]","data":{}}"#).unwrap().envelope
/// # }
/// let mut load = Load::new();
/// let mut sink = Shelf;
/// load.push(&mut sink, some_event(), 0)?;
/// assert_eq!(sink.send(&load.batch(1, 1)), Outcome::delivered());
/// # Ok::<(), tidings_delivery::Unencodable>(())
/// ```
#[derive(Debug, Default)]
pub struct Load {
    events: Vec<Loaded>,
    bytes: Vec<u8>,
}

/// One event and where its bytes are.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) envelope: Arc<Envelope>,
    pub(crate) position: u64,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Load {
    /// No events yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Has `sink` encode one more event; answers how many bytes that made.
    ///
    /// # Errors
    ///
    /// [`Unencodable`] when the event has no form there; nothing is added then.
    pub fn push(
        &mut self,
        sink: &mut (impl Sink + ?Sized),
        envelope: Arc<Envelope>,
        position: u64,
    ) -> Result<usize, Unencodable> {
        let start = self.bytes.len();
        if let Err(fault) = sink.encode(&envelope, position, &mut self.bytes) {
            self.bytes.truncate(start);
            return Err(fault);
        }
        let end = self.bytes.len();
        let Some(len) = end.checked_sub(start) else {
            return Err(Unencodable::new("its encoding took away the bytes of other events"));
        };
        self.events.push(Loaded { envelope, position, start, end });
        Ok(len)
    }

    /// All events as a batch of this number and attempt.
    pub fn batch(&self, number: u64, attempt: u32) -> Batch<'_> {
        self.batch_of_first(self.len(), number, attempt)
    }

    /// The first `len` events as a batch.
    pub(crate) fn batch_of_first(&self, len: usize, number: u64, attempt: u32) -> Batch<'_> {
        let events = &self.events[..len];
        let start = events.first().map_or(0, |event| event.start);
        let end = events.last().map_or(start, |event| event.end);
        Batch::new(number, attempt, events, &self.bytes[start..end])
    }

    /// How many bytes all events have.
    pub(crate) fn bytes(&self) -> usize {
        let start = self.events.first().map_or(self.bytes.len(), |event| event.start);
        // A sink that broke its contract has taken away bytes that were there.
        self.bytes.len().saturating_sub(start)
    }

    /// Takes the last event back out.
    pub(crate) fn pop(&mut self) -> Option<Arc<Envelope>> {
        let event = self.events.pop()?;
        self.bytes.truncate(event.start);
        Some(event.envelope)
    }

    /// Forgets bytes behind the last event: an encoder that panicked left them.
    pub(crate) fn cut(&mut self) {
        self.bytes.truncate(self.events.last().map_or(0, |event| event.end));
    }

    /// Lets the first events go; the bytes of the others stay where they are.
    pub(crate) fn remove_first(&mut self, count: usize) {
        self.events.drain(..count);
        if self.events.is_empty() {
            self.bytes.clear();
        }
    }

    /// Lets one event go and closes the gap.
    pub(crate) fn remove(&mut self, index: usize) {
        let event = self.events.remove(index);
        let len = event.end - event.start;
        self.bytes.drain(event.start..event.end);
        for later in &mut self.events[index..] {
            later.start -= len;
            later.end -= len;
        }
    }

    /// Lets all go and keeps the memory, within reason.
    pub(crate) fn clear(&mut self) {
        self.events.clear();
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES_MAX);
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use tidings_core::wire::read_event;

    use super::*;
    use crate::sink::Outcome;

    /// Takes away what is there from its second event on.
    struct Thief(bool);

    impl Sink for Thief {
        fn encode(
            &mut self,
            _envelope: &Envelope,
            _position: u64,
            out: &mut Vec<u8>,
        ) -> Result<(), Unencodable> {
            if std::mem::replace(&mut self.0, true) {
                out.clear();
            } else {
                out.extend_from_slice(b"an event");
            }
            Ok(())
        }

        fn send(&mut self, _batch: &Batch<'_>) -> Outcome {
            Outcome::delivered()
        }
    }

    #[test]
    fn an_encoding_that_takes_away_other_events_is_refused() {
        let line = concat!(
            r#"{"specversion":"1.0","id":"01890a5d-ac96-774b-bcce-b302099a8057.0.0","#,
            r#""source":"/r/n","type":"a.b","time":"2026-01-01T00:00:00Z","runid":"r","#,
            r#""node":"n","entity":"[[\"case\",\"t1\"]]","data":{}}"#,
        );
        let event = read_event(line).expect("an event").envelope;
        let (mut load, mut sink) = (Load::new(), Thief(false));
        assert_eq!(load.push(&mut sink, Arc::clone(&event), 0), Ok(8));
        let refused = load.push(&mut sink, event, 1).expect_err("bytes are missing");
        assert!(refused.to_string().contains("bytes of other events"), "{refused}");
        assert_eq!((load.len(), load.bytes()), (1, 0));
    }
}
