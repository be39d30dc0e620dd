//! Who hears which type of an event, as far as emitters need to know.

use std::sync::Arc;

use crate::EventType;
use crate::event::Descriptor;
use crate::sync::atomic::{AtomicU64, Ordering};

/// The types of one event on one bus, each with a remembered "nobody listens".
///
/// The memory is shared by all threads and written only when a registration has changed
/// since; emitting reads it. Nothing is remembered about types that are heard.
#[derive(Debug)]
pub struct TypeTable {
    generation: Arc<AtomicU64>,
    types: Box<[Slot]>,
}

#[derive(Debug)]
struct Slot {
    event_type: EventType,
    /// The bus's own number of the type.
    number: u32,
    /// The generation in which nobody heard the type; `u64::MAX` at first.
    unheard_in: AtomicU64,
}

impl TypeTable {
    /// A table for types that the bus has given these numbers; `generation` is the bus's
    /// counter of changed registrations.
    pub fn new(
        generation: Arc<AtomicU64>,
        types: impl IntoIterator<Item = (EventType, u32)>,
    ) -> Self {
        let slot = |(event_type, number)| Slot {
            event_type,
            number,
            unheard_in: AtomicU64::new(u64::MAX),
        };
        Self { generation, types: types.into_iter().map(slot).collect() }
    }

    /// Whether nobody hears the type at `index` for sure.
    #[inline]
    pub fn is_unheard(&self, index: usize) -> bool {
        let generation = self.generation.load(Ordering::Acquire);
        self.types[index].unheard_in.load(Ordering::Relaxed) == generation
    }

    /// Remembers that nobody hears the type at `index` in `generation`.
    pub fn remember_unheard(&self, index: usize, generation: u64) {
        self.types[index].unheard_in.store(generation, Ordering::Relaxed);
    }

    /// The type at `index`.
    pub fn event_type(&self, index: usize) -> &EventType {
        &self.types[index].event_type
    }

    /// The bus's number of the type at `index`.
    pub fn number(&self, index: usize) -> u32 {
        self.types[index].number
    }
}

/// The place of `event_type` in a list of descriptors.
#[inline]
pub(super) fn index_of(
    descriptors: &[&'static Descriptor],
    event_type: &EventType,
) -> Option<usize> {
    // The constant of a derive is the very text of its descriptor; where both are known
    // when this is compiled, nothing of the search is left.
    let same = |descriptor: &&Descriptor| descriptor.event_type.is_same_literal(event_type);
    descriptors.iter().position(same).or_else(|| index_by_text(descriptors, event_type))
}

#[inline(never)]
fn index_by_text(descriptors: &[&'static Descriptor], event_type: &EventType) -> Option<usize> {
    descriptors.iter().position(|descriptor| descriptor.event_type == *event_type)
}
