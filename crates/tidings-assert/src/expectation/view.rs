//! What a clause looks at: a recording, or one group of it.
//!
//! An event keeps the number it has in the whole recording, from 1 on.

use std::sync::Arc;

use tidings_core::Envelope;

use crate::report::text;

#[derive(Debug)]
pub(crate) struct View<'r> {
    events: &'r [Arc<Envelope>],
    numbers: Option<&'r [usize]>,
}

impl<'r> View<'r> {
    pub(crate) fn whole(events: &'r [Arc<Envelope>]) -> Self {
        Self { events, numbers: None }
    }

    pub(crate) fn group(events: &'r [Arc<Envelope>], numbers: &'r [usize]) -> Self {
        Self { events, numbers: Some(numbers) }
    }

    pub(crate) fn events(&self) -> &'r [Arc<Envelope>] {
        self.events
    }

    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The number that the event at `index` is shown with.
    pub(crate) fn number(&self, index: usize) -> usize {
        match self.numbers {
            Some(numbers) => numbers[index],
            None => index + 1,
        }
    }

    /// The event at `index` as a table shows it; the entity only where they differ.
    pub(crate) fn shown(&self, index: usize) -> String {
        let first = self.events[0].entity();
        let mixed = self.events.iter().any(|event| event.entity() != first);
        text::event(self.number(index), &self.events[index], mixed)
    }
}
