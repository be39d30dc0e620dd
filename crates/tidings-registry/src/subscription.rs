//! Registrations and subscriptions: how an observer comes and goes.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tidings_core::Interest;
use tidings_core::time::moment::deadline_in;

use crate::bus::Shared;
use crate::dedup::{Dedup, DedupMemory};
use crate::deliver::{Deliver, Overflow, Queue};
use crate::entry::{Entry, EntrySettings, contained_counts};
use crate::observer::Observer;
use crate::report::ObserverReport;

/// A registration under way; see [`Bus::register`](crate::Bus::register).
#[must_use = "an observer is registered by `start`"]
pub struct Registration {
    bus: Arc<Shared>,
    observer: Arc<dyn Observer>,
    name: String,
    interest: Interest,
    priority: i32,
    deliver: Deliver,
    block_timeout: Option<Duration>,
    past: usize,
    dedup: Option<Dedup>,
    remove_after: Option<u32>,
}

impl Registration {
    pub(crate) fn new(bus: Arc<Shared>, observer: Arc<dyn Observer>) -> Self {
        Self {
            name: observer.name(),
            interest: observer.interest(),
            bus,
            observer,
            priority: 0,
            deliver: Deliver::Inline,
            block_timeout: None,
            past: 0,
            dedup: None,
            remove_after: None,
        }
    }

    /// What the report calls the observer, in place of its own name.
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// What the observer hears, in place of its own interest.
    pub fn interest(mut self, interest: Interest) -> Self {
        self.interest = interest;
        self
    }

    /// Higher ones are called first, equal ones in the order of registration; 0 by default.
    pub fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    /// How events reach the observer; inline by default.
    pub fn deliver(mut self, deliver: Deliver) -> Self {
        self.deliver = deliver;
        self
    }

    /// A thread of its own and a queue of `capacity` events.
    pub fn queued(self, capacity: usize, overflow: Overflow) -> Self {
        self.deliver(Deliver::Queued { capacity, overflow })
    }

    /// A thread of its own, and emits that wait for it, each at most `wait_max`.
    pub fn synchronous(self, wait_max: Duration) -> Self {
        self.deliver(Deliver::Synchronous { wait_max })
    }

    /// How long an emit waits for room in the queue with [`Overflow::Block`];
    /// [`BLOCK_TIMEOUT_DEFAULT`](crate::BLOCK_TIMEOUT_DEFAULT) by default.
    pub fn block_timeout(mut self, timeout: Duration) -> Self {
        self.block_timeout = Some(timeout);
        self
    }

    /// Shows it the last `events` of its interest first, without gap or repeat, as far back
    /// as the history of the bus goes; a bus without one refuses the registration.
    pub fn past(mut self, events: usize) -> Self {
        self.past = events;
        self
    }

    /// Leaves out events whose content this observer was given shortly before.
    pub fn dedup(mut self, dedup: Dedup) -> Self {
        self.dedup = Some(dedup);
        self
    }

    /// Cancels the observer after this many failures in a row; it stays by default.
    pub fn remove_after(mut self, failures: u32) -> Self {
        self.remove_after = Some(failures.max(1));
        self
    }

    /// Registers the observer, from the next event on.
    ///
    /// # Errors
    ///
    /// [`SubscribeError`] when the bus is closed or a thread cannot be started.
    pub fn start(self) -> Result<Subscription, SubscribeError> {
        let queue = Queue::for_delivery(self.deliver, self.block_timeout);
        let settings = EntrySettings {
            name: self.name,
            // Asked here: code of the user does not run under the lock of the registry.
            kind: self.observer.kind(),
            hands_on: contained_counts(&*self.observer).is_some(),
            interest: self.interest,
            priority: self.priority,
            catching_up: queue.is_none() && self.past > 0,
            queue,
            dedup: self.dedup.map(DedupMemory::new),
            remove_after: self.remove_after,
        };
        let entry = self.bus.register(self.observer, settings, self.past)?;
        Ok(Subscription { bus: self.bus, entry: Some(entry) })
    }

    /// As [`start`](Self::start), for an inline observer, which only a closed bus refuses.
    pub(crate) fn start_inline(self) -> Subscription {
        let bus = Arc::clone(&self.bus);
        self.start().unwrap_or(Subscription { bus, entry: None })
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("name", &self.name)
            .field("interest", &self.interest)
            .field("priority", &self.priority)
            .field("deliver", &self.deliver)
            .finish_non_exhaustive()
    }
}

/// Why an observer was not registered.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SubscribeError {
    /// The bus is closed.
    #[error("the bus is closed")]
    Closed,
    /// The observer asked for past events, and the bus keeps none.
    #[error("the bus keeps no past events: make it with `Bus::builder().history(events)`")]
    NoHistory,
    /// The operating system has no thread for the observer's queue.
    #[error("failed to start the observer's thread")]
    Thread(#[source] io::Error),
}

/// Handle of a registered observer; cancels it when dropped, unless detached.
#[must_use = "the observer is cancelled when its subscription is dropped; `detach` keeps it"]
pub struct Subscription {
    bus: Arc<Shared>,
    /// None when the bus was closed before, or the subscription is over.
    entry: Option<Arc<Entry>>,
}

impl Subscription {
    /// Hands the observer no further event until [`resume`](Self::resume). Events emitted
    /// meanwhile pass it by.
    pub fn pause(&self) {
        if let Some(entry) = &self.entry {
            self.bus.pause(entry.key);
        }
    }

    /// Ends a pause, from the next event on.
    pub fn resume(&self) {
        if let Some(entry) = &self.entry {
            self.bus.resume(entry.key);
        }
    }

    /// Puts another observer in this one's place, with its interest, priority and numbers.
    /// Events that wait in a queue go to the new one. The old one is closed. False when
    /// there is nothing to replace any more.
    pub fn replace(&self, observer: impl Observer) -> bool {
        self.entry.as_ref().is_some_and(|entry| self.bus.replace(entry, Arc::new(observer)))
    }

    /// Hands the observer no further event. What waits in its queue it still gets, on its
    /// own thread; calls that other threads are in come to their end. It is then closed.
    pub fn cancel(self) {
        drop(self);
    }

    /// As [`cancel`](Self::cancel), and waits: after `Ok` it is never called again. Inside
    /// an observer, the calls of this thread are not waited for.
    ///
    /// # Errors
    ///
    /// [`StillRunning`] when that is not so `within` this time. It is cancelled all the same.
    pub fn cancel_and_wait(mut self, within: Duration) -> Result<(), StillRunning> {
        let Some(entry) = self.entry.take() else {
            return Ok(());
        };
        let deadline = deadline_in(within);
        self.bus.retire(entry.key, Some(deadline));
        if self.bus.wait_for_retired(&entry, deadline) {
            return Ok(());
        }
        Err(StillRunning { observer: entry.name.clone() })
    }

    /// Lets the observer stay for as long as the bus is open.
    pub fn detach(mut self) {
        self.entry = None;
    }

    /// What became of the observer's events so far; none when the bus was closed before.
    pub fn report(&self) -> Option<ObserverReport> {
        self.entry.as_ref().map(|entry| self.bus.report_of(entry))
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(entry) = self.entry.take() {
            self.bus.retire(entry.key, None);
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("observer", &self.entry.as_ref().map(|entry| &entry.name))
            .finish_non_exhaustive()
    }
}

/// A cancelled observer was still running, or had a queue to finish, at the deadline.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("observer `{observer}` was still running at the deadline")]
pub struct StillRunning {
    observer: String,
}
