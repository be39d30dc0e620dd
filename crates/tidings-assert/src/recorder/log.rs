//! The list of what arrived, and the bell that is rung for each arrival.
//!
//! The list is its owner's until somebody reads it, and is then shared: a reader takes it in
//! no time, and an event that arrives while somebody reads pays for one copy.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::{Condvar, Mutex};
use tidings_core::Envelope;

type Events = Arc<Vec<Arc<Envelope>>>;

/// The events so far. A shared list costs more to add to than an owned one, which matters at
/// every event, so it is owned again as soon as nobody reads it any more.
#[derive(Default)]
struct List {
    owned: Vec<Arc<Envelope>>,
    /// In place of the owned one.
    shared: Option<Events>,
}

impl List {
    #[inline]
    fn owned(&mut self) -> &mut Vec<Arc<Envelope>> {
        if let Some(shared) = self.shared.take() {
            self.owned = Arc::unwrap_or_clone(shared);
        }
        &mut self.owned
    }

    fn shared(&mut self) -> Events {
        let owned = &mut self.owned;
        Arc::clone(self.shared.get_or_insert_with(|| Arc::new(std::mem::take(owned))))
    }
}

impl Deref for List {
    type Target = [Arc<Envelope>];

    fn deref(&self) -> &Self::Target {
        self.shared.as_ref().map_or(&self.owned, |shared| shared)
    }
}

pub(super) struct Log {
    state: Mutex<State>,
    changed: Condvar,
    events_max: Option<usize>,
}

#[derive(Default)]
struct State {
    events: List,
    /// How many events came before the first one of the list, cleared or fallen out.
    before: usize,
    /// How many of them fell out since the last clear.
    fallen: usize,
    is_closed: bool,
}

/// What a waiter sees of a log.
pub(super) struct Seen {
    /// The events that it has not seen yet.
    pub(super) fresh: Vec<Arc<Envelope>>,
    /// How many there have been so far.
    pub(super) total: usize,
    /// Whether no more will come.
    pub(super) is_closed: bool,
}

impl Log {
    pub(super) fn new(events_max: Option<usize>) -> Self {
        Self { state: Mutex::new(State::default()), changed: Condvar::new(), events_max }
    }

    pub(super) fn push(&self, envelope: &Arc<Envelope>) {
        let envelope = Arc::clone(envelope);
        let mut state = self.state.lock();
        let events = state.events.owned();
        events.push(envelope);
        let oldest = match self.events_max {
            Some(most) if events.len() > most => Some(events.remove(0)),
            _ => None,
        };
        if oldest.is_some() {
            state.before += 1;
            state.fallen += 1;
        }
        drop(state);
        self.changed.notify_all();
    }

    pub(super) fn events(&self) -> Events {
        self.state.lock().events.shared()
    }

    pub(super) fn events_max(&self) -> Option<usize> {
        self.events_max
    }

    pub(super) fn fallen(&self) -> usize {
        self.state.lock().fallen
    }

    pub(super) fn clear(&self) {
        let mut state = self.state.lock();
        state.before += state.events.len();
        state.fallen = 0;
        let events = std::mem::take(&mut state.events);
        drop(state);
        // Frees the events without the lock.
        drop(events);
    }

    pub(super) fn close(&self) {
        self.state.lock().is_closed = true;
        self.changed.notify_all();
    }

    /// Waits until there are events beyond the first `total`, the log is closed or the
    /// deadline has passed.
    pub(super) fn wait_beyond(&self, total: usize, deadline: Instant) -> Seen {
        let mut state = self.state.lock();
        while !state.is_closed && state.before + state.events.len() <= total {
            if self.changed.wait_until(&mut state, deadline).timed_out() {
                break;
            }
        }
        let first = total.saturating_sub(state.before).min(state.events.len());
        Seen {
            fresh: state.events[first..].to_vec(),
            total: state.before + state.events.len(),
            is_closed: state.is_closed,
        }
    }
}
