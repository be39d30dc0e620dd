//! The last events of a bus, for those who join late.

use std::collections::VecDeque;
use std::sync::Arc;

use tidings_core::{Envelope, Interest};

/// A bounded ring of envelopes, in the order in which they were handed out.
#[derive(Debug)]
pub(crate) struct History {
    capacity: usize,
    ring: VecDeque<Arc<Envelope>>,
}

impl History {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, ring: VecDeque::new() }
    }

    /// Remembers an event; the oldest one goes, and is the caller's to drop.
    pub(crate) fn push(&mut self, envelope: &Arc<Envelope>) -> Option<Arc<Envelope>> {
        if envelope.event_type().is_reserved() {
            return None;
        }
        let oldest = (self.ring.len() >= self.capacity).then(|| self.ring.pop_front()).flatten();
        self.ring.push_back(Arc::clone(envelope));
        oldest
    }

    /// The last `count` events of this interest, oldest first.
    pub(crate) fn last(&self, count: usize, interest: &Interest) -> Vec<Arc<Envelope>> {
        let wanted = self.ring.iter().filter(|envelope| interest.matches(envelope.event_type()));
        let mut last: Vec<_> = wanted.rev().take(count).map(Arc::clone).collect();
        last.reverse();
        last
    }
}
