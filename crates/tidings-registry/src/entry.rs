//! One registered observer: what was asked for, and how it goes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tidings_core::{ContentId, Envelope, Interest, Lane};

use crate::bus::Shared;
use crate::dedup::DedupMemory;
use crate::deliver::{Failure, Late, Queue, contained, drop_contained};
use crate::observer::{Observer, ObserverError};
use crate::report::{Counts, ObserverReport};
use crate::route::{Cell, Fate};
use crate::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use crate::sync::{Mutex, RwLock};

/// An observer and all that its bus keeps for it.
pub(crate) struct Entry {
    /// Counts up over the registrations of a bus; the order among equal priorities.
    pub(crate) key: u64,
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) interest: Interest,
    pub(crate) priority: i32,
    pub(crate) late: Late,
    /// It hands events on and counts for itself: what it takes is not delivered yet.
    pub(crate) hands_on: bool,
    observer: RwLock<Arc<dyn Observer>>,
    /// How often another observer was put in the place of one; written with it.
    replaced: AtomicU64,
    queue: Option<Queue>,
    dedup: Option<Mutex<DedupMemory>>,
    cells: Mutex<BTreeMap<Lane, Arc<Cell>>>,
    failures_in_row: AtomicU32,
    remove_after: Option<u32>,
    last_error: Mutex<Option<String>>,
    /// Why a flush or the close was no success.
    hook_error: Mutex<Option<String>>,
    /// Why the last flush was no success.
    flush_failed: Mutex<Option<String>>,
    stalled: AtomicBool,
    closing: AtomicBool,
}

/// What a registration asks for.
pub(crate) struct EntrySettings {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) interest: Interest,
    pub(crate) priority: i32,
    pub(crate) queue: Option<Queue>,
    pub(crate) dedup: Option<DedupMemory>,
    pub(crate) remove_after: Option<u32>,
    pub(crate) catching_up: bool,
    pub(crate) hands_on: bool,
}

impl Entry {
    pub(crate) fn new(key: u64, observer: Arc<dyn Observer>, settings: EntrySettings) -> Self {
        Self {
            key,
            name: settings.name,
            kind: settings.kind,
            interest: settings.interest,
            priority: settings.priority,
            late: Late::new(settings.catching_up),
            hands_on: settings.hands_on,
            observer: RwLock::new(observer),
            replaced: AtomicU64::new(0),
            queue: settings.queue,
            dedup: settings.dedup.map(Mutex::new),
            cells: Mutex::default(),
            failures_in_row: AtomicU32::new(0),
            remove_after: settings.remove_after,
            last_error: Mutex::new(None),
            hook_error: Mutex::new(None),
            flush_failed: Mutex::new(None),
            stalled: AtomicBool::new(false),
            closing: AtomicBool::new(false),
        }
    }

    pub(crate) fn observer(&self) -> Arc<dyn Observer> {
        Arc::clone(&self.observer.read())
    }

    /// Whether the observer wants to be flushed and closed.
    pub(crate) fn needs_close(&self) -> bool {
        let observer = self.observer();
        let mut needs_close = true;
        let asked = contained(|| {
            needs_close = observer.needs_close();
            Ok(())
        });
        asked.is_err() || needs_close
    }

    /// The observer together with what [`replaced`](Self::replaced) says while it is there.
    pub(crate) fn numbered_observer(&self) -> (u64, Arc<dyn Observer>) {
        let observer = self.observer.read();
        (self.replaced(), Arc::clone(&observer))
    }

    /// How often another observer was put in the place of one.
    #[inline]
    pub(crate) fn replaced(&self) -> u64 {
        self.replaced.load(Ordering::Acquire)
    }

    pub(crate) fn replace_observer(&self, observer: Arc<dyn Observer>) -> Arc<dyn Observer> {
        let mut place = self.observer.write();
        self.replaced.fetch_add(1, Ordering::Release);
        std::mem::replace(&mut *place, observer)
    }

    /// Whether it is inline and still being shown the past.
    pub(crate) fn is_catching_up(&self) -> bool {
        self.late.is_catching_up()
    }

    #[inline]
    pub(crate) fn queue(&self) -> Option<&Queue> {
        self.queue.as_ref()
    }

    /// What this lane counts for the observer.
    pub(crate) fn cell(&self, lane: Lane) -> Arc<Cell> {
        Arc::clone(self.cells.lock().entry(lane).or_default())
    }

    /// Calls the observer with one accepted event and settles its fate; an error is that it
    /// was suppressed.
    #[expect(clippy::inline_always, reason = "otherwise each further observer costs a fifth more")]
    #[inline(always)]
    pub(crate) fn offer(
        &self,
        bus: &Shared,
        observer: &dyn Observer,
        envelope: &Arc<Envelope>,
        cell: &Cell,
    ) -> Result<Offered, Suppressed> {
        // A content id is made on first use: not for those who do not ask.
        if self.dedup.is_some() {
            return self.offer_once(bus, observer, envelope, cell);
        }
        let outcome = contained(|| observer.on_event(envelope));
        Ok(self.settle(bus, envelope, cell, outcome))
    }

    /// As [`offer`](Self::offer), unless the same was said within the observer's window.
    fn offer_once(
        &self,
        bus: &Shared,
        observer: &dyn Observer,
        envelope: &Arc<Envelope>,
        cell: &Cell,
    ) -> Result<Offered, Suppressed> {
        let mut remembered = None;
        let mut is_suppressed = false;
        // Looking for a repeat may run the payload's own `Serialize`.
        let outcome = contained(|| {
            if let Ok(content) = self.remember(bus, envelope) {
                remembered = content;
                observer.on_event(envelope)
            } else {
                is_suppressed = true;
                Ok(())
            }
        });
        if is_suppressed {
            cell.settle(Fate::Suppressed);
            return Err(Suppressed);
        }
        if let (Err(_), Some((id, then)), Some(dedup)) = (&outcome, remembered, &self.dedup) {
            dedup.lock().forget(id, then);
        }
        Ok(self.settle(bus, envelope, cell, outcome))
    }

    /// What was remembered of the content and when, if this observer deduplicates.
    fn remember(
        &self,
        bus: &Shared,
        envelope: &Arc<Envelope>,
    ) -> Result<Option<(ContentId, Duration)>, Suppressed> {
        // What has no content id is no repeat of anything.
        let (Some(dedup), Ok(id)) = (&self.dedup, envelope.content_id()) else {
            return Ok(None);
        };
        let now = bus.now();
        if dedup.lock().admit(id, now) { Ok(Some((id, now))) } else { Err(Suppressed) }
    }

    #[inline]
    fn settle(
        &self,
        bus: &Shared,
        envelope: &Arc<Envelope>,
        cell: &Cell,
        outcome: Result<(), Failure>,
    ) -> Offered {
        if let Err(failure) = outcome {
            return self.settle_failure(bus, envelope, cell, failure);
        }
        cell.settle(Fate::Delivered);
        if self.failures_in_row.load(Ordering::Relaxed) != 0 {
            self.failures_in_row.store(0, Ordering::Relaxed);
        }
        Offered::Taken
    }

    #[cold]
    fn settle_failure(
        &self,
        bus: &Shared,
        envelope: &Arc<Envelope>,
        cell: &Cell,
        failure: Failure,
    ) -> Offered {
        if failure.dropped {
            self.set_error(failure.reason);
            cell.settle(Fate::Dropped);
            return Offered::Dropped;
        }
        self.note_failure(bus, envelope, &failure);
        // Settled last: who sees every event settled sees its diagnostics queued.
        cell.settle(if failure.rejected { Fate::Rejected } else { Fate::Failed });
        Offered::Failed
    }

    fn note_failure(&self, bus: &Shared, envelope: &Arc<Envelope>, failure: &Failure) {
        self.set_error(failure.reason.clone());
        let mut removed = false;
        if !failure.rejected {
            let in_row = self.failures_in_row.fetch_add(1, Ordering::Relaxed).saturating_add(1);
            removed = self.remove_after.is_some_and(|limit| in_row >= limit)
                && bus.retire(self.key, None);
        }
        bus.diagnose_failure(self, envelope, failure, removed);
    }

    pub(crate) fn set_error(&self, reason: String) {
        *self.last_error.lock() = Some(reason);
    }

    pub(crate) fn set_stalled(&self) {
        self.stalled.store(true, Ordering::Relaxed);
    }

    /// Lets go of an observer that nothing calls any more, so that what it holds is freed
    /// now and not with the bus. One that counts for itself is still asked for reports.
    pub(crate) fn release_observer(&self) {
        if contained_counts(&*self.observer()).is_none() {
            drop_contained(self.replace_observer(Arc::new(Gone)));
        }
    }

    /// Lets the observer end its work; once, whoever comes first.
    pub(crate) fn close_observer(&self, bus: &Shared, deadline: Instant) {
        if self.closing.swap(true, Ordering::AcqRel) {
            return;
        }
        let observer = self.observer();
        if self.needs_close() {
            self.run_hook(bus, "close", || observer.close(deadline));
        }
        drop_contained(observer);
        self.release_observer();
    }

    /// Lets the observer write out what it holds back.
    pub(crate) fn flush_observer(&self, bus: &Shared, deadline: Instant) {
        let observer = self.observer();
        let failed = self.run_hook(bus, "flush", || observer.flush(deadline));
        *self.flush_failed.lock() = failed;
    }

    /// Why the last flush was no success.
    pub(crate) fn flush_failed(&self) -> Option<String> {
        self.flush_failed.lock().clone()
    }

    /// Runs a hook; answers why it failed.
    fn run_hook(
        &self,
        bus: &Shared,
        hook: &str,
        call: impl FnOnce() -> Result<(), ObserverError>,
    ) -> Option<String> {
        let failed = contained(call).err().map(|failure| failure.reason);
        let reason = failed.as_ref().map(|failed| format!("failed to {hook}: {failed}"));
        if let Some(reason) = &reason {
            bus.diagnose_hook(self, reason);
        }
        // One that counts for itself has nothing left over from a flush that came too early;
        // of others nobody knows what the failure cost.
        if reason.is_some() || self.hands_on {
            *self.hook_error.lock() = reason;
        }
        failed
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    /// Accepted events and their fates, added up over all lanes.
    pub(crate) fn counts(&self) -> Counts {
        // Asked first: an observer may have counted what its bus has not seen settled yet.
        let own = contained_counts(&*self.observer());
        let counts = self.counts_of_bus();
        own.map_or(counts, |own| merged(counts, own))
    }

    /// What the bus itself has counted: fates first, so that no event has more than one.
    fn counts_of_bus(&self) -> Counts {
        let mut counts = Counts::default();
        let cells = self.cells.lock();
        cells.values().for_each(|cell| cell.add_fates(&mut counts));
        if let Some(queue) = &self.queue {
            queue.cell().add_fates(&mut counts);
        }
        self.add_accepted(&cells, &mut counts);
        let settled =
            counts.delivered + counts.failed + counts.rejected + counts.dropped + counts.suppressed;
        counts.pending = counts.accepted.saturating_sub(settled);
        counts
    }

    fn add_accepted(&self, cells: &BTreeMap<Lane, Arc<Cell>>, counts: &mut Counts) {
        for cell in cells.values() {
            cell.add_accepted(counts);
        }
        // The past that a late joiner asked for.
        if let Some(queue) = &self.queue {
            queue.cell().add_accepted(counts);
        }
    }

    /// What a barrier waits for, of this observer.
    pub(crate) fn target(&self) -> Target {
        match &self.queue {
            None => Target::Settled(self.progress().0),
            Some(queue) => Target::Out(queue.mark()),
        }
    }

    /// Whether all is settled that was accepted when the target was taken.
    pub(crate) fn has_reached(&self, target: Target) -> bool {
        let (accepted, settled) = self.progress();
        match (target, &self.queue) {
            _ if accepted == settled => true,
            (Target::Out(mark), Some(queue)) => queue.has_passed(mark),
            (Target::Settled(target) | Target::Out(target), _) => settled >= target,
        }
    }

    /// Whether nothing is to come of a retired observer any more.
    pub(crate) fn is_over(&self) -> bool {
        let (accepted, settled) = self.progress();
        accepted == settled && self.queue.as_ref().is_none_or(Queue::is_finished)
    }

    /// How many accepted events there are, and how many of them are settled.
    pub(crate) fn progress(&self) -> (u64, u64) {
        let counts = self.counts_of_bus();
        (counts.accepted, counts.accepted - counts.pending)
    }

    /// The entry's part of a report; `busy` is how long an inline call has lasted.
    pub(crate) fn report(&self, now: Duration, busy: Option<Duration>) -> ObserverReport {
        let in_worker = self
            .queue
            .as_ref()
            .and_then(Queue::busy_since_ns)
            .map(|since| now.saturating_sub(Duration::from_nanos(since)));
        // Who counts for itself knows best; what a hook said is a part of it.
        let of_observer = self.error_of_observer();
        let of_bus = self.hook_error.lock().clone().or_else(|| self.last_error.lock().clone());
        let last_error =
            if self.hands_on { of_observer.or(of_bus) } else { of_bus.or(of_observer) };
        ObserverReport {
            name: self.name.clone(),
            kind: self.kind.to_owned(),
            counts: self.counts(),
            stalled: self.stalled.load(Ordering::Relaxed),
            last_error,
            busy: busy.max(in_worker),
        }
    }
}

impl Entry {
    /// What the observer itself says; asked without any lock.
    fn error_of_observer(&self) -> Option<String> {
        let (observer, mut error) = (self.observer(), None);
        let asked = contained(|| {
            error = observer.last_error();
            Ok(())
        });
        asked.err().map(|failure| failure.reason).or(error)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        drop_contained(self.replace_observer(Arc::new(Gone)));
    }
}

/// Stands where an observer was.
struct Gone;

impl Observer for Gone {
    fn on_event(&self, _envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        Err(ObserverError::failed("the observer was cancelled"))
    }

    fn needs_close(&self) -> bool {
        false
    }
}

/// What was accepted by a moment, in the observer's own terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// So many events are settled.
    Settled(u64),
    /// The queue has passed this mark. Settled events do not tell: an overflow settles
    /// the newest while older ones still wait.
    Out(u64),
}

/// What the observer said to one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offered {
    Taken,
    Failed,
    Dropped,
}

/// Content dedup of the observer left the event out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Suppressed;

pub(crate) fn contained_counts(observer: &dyn Observer) -> Option<Counts> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| observer.counts())).unwrap_or(None)
}

/// What the observer took over is as it says; the rest is as its bus counted.
///
/// The bus's `delivered` are those the observer took over, so its own fates stand in their
/// place; what is taken but not yet counted by it is pending.
fn merged(bus: Counts, own: Counts) -> Counts {
    let taken =
        own.delivered + own.failed + own.rejected + own.dropped + own.suppressed + own.spooled;
    // Its own threads may be finished with an event before the call that handed it over is.
    let settled = taken + bus.failed + bus.rejected + bus.dropped + bus.suppressed;
    Counts {
        accepted: bus.accepted,
        delivered: own.delivered,
        failed: bus.failed + own.failed,
        rejected: bus.rejected + own.rejected,
        dropped: bus.dropped + own.dropped,
        suppressed: bus.suppressed + own.suppressed,
        spooled: own.spooled,
        pending: bus.accepted.saturating_sub(settled),
        retries: own.retries,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_observer_that_counts_for_itself_says_what_became_of_what_it_took() {
        let bus = Counts {
            accepted: 1_000,
            delivered: 600,
            failed: 1,
            rejected: 2,
            dropped: 4,
            suppressed: 8,
            ..Counts::default()
        };
        let own = Counts {
            delivered: 16,
            failed: 32,
            rejected: 64,
            dropped: 128,
            suppressed: 256,
            spooled: 50,
            retries: 7,
            ..Counts::default()
        };
        let both = Counts {
            accepted: 1_000,
            delivered: 16,
            failed: 33,
            rejected: 66,
            dropped: 132,
            suppressed: 264,
            spooled: 50,
            pending: 1_000 - 15 - 546,
            retries: 7,
        };
        assert_eq!(merged(bus, own), both);
    }

    #[test]
    fn an_observer_that_is_ahead_of_its_bus_has_nothing_pending() {
        let bus = Counts { accepted: 1, ..Counts::default() };
        let own = Counts { delivered: 2, ..Counts::default() };
        assert_eq!(merged(bus, own).pending, 0);
    }

    #[test]
    fn what_stands_where_an_observer_was_takes_no_event_as_delivered() {
        assert!(!Gone.needs_close(), "there is nothing to close");
        let bus = crate::Bus::new();
        let shown = bus.subscribe(Gone);
        let receipt = bus.raw_emitter("case", "t").emit("case.started", serde_json::json!(1));
        assert_eq!(receipt.expect("a good type").failed(), 1);
        drop(shown);
    }
}
