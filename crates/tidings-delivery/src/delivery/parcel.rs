//! A parcel: encoded events under way, and how they are divided into batches.
//!
//! Pure: it is told what became of a batch and says what that means for each event.

use std::collections::VecDeque;
use std::sync::Arc;

use tidings_core::Envelope;

use crate::sink::{Batch, Load, Outcome, Sink, Then, Unencodable};

/// Some events in order, with their bytes; the first of `parts` is what is sent next.
#[derive(Debug, Default)]
pub(super) struct Parcel {
    load: Load,
    /// What the delivery calls each event.
    tickets: Vec<u64>,
    /// How many events go into each batch, in order; together they are all of the load.
    parts: VecDeque<usize>,
    /// Whether any of it was sent before.
    pub(super) sent: bool,
    /// Attempts at the first part so far.
    pub(super) attempts: u32,
    /// The number of the batch that was sent last.
    pub(super) number: u64,
}

/// What an outcome means for the events of a parcel and for the endpoint.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Were taken.
    pub(super) delivered: Vec<u64>,
    /// Can never be taken, and why.
    pub(super) set_aside: Option<(u64, String)>,
    pub(super) next: Next,
}

/// How it goes on with what is left of a parcel.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Next {
    /// At once.
    #[default]
    Go,
    /// The whole part waits for its confirmation.
    Unconfirmed,
    /// After a pause.
    Retry { reason: String, not_before: Option<std::time::Duration> },
    /// After the longest pause.
    Hold { reason: String },
    /// Never.
    Stop { reason: String },
}

impl Parcel {
    /// Has `sink` encode one more event; answers how many bytes that made.
    pub(super) fn push(
        &mut self,
        sink: &mut impl Sink,
        envelope: Arc<Envelope>,
        position: u64,
        ticket: u64,
    ) -> Result<usize, Unencodable> {
        let bytes = self.load.push(sink, envelope, position)?;
        self.tickets.push(ticket);
        Ok(bytes)
    }

    /// Takes the last event back out.
    pub(super) fn pop(&mut self) -> Option<Arc<Envelope>> {
        self.tickets.pop();
        self.load.pop()
    }

    pub(super) fn bytes(&self) -> usize {
        self.load.bytes()
    }

    pub(super) fn len(&self) -> usize {
        self.load.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.load.is_empty()
    }

    /// The tickets of all events.
    pub(super) fn tickets(&self) -> &[u64] {
        &self.tickets
    }

    /// Whether there is more than the batch that is sent next.
    pub(super) fn is_divided(&self) -> bool {
        self.first_len() < self.len()
    }

    /// The tickets of the batch that is sent next.
    pub(super) fn first_part(&self) -> &[u64] {
        &self.tickets[..self.first_len()]
    }

    fn first_len(&self) -> usize {
        self.parts.front().copied().unwrap_or(self.load.len())
    }

    /// The first part, as a batch with a number of its own.
    pub(super) fn batch(&mut self, number: u64) -> Batch<'_> {
        self.number = number;
        self.sent = true;
        self.attempts = self.attempts.saturating_add(1);
        self.load.batch_of_first(self.first_len(), number, self.attempts)
    }

    /// Takes in what became of the first part.
    pub(super) fn settle(&mut self, outcome: &Outcome) -> Verdict {
        let len = self.first_len();
        let taken = outcome.taken(len);
        let mut verdict = Verdict::default();
        match outcome.then() {
            Then::Unconfirmed => {
                verdict.next = Next::Unconfirmed;
                return verdict;
            }
            Then::Done => {}
            Then::Retry { reason, not_before } => {
                verdict.next = Next::Retry { reason: reason.clone(), not_before: *not_before };
            }
            // An index beyond the batch names nobody: the last one is as good as any.
            Then::SetAside { index, reason } => {
                let index = (*index).clamp(taken.min(len - 1), len - 1);
                verdict.set_aside = Some((self.tickets[index], reason.clone()));
                self.remove(index);
            }
            Then::Split { reason } if len - taken <= 1 => {
                let index = taken.min(len - 1);
                verdict.set_aside = Some((self.tickets[index], reason.clone()));
                self.remove(index);
            }
            Then::Split { .. } => self.split(taken),
            Then::Hold { reason } => verdict.next = Next::Hold { reason: reason.clone() },
            Then::Stop { reason } => verdict.next = Next::Stop { reason: reason.clone() },
        }
        // One that was set aside lies behind those that were taken.
        let removed = usize::from(verdict.set_aside.is_some());
        verdict.delivered = self.take_front(taken.min(len - removed));
        if !verdict.delivered.is_empty() || removed > 0 {
            self.attempts = 0;
        }
        verdict
    }

    /// Takes the first part out, whatever is to become of it.
    pub(super) fn give_up(&mut self) -> Vec<u64> {
        self.attempts = 0;
        self.take_front(self.first_len())
    }

    /// Takes the first `count` events of the first part out.
    pub(super) fn give_up_first(&mut self, count: usize) -> Vec<u64> {
        self.take_front(count)
    }

    /// Forgets bytes behind the last event.
    pub(super) fn cut(&mut self) {
        self.load.cut();
    }

    /// Makes two halves of what is left of the first part after `taken`.
    fn split(&mut self, taken: usize) {
        let len = self.first_len();
        let left = len - taken;
        let half = left.div_ceil(2);
        if self.parts.is_empty() {
            self.parts.push_back(self.load.len());
        }
        self.parts[0] = taken + half;
        if left > half {
            self.parts.insert(1, left - half);
        }
        self.attempts = 0;
    }

    /// Removes one event of the first part.
    fn remove(&mut self, index: usize) {
        self.load.remove(index);
        self.tickets.remove(index);
        self.shrink_first(1);
    }

    fn take_front(&mut self, count: usize) -> Vec<u64> {
        self.load.remove_first(count);
        let taken: Vec<u64> = self.tickets.drain(..count).collect();
        self.shrink_first(count);
        taken
    }

    fn shrink_first(&mut self, count: usize) {
        if let Some(first) = self.parts.front_mut() {
            *first -= count;
            if *first == 0 {
                self.parts.pop_front();
            }
        }
    }

    /// An empty parcel that keeps the memory.
    pub(super) fn emptied(mut self) -> Self {
        self.load.clear();
        self.tickets.clear();
        self.parts.clear();
        (self.attempts, self.number, self.sent) = (0, 0, false);
        self
    }
}
