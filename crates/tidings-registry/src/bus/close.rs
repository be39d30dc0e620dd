//! Closing: nothing more is accepted, everything accepted is drained, all is accounted for.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tidings_core::Lane;

use super::Shared;
use crate::deliver::{Laggards, Queue};
use crate::entry::Entry;
use crate::lane::{LaneShared, Worker, current_worker, forget, set_worker, with_lane};
use crate::report::{CloseReport, ObserverReport, Report};
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::channel::bounded;
use crate::sync::thread;
use crate::time::wait_until;

/// The most threads that flush or close observers side by side.
const HOOK_THREADS_MAX: usize = 8;

/// What cannot go on before this thread does; it is never waited for.
pub(super) struct Own {
    /// This thread's lane.
    lane: Lane,
    /// The observer that this thread serves.
    pub(super) worker: Option<u64>,
    /// All observers whose calls this thread is in.
    observers: Vec<u64>,
}

impl Own {
    /// Whether the emit on `lane` is this thread's own.
    pub(super) fn drives(&self, lane: &LaneShared) -> bool {
        lane.is_driven_by(self.lane)
    }

    /// Whether the emit on `lane` waits for this thread.
    pub(super) fn holds_up(&self, lane: &LaneShared) -> bool {
        self.worker.is_some_and(|observer| lane.is_in(observer))
    }
}

impl Shared {
    /// Closes the bus by `deadline`; a second call answers what the first did.
    pub(super) fn close(&self, deadline: Instant) -> CloseReport {
        if !self.gate.close() {
            return self.closed_already(deadline);
        }
        // Emitters that remember "nobody listens" have to look again.
        self.generation.fetch_add(1, Ordering::SeqCst);
        let own = self.own();
        let unfinished_emitters = self.wait_for_lanes(deadline, &own);
        let entries = self.present_entries();
        if unfinished_emitters > 0 {
            let busy = self.busy(self.now());
            let is_busy = |entry: &&Arc<Entry>| busy.iter().any(|(key, _)| *key == entry.key);
            entries.iter().filter(is_busy).for_each(|entry| entry.set_stalled());
        }
        // The queues run dry on threads of their own: one that hangs takes no time from the
        // observers that are closed here.
        stop_queues(&entries, deadline);
        self.close_inline(&entries, &own, deadline);
        await_queues(&entries, &own, deadline);
        let report = self.build_report(unfinished_emitters);
        *self.closed_report.lock() = Some(report.clone());
        let inline = entries.iter().filter(|entry| entry.queue().is_none());
        inline.for_each(|entry| entry.release_observer());
        self.let_go();
        report
    }

    /// Somebody else closes, or has closed.
    fn closed_already(&self, deadline: Instant) -> CloseReport {
        let wait = self.own().observers.is_empty();
        if wait {
            wait_until(deadline, || self.closed_report.lock().is_some());
        }
        let known = self.closed_report.lock().clone();
        known.unwrap_or_else(|| self.build_report(0))
    }

    pub(super) fn own(&self) -> Own {
        let worker = current_worker().filter(|worker| worker.bus_key == self.key);
        let worker = worker.map(|worker| worker.observer_key);
        let (lane, inline) = with_lane(self, |lane| (lane.shared.number, lane.shared.busy()));
        let observers = worker.into_iter().chain(inline.map(|(key, _)| key)).collect();
        Own { lane, worker, observers }
    }

    fn close_inline(&self, entries: &[Arc<Entry>], own: &Own, deadline: Instant) {
        let inline = entries.iter().filter(|entry| entry.queue().is_none());
        let (mine, others): (Vec<_>, Vec<_>) = inline
            .filter(|entry| !entry.is_closing() && entry.needs_close())
            .map(Arc::clone)
            .partition(|entry| own.observers.contains(&entry.key));
        let close = |entry: &Entry, bus: &Self, deadline| entry.close_observer(bus, deadline);
        for entry in self.run_hooks(others, deadline, close) {
            entry.set_stalled();
            entry.set_error("it did not finish closing by the deadline".to_owned());
        }
        // Begun, not waited for: its call has to return first.
        self.run_hooks(mine, Instant::now(), close);
    }

    /// Runs a hook of each observer on threads of their own; answers who did not finish.
    pub(super) fn run_hooks(
        &self,
        entries: Vec<Arc<Entry>>,
        deadline: Instant,
        hook: impl Fn(&Entry, &Self, Instant) + Send + Sync + Copy + 'static,
    ) -> Vec<Arc<Entry>> {
        let Some(bus) = self.strong().filter(|_| !entries.is_empty()) else {
            return Vec::new();
        };
        let work: Arc<[Arc<Entry>]> = entries.into();
        let next = Arc::new(AtomicUsize::new(0));
        let (done, finished) = bounded(work.len());
        for _thread in 0..work.len().min(HOOK_THREADS_MAX) {
            let (bus, work, next, done) =
                (Arc::clone(&bus), Arc::clone(&work), Arc::clone(&next), done.clone());
            let serve = move || {
                while let Some(entry) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    bus.serve_for(entry);
                    hook(entry, &bus, deadline);
                    // Nobody listens after the deadline; the channel has room for all.
                    let _late = done.try_send(entry.key);
                }
            };
            let spawned = thread::Builder::new().name("tidings close".into()).spawn(serve);
            if spawned.is_err() {
                break;
            }
        }
        let mut through = HashSet::with_capacity(work.len());
        while through.len() < work.len() {
            match finished.recv_deadline(deadline) {
                Ok(key) => through.insert(key),
                Err(_) => break,
            };
        }
        work.iter().filter(|entry| !through.contains(&entry.key)).map(Arc::clone).collect()
    }

    /// Makes this thread the observer's: what it calls then does not wait for itself.
    pub(super) fn serve_for(&self, entry: &Entry) {
        set_worker(Worker { bus_key: self.key, observer_key: entry.key, current: None });
    }

    pub(super) fn build_report(&self, unfinished_emitters: u32) -> Report {
        let now = self.now();
        let busy = self.busy(now);
        let (mut entries, retired, folded) = {
            let registry = self.registry.lock();
            (
                registry.entries.values().map(Arc::clone).collect::<Vec<_>>(),
                registry.retired.iter().map(Arc::clone).collect::<Vec<_>>(),
                registry.folded.clone(),
            )
        };
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.priority));
        let busy_of = |entry: &Entry| {
            busy.iter().filter(|(key, _)| *key == entry.key).map(|(_, time)| *time).max()
        };
        let observers: Vec<ObserverReport> = entries
            .iter()
            .chain(&retired)
            .map(|entry| entry.report(now, busy_of(entry)))
            .chain(folded)
            .collect();
        let (suppressed, filtered, cut_off) = self.counters();
        let processor_failures = self.processor_failures.load(Ordering::Relaxed);
        let complete = observers.iter().all(ObserverReport::is_complete)
            && cut_off == 0
            && processor_failures == 0
            && unfinished_emitters == 0;
        Report {
            complete,
            observers,
            bus: self.id,
            suppressed,
            filtered,
            cut_off,
            processor_failures,
            unfinished_emitters,
        }
    }

    /// Which inline observers are being called now, and for how long.
    fn busy(&self, now: Duration) -> Vec<(u64, Duration)> {
        let lanes = self.all_lanes();
        let busy = lanes.iter().filter_map(|lane| lane.busy());
        busy.map(|(key, since_ns)| (key, now.saturating_sub(Duration::from_nanos(since_ns))))
            .collect()
    }

    /// Lets observers go that nothing needs any more.
    fn let_go(&self) {
        let registry = std::mem::take(&mut *self.registry.lock());
        drop(registry);
        if let Some(history) = &self.history {
            let history = std::mem::replace(&mut *history.lock(), crate::history::History::new(0));
            drop(history);
        }
        forget(self);
    }

    /// The report of a closed bus, or one made now.
    pub(super) fn report(&self) -> Report {
        let known = self.closed_report.lock().clone();
        known.unwrap_or_else(|| self.build_report(0))
    }
}

fn queued(entries: &[Arc<Entry>]) -> impl Iterator<Item = (&Arc<Entry>, &Queue)> {
    entries.iter().filter_map(|entry| Some((entry, entry.queue()?)))
}

/// Lets the queues run dry, all at once.
fn stop_queues(entries: &[Arc<Entry>], deadline: Instant) {
    for (_, queue) in queued(entries) {
        queue.stop(deadline, Laggards::default());
    }
}

/// Waits for them, and marks those that did not.
fn await_queues(entries: &[Arc<Entry>], own: &Own, deadline: Instant) {
    for (entry, queue) in queued(entries) {
        if own.observers.contains(&entry.key) {
            continue;
        }
        if !wait_until(deadline, || queue.is_finished()) {
            entry.set_stalled();
        }
    }
}
