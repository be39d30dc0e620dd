//! The parts of the JSON that all events of one context share.
//!
//! Run, node, entity and attributes are escaped once per context, not once per event.
//! A remembered text is used only after what it was made from was compared.

use tidings_core::{Attributes, Entity, Envelope};

use super::encoder::Labels;
use super::text::push_string;

/// How many contexts are remembered, as a power of two.
const CONTEXTS_BITS: u32 = 7;
/// The attribute by which an event names the index it belongs into.
pub const INDEX_ATTRIBUTE: &str = "splunk.index";

/// The index that an event names itself; an empty or other value names none.
pub(crate) fn own_index(attributes: &Attributes) -> Option<&str> {
    attributes.text(INDEX_ATTRIBUTE).filter(|index| !index.is_empty())
}

/// The shared parts of the events of one context.
#[derive(Debug, Default)]
pub(super) struct Shared {
    run: String,
    node: String,
    entity: Option<Entity>,
    attributes: Attributes,
    /// From behind the time to the type of the event.
    pub(super) lead: Vec<u8>,
    /// From the run to the attributes.
    pub(super) middle: Vec<u8>,
    /// From behind the type among the fields to the end.
    pub(super) tail: Vec<u8>,
}

/// Remembers the shared parts of the contexts seen last.
#[derive(Debug)]
pub(super) struct Contexts {
    slots: Box<[Shared]>,
    /// Attributes are most often those of the bus, whatever the entity.
    attributes: Attributes,
    attributes_json: String,
}

impl Contexts {
    pub(super) fn new() -> Self {
        Self {
            slots: (0..1 << CONTEXTS_BITS).map(|_| Shared::default()).collect(),
            attributes: Attributes::new(),
            attributes_json: "{}".to_owned(),
        }
    }

    /// The shared parts of this event.
    pub(super) fn of(&mut self, envelope: &Envelope, labels: &Labels) -> &Shared {
        let place = place(envelope.entity());
        if !self.slots[place].fits(envelope) {
            if !are_equal(&self.attributes, envelope.attributes()) {
                self.attributes = envelope.attributes().clone();
                self.attributes_json = attributes_json(envelope.attributes());
            }
            self.slots[place].refill(envelope, labels, &self.attributes_json);
        }
        &self.slots[place]
    }
}

/// Where a context is remembered: cases of one suite differ in the last bytes of their path.
fn place(entity: &Entity) -> usize {
    const MIXER: u64 = 0x9e37_79b9_7f4a_7c15;
    let json = entity.canonical_json().as_bytes();
    let innermost = &json[..json.len().saturating_sub("\"]]".len())];
    let end = innermost.last_chunk::<8>().map_or(0, |chunk| u64::from_be_bytes(*chunk));
    // Every bit has its part in the highest ones.
    let mixed = (end ^ (json.len() as u64) << 32).wrapping_mul(MIXER);
    usize::try_from(mixed >> (u64::BITS - CONTEXTS_BITS)).expect("a few bits")
}

impl Shared {
    fn fits(&self, envelope: &Envelope) -> bool {
        self.entity.as_ref() == Some(envelope.entity())
            && self.run == envelope.run()
            && self.node == envelope.node()
            && are_equal(&self.attributes, envelope.attributes())
    }

    /// Makes the parts of another context, in the memory of the former one.
    fn refill(&mut self, envelope: &Envelope, labels: &Labels, attributes_json: &str) {
        envelope.run().clone_into(&mut self.run);
        envelope.node().clone_into(&mut self.node);
        self.entity = Some(envelope.entity().clone());
        self.attributes = envelope.attributes().clone();
        self.lead.clear();
        push_lead(&mut self.lead, envelope, labels);
        self.middle.clear();
        push_middle(&mut self.middle, envelope, attributes_json);
        self.tail.clear();
        self.tail.push(b'"');
        push_run_and_node(&mut self.tail, envelope);
        self.tail.extend_from_slice(b"}}");
    }
}

/// Attributes are shared, so that most often the first value is the very same one. As long
/// as it is held here, another map cannot have it.
fn are_equal(held: &Attributes, other: &Attributes) -> bool {
    match (held.iter().next(), other.iter().next()) {
        (None, None) => true,
        (Some((_, held_value)), Some((_, value))) => {
            std::ptr::eq(held_value, value) || held == other
        }
        _ => false,
    }
}

fn push_lead(out: &mut Vec<u8>, envelope: &Envelope, labels: &Labels) {
    out.extend_from_slice(b",\"host\":");
    push_string(out, labels.host.as_deref().unwrap_or(envelope.node()));
    out.extend_from_slice(b",\"source\":");
    match &labels.source {
        Some(source) => push_string(out, source),
        None => push_path(out, envelope),
    }
    out.extend_from_slice(b",\"sourcetype\":");
    push_string(out, &labels.sourcetype);
    if let Some(index) = own_index(envelope.attributes()).or(labels.index.as_deref()) {
        out.extend_from_slice(b",\"index\":");
        push_string(out, index);
    }
    out.extend_from_slice(b",\"event\":{\"type\":\"");
}

fn push_middle(out: &mut Vec<u8>, envelope: &Envelope, attributes_json: &str) {
    push_run_and_node(out, envelope);
    out.extend_from_slice(b",\"entity\":{");
    push_entity(out, envelope.entity());
    out.push(b'}');
    if repeats_a_kind(envelope.entity()) {
        out.extend_from_slice(b",\"entitypath\":");
        out.extend_from_slice(envelope.entity().canonical_json().as_bytes());
    }
    out.extend_from_slice(b",\"attributes\":");
    out.extend_from_slice(attributes_json.as_bytes());
}

fn push_run_and_node(out: &mut Vec<u8>, envelope: &Envelope) {
    out.extend_from_slice(b",\"run\":");
    push_string(out, envelope.run());
    out.extend_from_slice(b",\"node\":");
    push_string(out, envelope.node());
}

fn attributes_json(attributes: &Attributes) -> String {
    tidings_core::json::to_string(attributes)
        // Nested deeper than canonical JSON allows: any JSON of it says the same.
        .or_else(|_| serde_json::to_string(attributes))
        .expect("names and JSON values always have a JSON form")
}

fn repeats_a_kind(entity: &Entity) -> bool {
    let kinds = || entity.pairs().map(|(kind, _)| kind);
    kinds().enumerate().any(|(index, kind)| kinds().take(index).any(|earlier| earlier == kind))
}

/// `"suite":"a","case":"t1"`; ids of a kind that repeats are a list, the outermost first.
fn push_entity(out: &mut Vec<u8>, entity: &Entity) {
    let mut separator = "";
    for (index, (kind, id)) in entity.pairs().enumerate() {
        if entity.pairs().take(index).any(|(earlier, _)| earlier == kind) {
            continue;
        }
        out.extend_from_slice(separator.as_bytes());
        separator = ",";
        push_string(out, kind);
        out.push(b':');
        let mut further = entity.pairs().skip(index + 1).filter(|pair| pair.0 == kind).peekable();
        if further.peek().is_none() {
            push_string(out, id);
            continue;
        }
        out.push(b'[');
        push_string(out, id);
        for (_, id) in further {
            out.push(b',');
            push_string(out, id);
        }
        out.push(b']');
    }
}

/// `"/<run>/<node>/<kind>/<id>…"`, percent-encoded as the `source` of a CloudEvent.
fn push_path(out: &mut Vec<u8>, envelope: &Envelope) {
    let pairs = envelope.entity().pairs().flat_map(|(kind, id)| [kind, id]);
    out.push(b'"');
    for segment in [envelope.run(), envelope.node()].into_iter().chain(pairs) {
        push_segment(out, segment);
    }
    out.push(b'"');
}

fn push_segment(out: &mut Vec<u8>, segment: &str) {
    out.push(b'/');
    // A segment of dots alone would be taken for a step up the path.
    let dots = segment.bytes().all(|byte| byte == b'.');
    let is_plain = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'~')
            || (*byte == b'.' && !dots)
    };
    if segment.as_bytes().iter().all(is_plain) {
        out.extend_from_slice(segment.as_bytes());
        return;
    }
    for byte in segment.bytes() {
        if is_plain(&byte) {
            out.push(byte);
        } else {
            push_percent(out, byte);
        }
    }
}

fn push_percent(out: &mut Vec<u8>, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.extend_from_slice(&[b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
}
