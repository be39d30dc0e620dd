//! One event after the other, in one pass, without a value in between.

use tidings_core::Envelope;
use tidings_core::text::push_string;
use tidings_delivery::Unencodable;

use super::context::Contexts;
use super::text::{EventIds, push_content_id, push_integer, push_seconds};

/// Room for ids, times and names of members.
const EVENT_BYTES_EXTRA: usize = 320;

/// What Splunk files events under, as far as it was configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Labels {
    /// Otherwise the node of the event.
    pub(crate) host: Option<String>,
    /// Otherwise the path of run, node and entity.
    pub(crate) source: Option<String>,
    pub(crate) sourcetype: String,
    /// Otherwise the one that Splunk knows for the token.
    pub(crate) index: Option<String>,
}

/// Writes events as the collector takes them.
#[derive(Debug)]
pub(crate) struct Encoder {
    labels: Labels,
    contexts: Contexts,
    /// The type of one event as a JSON string.
    event_type: String,
    ids: EventIds,
}

impl Encoder {
    pub(crate) fn new(labels: Labels) -> Self {
        Self { labels, contexts: Contexts::new(), event_type: String::new(), ids: EventIds::new() }
    }

    /// The index that is configured.
    pub(crate) fn index(&self) -> Option<&str> {
        self.labels.index.as_deref()
    }

    /// Appends one event to `out`.
    ///
    /// # Errors
    ///
    /// [`Unencodable`] when the payload has no JSON form; `out` is then as it was.
    pub(crate) fn encode(
        &mut self,
        envelope: &Envelope,
        position: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), Unencodable> {
        let data = envelope.data().map_err(|fault| Unencodable::new(fault.to_string()))?;
        let shared = self.contexts.of(envelope, &self.labels);
        self.event_type.clear();
        push_string(&mut self.event_type, envelope.event_type().as_str());
        let length = shared.lead.len() + shared.middle.len() + shared.tail.len() + data.len();
        out.reserve(length + 2 * self.event_type.len() + EVENT_BYTES_EXTRA);

        out.extend_from_slice(b"{\"time\":");
        push_seconds(out, envelope.time());
        out.extend_from_slice(shared.lead.as_bytes());
        out.extend_from_slice(self.event_type.as_bytes());
        out.extend_from_slice(b",\"id\":\"");
        self.ids.push(out, envelope.id());
        // Raw data that repeats a key has none.
        if let Ok(content_id) = envelope.content_id() {
            out.extend_from_slice(b"\",\"contentid\":\"");
            push_content_id(out, content_id);
        }
        out.extend_from_slice(b"\",\"position\":");
        push_integer(out, position);
        out.extend_from_slice(shared.middle.as_bytes());
        push_optional(envelope, &mut self.ids, out);
        out.extend_from_slice(b",\"data\":");
        out.extend_from_slice(data.as_bytes());
        out.extend_from_slice(b"},\"fields\":{\"type\":");
        out.extend_from_slice(self.event_type.as_bytes());
        out.extend_from_slice(shared.tail.as_bytes());
        Ok(())
    }
}

fn push_optional(envelope: &Envelope, ids: &mut EventIds, out: &mut Vec<u8>) {
    if let Some(role) = envelope.role().as_str() {
        out.extend_from_slice(b",\"role\":\"");
        out.extend_from_slice(role.as_bytes());
        out.push(b'"');
    }
    if let Some(cause) = envelope.caused_by() {
        out.extend_from_slice(b",\"causedby\":\"");
        ids.push(out, cause);
        out.push(b'"');
    }
}
