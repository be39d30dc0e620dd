//! Registering, pausing, replacing and retiring observers.
//!
//! Every change is made under the lock of the registry and then told to the lanes by a new
//! generation. Observers are never called, nor dropped, under the lock.

use std::sync::Arc;
use std::time::Instant;

use super::Shared;
use crate::deliver::{Laggards, contained, spawn};
use crate::entry::{Entry, EntrySettings};
use crate::lane::{LaneLocal, current_worker, forget, with_lane};
use crate::observer::{Attachment, Observer};
use crate::report::ObserverReport;
use crate::route::Call;
use crate::subscription::SubscribeError;
use crate::sync::atomic::{Ordering, fence};
use crate::sync::{channel, thread};
use crate::time::{CLOSE_ON_DROP_MAX, wait_until};

/// How many cancelled observers a report names one by one.
const RETIRED_MAX: usize = 256;

impl Shared {
    /// Registers an observer, first with the last `past` events if it asked for them.
    pub(crate) fn register(
        &self,
        observer: Arc<dyn Observer>,
        settings: EntrySettings,
        past: usize,
    ) -> Result<Arc<Entry>, SubscribeError> {
        let bus = self.strong().filter(|bus| !bus.gate.is_closed());
        let bus = bus.ok_or(SubscribeError::Closed)?;
        if past > 0 && self.history.is_none() {
            return Err(SubscribeError::NoHistory);
        }
        let key = self.next_key();
        self.attach(&*observer, key, &settings.name);
        let (entry, past) = match &self.history {
            Some(history) if past > 0 => {
                let ring = history.lock();
                let past = ring.last(past, &settings.interest);
                (self.insert(key, observer, settings)?, past)
            }
            _ => (self.insert(key, observer, settings)?, Vec::new()),
        };
        if let Some(queue) = entry.queue() {
            for _event in &past {
                queue.cell().accept();
            }
            if let Err(fault) = spawn(&bus, &entry, past) {
                self.retire(entry.key, None);
                // Nobody else will.
                queue.end();
                return Err(SubscribeError::Thread(fault));
            }
        } else if entry.is_catching_up() {
            let call = with_lane(self, |lane: &LaneLocal| Call {
                entry: Arc::clone(&entry),
                observer: entry.observer(),
                cell: entry.cell(lane.shared.number),
            });
            self.catch_up(&call, past);
        }
        Ok(entry)
    }

    fn next_key(&self) -> u64 {
        let mut registry = self.registry.lock();
        registry.next_key += 1;
        registry.next_key
    }

    /// Tells an observer its place. One that panics then is no worse than one that does
    /// later: it stays.
    fn attach(&self, observer: &dyn Observer, key: u64, name: &str) {
        let attachment = Attachment::new(self, key, name);
        let told = contained(|| {
            observer.attached(&attachment);
            Ok(())
        });
        drop(told);
    }

    fn insert(
        &self,
        key: u64,
        observer: Arc<dyn Observer>,
        settings: EntrySettings,
    ) -> Result<Arc<Entry>, SubscribeError> {
        let mut registry = self.registry.lock();
        // A close looks at the registry after it has closed: it finds the entry, or this
        // finds it closed.
        if self.gate.is_closed() {
            drop(registry);
            return Err(SubscribeError::Closed);
        }
        let entry = Arc::new(Entry::new(key, observer, settings));
        registry.index.insert(key, &entry.interest);
        registry.entries.insert(key, Arc::clone(&entry));
        self.changed();
        Ok(entry)
    }

    /// Tells the lanes that their routes are old. Called under the lock of the registry.
    fn changed(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn pause(&self, key: u64) {
        let mut registry = self.registry.lock();
        if let Some(entry) = registry.entries.get(&key).map(Arc::clone) {
            registry.index.remove(key, &entry.interest);
            self.changed();
        }
    }

    pub(crate) fn resume(&self, key: u64) {
        let mut registry = self.registry.lock();
        if let Some(entry) = registry.entries.get(&key).map(Arc::clone) {
            // Resuming what was not paused must not register it twice.
            registry.index.remove(key, &entry.interest);
            registry.index.insert(key, &entry.interest);
            self.changed();
        }
    }

    /// Puts another observer in the place of one; false when it is cancelled already.
    pub(crate) fn replace(&self, entry: &Arc<Entry>, observer: Arc<dyn Observer>) -> bool {
        self.attach(&*observer, entry.key, &entry.name);
        let registry = self.registry.lock();
        if !registry.entries.contains_key(&entry.key) {
            return false;
        }
        let old = entry.replace_observer(observer);
        self.changed();
        drop(registry);
        // The routes of this thread hold the old one; those of others until they emit again.
        forget(self);
        self.close_replaced(entry, &old);
        true
    }

    fn close_replaced(&self, entry: &Arc<Entry>, old: &Arc<dyn Observer>) {
        if !old.needs_close() {
            return;
        }
        let old = Arc::clone(old);
        let deadline = Instant::now() + CLOSE_ON_DROP_MAX;
        let (bus, entry) = (self.strong(), Arc::clone(entry));
        let (done, finished) = channel::bounded::<()>(1);
        let close = move || {
            if let Some(bus) = &bus {
                bus.serve_for(&entry);
            }
            let outcome = contained(|| old.close(deadline));
            if let (Err(failure), Some(bus)) = (outcome, bus) {
                let reason = format!("failed to close what was replaced: {}", failure.reason);
                entry.set_error(reason.clone());
                bus.diagnose_hook(&entry, &reason);
            }
            drop(done);
        };
        let spawned = thread::Builder::new().name("tidings close".into()).spawn(close);
        if spawned.is_ok() && !self.is_inside_observer() {
            // The thread ends the wait by dropping its end.
            let _done = finished.recv_deadline(deadline);
        }
    }

    /// Cancels a registration: no further event is accepted for it, and those accepted
    /// are finished. With a deadline it waits for that. True for the call that did it.
    pub(crate) fn retire(&self, key: u64, wait: Option<Instant>) -> bool {
        let entry = {
            let mut registry = self.registry.lock();
            let Some(entry) = registry.entries.remove(&key) else {
                return false;
            };
            registry.index.remove(key, &entry.interest);
            registry.retired.push_back(Arc::clone(&entry));
            self.changed();
            entry
        };
        self.fold_retired();
        forget(self);
        let deadline = wait.unwrap_or_else(|| Instant::now() + CLOSE_ON_DROP_MAX);
        match entry.queue() {
            Some(queue) => queue.stop(deadline, self.laggards(wait.is_some())),
            None if entry.needs_close() => {
                let close =
                    |entry: &Entry, bus: &Self, deadline| entry.close_observer(bus, deadline);
                // Inside an observer nothing is waited for: it may be this one's own call.
                let inside = self.is_inside_observer();
                let wait_until = if inside { Instant::now() } else { deadline };
                self.run_hooks(vec![entry], wait_until, close);
            }
            None => entry.release_observer(),
        }
        true
    }

    /// Emits that may have chosen their observers before a registration went, and are yet
    /// to call them. Whoever waits for the end does not wait for its own.
    fn laggards(&self, without_own: bool) -> Laggards {
        fence(Ordering::SeqCst);
        let mut lanes = self.emits_under_way();
        let own = without_own.then(|| self.own());
        lanes.retain(|(lane, _)| !own.as_ref().is_some_and(|own| own.drives(lane)));
        Laggards { lanes, waiting: own.and_then(|own| own.worker) }
    }

    /// Waits until a retired observer is never called again.
    pub(crate) fn wait_for_retired(&self, entry: &Entry, deadline: Instant) -> bool {
        let own_call = current_worker()
            .is_some_and(|worker| (worker.bus_key, worker.observer_key) == (self.key, entry.key));
        if own_call {
            return true;
        }
        fence(Ordering::SeqCst);
        self.wait_for_lanes(deadline, &self.own()) == 0
            && entry.queue().is_none_or(|queue| wait_until(deadline, || queue.is_finished()))
    }

    /// Adds the oldest of too many retired observers up in one line. An observer's own
    /// counts and its `Drop` are code of the user: neither runs under the lock.
    fn fold_retired(&self) {
        loop {
            let oldest = {
                let registry = self.registry.lock();
                let mut settled = registry.retired.iter().filter(|entry| entry.is_over());
                if registry.retired.len() <= RETIRED_MAX {
                    return;
                }
                settled.next().map(Arc::clone)
            };
            let Some(entry) = oldest else { return };
            let report = entry.report(self.now(), None);
            let mut registry = self.registry.lock();
            let Some(place) = registry.retired.iter().position(|other| other.key == entry.key)
            else {
                continue;
            };
            registry.retired.remove(place);
            registry.folded = Some(match registry.folded.take() {
                None => report.folded(),
                Some(folded) => folded.plus(&report),
            });
        }
    }

    /// The number of events between this observer and its end.
    pub(crate) fn report_of(&self, entry: &Entry) -> ObserverReport {
        entry.report(self.now(), None)
    }
}
