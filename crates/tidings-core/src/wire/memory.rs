//! What lines have in common, kept from one line to the next.
//!
//! A journal says run, node, entity, attributes and type in full on every line, and few of
//! them differ from line to line. What was made of a text is found again by that very text.
//! Each text has one place, where the next one that belongs there takes over; so what is
//! kept is bounded, and nothing depends on it but time.

use std::sync::Arc;

use super::line::{Line, Text};
use crate::{Attributes, BusId, Context, EventType};

/// How many contexts, and how many types.
const CONTEXTS: usize = 64;
const TYPES: usize = 64;
/// The most bytes of text that are kept of one context.
const CONTEXT_BYTES_MAX: usize = 2 * 1024;

/// The memory of a reader.
#[derive(Debug, Default)]
pub(super) struct Memory {
    contexts: Vec<Option<Remembered>>,
    types: Vec<Option<EventType>>,
    bus: Option<(Box<str>, BusId)>,
    /// Run and node of the latest context: most have the same.
    place: Option<(Arc<str>, Arc<str>)>,
    attributes: Option<(OwnText, Attributes)>,
}

/// A context and the texts that it was made of.
#[derive(Debug, Clone)]
struct Remembered {
    entity: OwnText,
    attributes: Option<OwnText>,
    context: Arc<Context>,
}

#[derive(Debug, Clone)]
struct OwnText {
    raw: Box<str>,
    escaped: bool,
}

impl OwnText {
    fn new(text: Text<'_>) -> Self {
        let (raw, escaped) = text.key();
        Self { raw: raw.into(), escaped }
    }

    #[inline]
    fn is(&self, text: Text<'_>) -> bool {
        (&*self.raw, self.escaped) == text.key()
    }
}

impl Memory {
    /// A memory that remembers; the default one does not.
    pub(super) fn new() -> Self {
        Self { contexts: vec![None; CONTEXTS], types: vec![None; TYPES], ..Self::default() }
    }

    /// The context of a line, by its texts.
    #[inline]
    pub(super) fn context(&self, line: &Line<'_>) -> Option<&Arc<Context>> {
        let (raw, _) = line.entity.key();
        let found = self.contexts.get(place_of(raw, self.contexts.len()))?.as_ref()?;
        let is_it = found.entity.is(line.entity)
            && match (&found.attributes, line.attributes) {
                (None, None) => true,
                (Some(own), Some(text)) => own.is(text),
                _ => false,
            }
            && *found.context.run == *line.run
            && *found.context.node == *line.node;
        is_it.then_some(&found.context)
    }

    /// Run and node, shared with the context before if they are the same.
    pub(super) fn place(&self, line: &Line<'_>) -> (Arc<str>, Arc<str>) {
        let same = |own: &Arc<str>, text: &str| {
            if **own == *text { Arc::clone(own) } else { text.into() }
        };
        match &self.place {
            Some((run, node)) => (same(run, line.run), same(node, line.node)),
            None => (line.run.into(), line.node.into()),
        }
    }

    /// The attributes of the context before, if the text is the same.
    pub(super) fn attributes(&self, text: Text<'_>) -> Option<Attributes> {
        let (own, attributes) = self.attributes.as_ref()?;
        own.is(text).then(|| attributes.clone())
    }

    /// Keeps a context that was made of a line.
    pub(super) fn keep_context(&mut self, line: &Line<'_>, context: &Arc<Context>) {
        let (entity, _) = line.entity.key();
        let place = place_of(entity, self.contexts.len());
        let attributes = line.attributes.map_or("", |text| text.key().0);
        let bytes = line.run.len() + line.node.len() + entity.len() + attributes.len();
        let Some(slot) = self.contexts.get_mut(place).filter(|_| bytes <= CONTEXT_BYTES_MAX) else {
            return;
        };
        let attributes = line.attributes.map(OwnText::new);
        if let Some(text) = &attributes {
            self.attributes = Some((text.clone(), context.attributes.clone()));
        }
        self.place = Some((Arc::clone(&context.run), Arc::clone(&context.node)));
        let (entity, context) = (OwnText::new(line.entity), Arc::clone(context));
        *slot = Some(Remembered { entity, attributes, context });
    }

    /// The type of this name.
    #[inline]
    pub(super) fn event_type(&self, name: &str) -> Option<&EventType> {
        let known = self.types.get(place_of(name, self.types.len()))?.as_ref();
        known.filter(|known| known.as_str() == name)
    }

    pub(super) fn keep_type(&mut self, event_type: &EventType) {
        let place = place_of(event_type.as_str(), self.types.len());
        if let Some(slot) = self.types.get_mut(place) {
            *slot = Some(event_type.clone());
        }
    }

    /// The bus that this text names.
    #[inline]
    pub(super) fn bus(&self, text: &str) -> Option<BusId> {
        self.bus.as_ref().filter(|(known, _)| **known == *text).map(|(_, bus)| *bus)
    }

    pub(super) fn keep_bus(&mut self, text: &str, bus: BusId) {
        if !self.contexts.is_empty() {
            self.bus = Some((text.into(), bus));
        }
    }
}

/// The place of a text among so many: its words, mixed.
#[inline]
fn place_of(text: &str, places: usize) -> usize {
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let mix = |sum: u64, word: u64| (sum.rotate_left(5) ^ word).wrapping_mul(MIX);
    let sum = words.iter().fold(0, |sum, word| mix(sum, u64::from_le_bytes(*word)));
    let sum = rest.iter().fold(sum, |sum, byte| mix(sum, u64::from(*byte)));
    // The upper half is the mixed one; no place is as good as any when there is none.
    usize::try_from(sum >> 40).unwrap_or(0).checked_rem(places).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::{EventReader, read_event};

    fn line(run: &str, entity: &str, attributes: &str) -> String {
        format!(
            concat!(
                r#"{{"specversion":"1.0","id":"01890a5d-ac96-774b-bcce-b302099a8057.0.7","#,
                r#""type":"lab.warm","time":"2026-01-01T00:00:00Z","runid":"{}","node":"n","#,
                r#""entity":"[[\"lab\",\"{}\"]]"{},"data":{{}}}}"#,
            ),
            run, entity, attributes
        )
    }

    #[test]
    fn a_reader_says_of_every_line_what_a_new_one_says() {
        let mut reader = EventReader::new();
        let attributes = ["", r#","attributes":"{\"a\":1}""#, r#","attributes":"{\"a\":2}""#];
        for round in 0..3 {
            for number in 0..300 {
                // More entities than there are places.
                let entity = (number * 7 + round) % 150;
                let text =
                    line(["r", "r2"][number % 2], &entity.to_string(), attributes[number / 5 % 3]);
                let (remembered, new) = (reader.read(&text), read_event(&text));
                let (remembered, new) = (remembered.expect("good"), new.expect("good"));
                let said = |event: &crate::wire::Received| {
                    let mut line = String::new();
                    crate::wire::write_event(&*event.envelope, None, &mut line).map(|()| line)
                };
                assert_eq!(said(&remembered), said(&new), "{text}");
            }
        }
    }

    #[test]
    fn lines_of_one_author_share_a_context_and_a_type() {
        let mut reader = EventReader::new();
        let mut read = || reader.read(&line("r", "1", "")).expect("good").envelope;
        let (first, second) = (read(), read());
        assert!(std::ptr::eq(first.entity().canonical_json(), second.entity().canonical_json()));
        assert!(std::ptr::eq(first.run(), second.run()));
        assert!(std::ptr::eq(first.event_type().as_str(), second.event_type().as_str()));
    }

    #[test]
    fn a_large_context_is_read_and_not_kept() {
        let mut reader = EventReader::new();
        let entity = "x".repeat(super::CONTEXT_BYTES_MAX);
        let mut read = || reader.read(&line("r", &entity, "")).expect("good").envelope;
        let (first, second) = (read(), read());
        assert_eq!(first.entity(), second.entity());
        assert!(!std::ptr::eq(first.entity().canonical_json(), second.entity().canonical_json()));
    }

    #[test]
    fn a_fault_is_told_as_a_new_reader_tells_it() {
        let mut reader = EventReader::new();
        let good = line("r", "1", "");
        for (from, to) in [("[[", "[["), ("[[", "["), ("lab.warm", "lab..warm"), (".0.7", ".0.x")] {
            let text = good.replace(from, to);
            let told = |read: Result<_, crate::wire::InvalidCloudEvent>| {
                read.map(drop).map_err(|fault| fault.to_string())
            };
            assert_eq!(told(reader.read(&text).map(drop)), told(read_event(&text).map(drop)));
        }
    }
}
