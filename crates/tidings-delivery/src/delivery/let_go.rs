//! Letting events go: where their last owner drops them, and at what moment.
//!
//! A payload's `Drop` is a user's code: it runs without the lock, and its panic is
//! contained. And memory that one thread frees while others allocate has their allocators
//! wait for each other, event by event. So those that were delivered are dropped by emitters,
//! a few with each event that comes; the delivery's thread drops what they leave.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::MutexGuard;
use tidings_core::Envelope;

use super::shared::Shared;
use super::state::State;
use crate::contain::contained;
use tidings_core::time::moment::after;

/// How many of those that were delivered an emitter drops with one event, at most.
pub(super) const FEW: usize = 4;
/// For each so many that wait, it drops one more.
pub(super) const PILE: usize = 512;
/// How many of those that were delivered wait for emitters while a batch is sent.
pub(super) const SPENT_MAX: usize = 1_024;
/// How long what was delivered waits for emitters while there is nothing to be sent.
const PATIENCE: Duration = Duration::from_millis(5);

/// Events that are dropped with it, which is to be done without the lock.
#[derive(Debug)]
#[must_use = "it is to be dropped without the lock"]
pub(super) struct LetGo {
    pub(super) all: Vec<Arc<Envelope>>,
    pub(super) few: [Option<Arc<Envelope>>; FEW],
}

impl LetGo {
    pub(super) fn of(all: Vec<Arc<Envelope>>) -> Self {
        Self { all, few: [const { None }; FEW] }
    }
}

impl Drop for LetGo {
    fn drop(&mut self) {
        for envelope in self.all.drain(..).chain(self.few.iter_mut().filter_map(Option::take)) {
            // One payload that panics must not take the others, or a thread, along.
            drop(contained(|| drop(envelope)));
        }
    }
}

/// Waits until there may be something to do, or this moment; drops meanwhile what emitters
/// left.
pub(super) fn wait(
    shared: &Shared,
    state: &mut MutexGuard<'_, State>,
    until: Option<Instant>,
    for_events: bool,
) {
    let (events, bytes) = state.backlog.waiting();
    state.wake_at =
        if for_events { shared.rhythm.wake_at(events, bytes) } else { (usize::MAX, usize::MAX) };
    // From the first wait on: waits for something else may each be shorter.
    let patience = state
        .backlog
        .has_spent()
        .then(|| *state.spent_until.get_or_insert_with(|| after(Instant::now(), PATIENCE)));
    let first = until.into_iter().chain(patience).min();
    match first {
        Some(first) => {
            shared.wake.wait_until(state, first);
        }
        None => shared.wake.wait(state),
    }
    state.wake_at = (usize::MAX, usize::MAX);
    if patience.is_some_and(|patience| patience <= Instant::now()) {
        state.spent_until = None;
        let spent = state.backlog.take_spent();
        MutexGuard::unlocked(state, || drop(spent));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use tidings_core::{
        Attributes, BusId, Context, Entity, EventId, EventType, Head, Lane, RawJson, RawPayload,
        Timestamp,
    };

    use super::super::backlog::{Backlog, Limits};
    use super::super::held::Fate;
    use super::*;
    use crate::settings::Overflow;

    fn event() -> Arc<Envelope> {
        let context =
            Context::new("r".into(), "n".into(), Entity::new("a", "b"), Attributes::new());
        let head = Head::new(
            EventId::new(BusId::from_u128(7), Lane::new(0), 0),
            EventType::foreign("a.b").expect("a type"),
            Arc::new(context),
            Timestamp::from_nanos(0),
            Duration::ZERO,
        );
        Arc::new(Envelope::new(head, RawPayload::new(RawJson::parse("{}").expect("JSON"))))
    }

    #[test]
    fn no_more_than_a_bound_waits_for_emitters() {
        let limits = Limits { events: 8, bytes: 1 << 20, overflow: Overflow::DropNewest };
        let (mut backlog, mut taken) = (Backlog::new(limits, None), VecDeque::new());
        for _event in 0..6 {
            backlog.offer(&event(), 1, Instant::now());
        }
        backlog.take_waiting(6, usize::MAX, &mut taken);
        (0..6).for_each(|ticket| backlog.settle(ticket, Fate::Delivered));
        backlog.release().expect("there is no disk");
        assert_eq!(backlog.take_spent_beyond(10).all.len(), 0);
        assert_eq!(backlog.take_spent_beyond(5).all.len(), 1);
        assert_eq!(backlog.take_few().few.iter().flatten().count(), 1);
        assert!(backlog.has_spent());
        assert_eq!(backlog.take_spent().all.len(), 4);
        assert!(!backlog.has_spent());
    }

    #[test]
    fn an_emitter_drops_more_when_more_wait() {
        let limits = Limits { events: 3_000, bytes: 1 << 30, overflow: Overflow::DropNewest };
        let (mut backlog, mut taken) = (Backlog::new(limits, None), VecDeque::new());
        let event = event();
        for _event in 0..3 * PILE {
            backlog.offer(&event, 1, Instant::now());
        }
        backlog.take_waiting(3 * PILE, usize::MAX, &mut taken);
        (0..3 * PILE as u64).for_each(|ticket| backlog.settle(ticket, Fate::Delivered));
        backlog.release().expect("there is no disk");
        let dropped: Vec<usize> = std::iter::repeat_with(|| backlog.take_few())
            .map(|let_go| let_go.few.iter().flatten().count())
            .take_while(|count| *count > 0)
            .collect();
        assert_eq!(dropped.iter().sum::<usize>(), 3 * PILE);
        assert_eq!((dropped.first(), dropped.last()), (Some(&FEW), Some(&1)));
        assert!(dropped.is_sorted_by(|more, less| more >= less));
    }

    #[test]
    fn all_are_dropped_with_it() {
        let events: Vec<_> = (0..FEW).map(|_| event()).collect();
        let few = std::array::from_fn(|index| events.get(index).cloned());
        drop(LetGo { all: events.clone(), few });
        assert!(events.iter().all(|event| Arc::strong_count(event) == 1));
    }
}
