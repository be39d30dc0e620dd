//! The parts of the JSON that all events of one context share.
//!
//! Run, node, entity and attributes are escaped once per context, not once per event.
//! A remembered text is used only after what it was made from was compared.

use tidings_core::text::{push_string, with_attributes};
use tidings_core::{Attributes, Entity, Envelope, wire};

use super::encoder::Labels;

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
    pub(super) lead: String,
    /// From the run to the attributes.
    pub(super) middle: String,
    /// From behind the type among the fields to the end.
    pub(super) tail: String,
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
                self.attributes_json = with_attributes(envelope.attributes(), str::to_owned);
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
        push_run_and_node(&mut self.tail, envelope);
        self.tail.push_str("}}");
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

fn push_lead(out: &mut String, envelope: &Envelope, labels: &Labels) {
    out.push_str(",\"host\":");
    push_string(out, labels.host.as_deref().unwrap_or(envelope.node()));
    out.push_str(",\"source\":");
    if let Some(source) = &labels.source {
        push_string(out, source);
    } else {
        out.push('"');
        wire::write_source(envelope, out);
        out.push('"');
    }
    out.push_str(",\"sourcetype\":");
    push_string(out, &labels.sourcetype);
    if let Some(index) = own_index(envelope.attributes()).or(labels.index.as_deref()) {
        out.push_str(",\"index\":");
        push_string(out, index);
    }
    out.push_str(",\"event\":{\"type\":");
}

fn push_middle(out: &mut String, envelope: &Envelope, attributes_json: &str) {
    push_run_and_node(out, envelope);
    out.push_str(",\"entity\":{");
    push_entity(out, envelope.entity());
    out.push('}');
    if repeats_a_kind(envelope.entity()) {
        out.push_str(",\"entitypath\":");
        out.push_str(envelope.entity().canonical_json());
    }
    out.push_str(",\"attributes\":");
    out.push_str(attributes_json);
}

fn push_run_and_node(out: &mut String, envelope: &Envelope) {
    out.push_str(",\"run\":");
    push_string(out, envelope.run());
    out.push_str(",\"node\":");
    push_string(out, envelope.node());
}

fn repeats_a_kind(entity: &Entity) -> bool {
    let kinds = || entity.pairs().map(|(kind, _)| kind);
    kinds().enumerate().any(|(index, kind)| kinds().take(index).any(|earlier| earlier == kind))
}

/// `"suite":"a","case":"t1"`; ids of a kind that repeats are a list, the outermost first.
fn push_entity(out: &mut String, entity: &Entity) {
    let mut separator = "";
    for (index, (kind, id)) in entity.pairs().enumerate() {
        if entity.pairs().take(index).any(|(earlier, _)| earlier == kind) {
            continue;
        }
        out.push_str(separator);
        separator = ",";
        push_string(out, kind);
        out.push(':');
        let mut further = entity.pairs().skip(index + 1).filter(|pair| pair.0 == kind).peekable();
        if further.peek().is_none() {
            push_string(out, id);
            continue;
        }
        out.push('[');
        push_string(out, id);
        for (_, id) in further {
            out.push(',');
            push_string(out, id);
        }
        out.push(']');
    }
}
