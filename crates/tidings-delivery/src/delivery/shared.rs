//! What the handle of a delivery and its thread share.
//!
//! The lock is held to move events and to write them to the spool, never while a sink works
//! or a diagnostic is emitted.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};
use tidings_core::Envelope;
use tidings_registry::{Counts, ObserverError, is_observer_thread};

use super::backlog::Offered;
use super::busy::Busy;
use super::held::Held;
use super::link::Link;
use super::plan::Rhythm;
use super::state::{Phase, State, told};
use crate::dead_letter::DeadLetters;
use crate::diagnostics::SinkDiagnostic;
use crate::gate::Gate;
use crate::redact::Redaction;
use crate::settings::{Overflow, Retry, SpoolFull};
use crate::spool::{Spool, SpoolError};
use tidings_core::time::moment::after;

/// A batch that takes longer may take for ever.
pub(super) const HANG_AFTER: Duration = Duration::from_millis(500);

pub(super) struct Shared {
    pub(super) name: String,
    pub(super) rhythm: Rhythm,
    pub(super) retry: Retry,
    pub(super) age_max: Option<Duration>,
    pub(super) event_bytes_max: usize,
    pub(super) block_timeout: Duration,
    pub(super) spool_full: SpoolFull,
    /// How many events the delivery's thread writes to the spool at a time.
    pub(super) spill_events: usize,
    pub(super) redaction: Redaction,
    pub(super) gate: Gate,
    pub(super) state: Mutex<State>,
    /// For the delivery's thread.
    pub(super) wake: Condvar,
    /// For flush and close: events got a fate, or a place in the spool.
    pub(super) progress: Condvar,
    /// For emitters that block: there is room again.
    pub(super) room: Condvar,
    pub(super) dead_letters: Option<Mutex<DeadLetters>>,
    pub(super) link: Mutex<Link>,
    /// Since when the sink is at work.
    pub(super) busy: Busy,
    /// Something begun under the lock is to be finished outside of it; see
    /// [`sync`](Self::sync).
    pub(super) unfinished: AtomicBool,
    pub(super) syncing: Mutex<()>,
}

impl Shared {
    /// Writes what memory holds to the spool; the rest is for [`sync`](Self::sync).
    pub(super) fn spill(&self, state: &mut State) -> bool {
        self.spill_some(state, usize::MAX)
    }

    /// As [`spill`](Self::spill), at most so many events.
    pub(super) fn spill_some(&self, state: &mut State, most: usize) -> bool {
        let is_well = state.spill(most, Instant::now());
        self.unfinished.store(true, Ordering::Release);
        is_well
    }

    /// Takes one event in, by the overflow policy.
    pub(super) fn accept(
        &self,
        envelope: &Arc<Envelope>,
        json: usize,
    ) -> Result<(), ObserverError> {
        // Not under the lock, for which others wait.
        let now = Instant::now();
        let mut state = self.state.lock();
        if state.phase != Phase::Open || state.closing.is_some() {
            return Err(ObserverError::failed("the delivery is closed"));
        }
        let mut offered = Offered::Full;
        if !state.is_over() {
            offered = self.offer(&mut state, envelope, json, now);
        }
        // Looked at again: it may have stopped while the emitter waited for room.
        if offered == Offered::Full && state.is_over() {
            let reason = state.stopped.clone().unwrap_or_default();
            let held = state.backlog.refuse(envelope, json);
            drop(state);
            self.bury([&held], &reason);
            return Ok(());
        }
        self.save_from_a_hang(&mut state, now);
        let trash = state.backlog.take_few();
        let unspoolable = std::mem::take(&mut state.unspoolable);
        let (events, bytes) = state.backlog.waiting();
        if events >= state.wake_at.0 || bytes >= state.wake_at.1 {
            state.wake_at = (usize::MAX, usize::MAX);
            self.wake.notify_one();
        }
        if offered == Offered::Taken {
            state.dropping = false;
            drop(state);
            drop(trash);
            self.bury_unspoolable(&unspoolable);
            return Ok(());
        }
        let limits = state.backlog.limits;
        let reason = match limits.overflow {
            Overflow::Spool => "queue and spool are full".to_owned(),
            _ => format!("the queue of {} events or {} bytes is full", limits.events, limits.bytes),
        };
        if offered == Offered::Full {
            state.backlog.leave_out();
        }
        state.add_reason(&reason);
        let is_told = std::mem::replace(&mut state.dropping, true);
        let dropped = state.backlog.tally.dropped + u64::from(offered == Offered::Full);
        drop(state);
        drop(trash);
        self.bury_unspoolable(&unspoolable);
        if !is_told && !envelope.event_type().is_reserved() {
            let (observer, reason) = (self.observer(), reason.clone());
            self.tell(SinkDiagnostic::Dropped { observer, dropped, reason });
        }
        match offered {
            Offered::Full => Err(ObserverError::dropped(reason)),
            _ => Ok(()),
        }
    }

    /// Offers an event to the backlog and makes room as the policy says.
    fn offer(
        &self,
        state: &mut MutexGuard<'_, State>,
        envelope: &Arc<Envelope>,
        json: usize,
        now: Instant,
    ) -> Offered {
        let mut offered = state.backlog.offer(envelope, json, now);
        if offered != Offered::Full {
            return offered;
        }
        let overflow = state.backlog.limits.overflow;
        if overflow == Overflow::Spool {
            let is_well = self.spill(state);
            self.moved(state);
            offered = state.backlog.offer(envelope, json, now);
            if offered == Offered::Full && is_well {
                // What is in hand leaves no room in memory: it goes to the disk by itself.
                state.backlog.force(envelope, json, now);
                if self.spill(state) || !state.backlog.take_back() {
                    offered = Offered::Taken;
                }
            }
        }
        let may_block = overflow == Overflow::Block
            || (overflow == Overflow::Spool && self.spool_full == SpoolFull::Block);
        if !may_block || state.stalled || is_observer_thread() {
            return offered;
        }
        let deadline = after(now, self.block_timeout);
        // Whoever waits wants what is there to be sent, full batch or not.
        state.flushing += 1;
        let mut is_late = false;
        while offered == Offered::Full && state.may_wait() && !is_late {
            self.wake.notify_one();
            is_late = self.room.wait_until(state, deadline).timed_out();
            if overflow == Overflow::Spool {
                self.spill(state);
            }
            if state.may_wait() {
                offered = state.backlog.offer(envelope, json, Instant::now());
            }
        }
        state.stalled |= offered == Offered::Full;
        state.flushing -= 1;
        offered
    }

    /// While the sink hangs in a batch, nobody else writes to the spool: were the process
    /// killed then, all that waits would be lost.
    fn save_from_a_hang(&self, state: &mut State, now: Instant) {
        if state.backlog.spool.is_none() {
            return;
        }
        let is_long = |since: Instant| now.saturating_duration_since(since) >= HANG_AFTER;
        let hangs = self.busy.time(now).is_some_and(|time| time >= HANG_AFTER);
        if hangs && state.spilled_at.is_none_or(is_long) {
            self.spill(state);
        }
    }

    /// Tells those who wait that something moved. Emitters are woken for a quarter of the
    /// queue at once: not for every batch, to fill it and block again.
    pub(super) fn moved(&self, state: &State) {
        self.progress.notify_all();
        if state.closing.is_some() || state.backlog.is_roomy() {
            self.room.notify_all();
        }
    }

    /// The name that the bus knows it by.
    pub(super) fn observer(&self) -> String {
        let link = self.link.lock();
        link.attachment().map_or_else(|| self.name.clone(), |place| place.name().to_owned())
    }

    /// Emits a diagnostic, as soon as there is a bus; the caller holds no lock.
    pub(super) fn tell(&self, diagnostic: SinkDiagnostic) {
        let attachment = {
            let mut link = self.link.lock();
            match link.attachment() {
                Some(attachment) => attachment.clone(),
                None => return link.keep(diagnostic),
            }
        };
        // Nobody may be listening; what it says stands in the report as well.
        let _receipt = attachment.emit(diagnostic);
    }

    /// Runs code of the sink as code of the observer that it is: what it emits waits for
    /// nobody. How long it takes is there to be seen.
    pub(super) fn serve<T>(&self, work: impl FnOnce() -> T) -> T {
        self.busy.begin();
        let attachment = self.link.lock().attachment().cloned();
        let done = match attachment {
            Some(attachment) => attachment.serve(work),
            None => work(),
        };
        self.busy.end();
        done
    }

    /// Writes events that will never be delivered to the dead letters.
    pub(super) fn bury<'a>(&self, events: impl IntoIterator<Item = &'a Held>, reason: &str) {
        let mut failure = None;
        if let Some(dead_letters) = &self.dead_letters {
            let mut dead_letters = dead_letters.lock();
            for held in events {
                let written = dead_letters.write(&held.envelope, Some(held.position), reason);
                failure = written.err().or(failure);
            }
        }
        let mut state = self.state.lock();
        state.add_reason(reason);
        if let Some(failure) = failure {
            state.add_reason(&format!("failed to write to the dead letters: {failure}"));
        }
    }

    fn bury_unspoolable(&self, events: &[Held]) {
        if !events.is_empty() {
            self.bury(events, "the event is too large for the spool");
        }
    }

    /// An event without a JSON form: only its metadata can be kept.
    pub(super) fn bury_unencodable(&self, envelope: &Envelope, reason: &str) {
        let Some(dead_letters) = &self.dead_letters else { return };
        // What redaction would have blanked may stand in the debug text.
        let written = if self.redaction.is_empty() {
            dead_letters.lock().write(envelope, None, reason)
        } else {
            dead_letters.lock().write_head(envelope, None, reason)
        };
        if let Err(failure) = written {
            self.state
                .lock()
                .add_reason(&format!("failed to write to the dead letters: {failure}"));
        }
    }

    /// Finishes outside the lock what was begun under it: waits for the device, as far as
    /// the policy asks for it, and buries what the spool could not take. Answers whether the
    /// device did as it was asked.
    pub(super) fn sync(&self) -> bool {
        // Whoever comes second waits for the first: then the device has it.
        let _turn = self.syncing.lock();
        if !self.unfinished.swap(false, Ordering::AcqRel) {
            return true;
        }
        let (handle, unspoolable) = {
            let mut state = self.state.lock();
            let unspoolable = std::mem::take(&mut state.unspoolable);
            if !std::mem::take(&mut state.needs_sync) && unspoolable.is_empty() {
                return true;
            }
            (state.backlog.spool.as_ref().and_then(Spool::sync_handle), unspoolable)
        };
        self.bury_unspoolable(&unspoolable);
        if let Some(sync) = handle
            && let Err(failure) = sync()
        {
            let mut state = self.state.lock();
            state.add_reason(&format!("failed to sync the spool: {failure}"));
            // Tried again by whoever comes next.
            state.needs_sync = true;
            self.unfinished.store(true, Ordering::Release);
            return false;
        }
        true
    }

    /// Keeps what is left, once: in the spool, or else as dead letters.
    pub(super) fn finalize(&self) {
        let left = {
            let mut state = self.state.lock();
            if state.phase != Phase::Open {
                return;
            }
            state.phase = Phase::Ending;
            self.spill(&mut state);
            state.backlog.drop_evicted();
            if self.dead_letters.is_some() { state.backlog.give_up_memory() } else { Vec::new() }
        };
        self.sync();
        if !left.is_empty() {
            self.bury(&left, "it was not delivered by the time its delivery was closed");
        }
        let (spool, trash, spent) = {
            let mut state = self.state.lock();
            state.earlier_left = state.backlog.earlier();
            let backlog = &mut state.backlog;
            (backlog.spool.take(), backlog.take_trash(), backlog.take_spent())
        };
        drop((trash, spent));
        // Waits for the device, so not under the lock.
        let (unwritten, closed) = spool.map_or((0, Ok(())), close);
        let mut state = self.state.lock();
        state.backlog.take_back_spooled(unwritten);
        if let Err(failure) = closed {
            state.add_reason(&told(&failure));
        }
        state.phase = Phase::Final;
        drop(state);
        self.wake.notify_all();
        self.progress.notify_all();
        self.room.notify_all();
    }

    pub(super) fn counts(&self) -> Counts {
        let tally = self.state.lock().backlog.tally;
        Counts {
            accepted: tally.accepted,
            delivered: tally.delivered,
            failed: tally.failed,
            rejected: tally.rejected,
            dropped: tally.dropped,
            suppressed: 0,
            spooled: tally.spooled,
            pending: tally.pending(),
            retries: tally.retries,
        }
    }
}

/// Closes a spool; says how many events it has not written, which end with this process.
fn close(mut spool: Spool) -> (u64, Result<(), SpoolError>) {
    let flushed = spool.flush_buffer();
    (spool.unwritten(), flushed.and_then(|()| spool.close()))
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery").field("name", &self.name).finish_non_exhaustive()
    }
}
