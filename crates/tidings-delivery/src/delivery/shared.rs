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
use tidings_registry::{Attachment, Counts, ObserverError, is_observer_thread};

use super::backlog::{Backlog, Offered};
use super::held::Held;
use super::plan::Rhythm;
use crate::dead_letter::DeadLetters;
use crate::diagnostics::SinkDiagnostic;
use crate::gate::Gate;
use crate::redact::Redaction;
use crate::settings::{Overflow, Retry, SpoolFull};
use crate::spool::{Spool, SpoolError};

/// How long a spool that could not be written is left alone.
const SPILL_PAUSE: Duration = Duration::from_secs(1);
/// How many reasons the report names.
const REASONS_MAX: usize = 5;

pub(super) struct Shared {
    pub(super) name: String,
    pub(super) rhythm: Rhythm,
    pub(super) retry: Retry,
    pub(super) age_max: Option<Duration>,
    pub(super) event_bytes_max: usize,
    pub(super) block_timeout: Duration,
    pub(super) spool_full: SpoolFull,
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
    pub(super) attachment: Mutex<Option<Attachment>>,
    /// Since when the sink is at a batch.
    pub(super) sending_since: Mutex<Option<Instant>>,
    /// Something begun under the lock is to be finished outside of it; see
    /// [`sync`](Self::sync).
    pub(super) unfinished: AtomicBool,
    pub(super) syncing: Mutex<()>,
}

/// What is under the lock.
pub(super) struct State {
    pub(super) backlog: Backlog,
    /// The thread is woken when so many events, or bytes, wait.
    pub(super) wake_at: (usize, usize),
    /// How many flushes wait.
    pub(super) flushing: usize,
    pub(super) closing: Option<Instant>,
    pub(super) phase: Phase,
    /// Nothing gets through, and why.
    pub(super) outage: Option<String>,
    /// The sink takes nothing more, and why.
    pub(super) stopped: Option<String>,
    /// A blocked emitter waited in vain; nobody waits until something moves.
    pub(super) stalled: bool,
    pub(super) spill_after: Option<Instant>,
    /// The spool was written and the device not waited for.
    needs_sync: bool,
    /// Events are being left out, and that was told.
    dropping: bool,
    reasons: Reasons,
    /// How many events of earlier deliveries were left when it ended.
    pub(super) earlier_left: u64,
    /// To be told once there is a bus to tell it on.
    pub(super) warnings: Vec<String>,
    /// Events too large for the spool, on their way to the dead letters.
    unspoolable: Vec<Held>,
}

/// How far the end of a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Open,
    /// Somebody keeps and counts what is left; no fate changes any more.
    Ending,
    /// What was left is kept and counted.
    Final,
}

/// Why events have no good end: the first reasons, and how many there are.
#[derive(Debug, Default)]
struct Reasons {
    first: Vec<String>,
    more: u64,
}

impl Reasons {
    fn add(&mut self, reason: &str) {
        if self.first.iter().any(|known| known == reason) {
            return;
        }
        if self.first.len() < REASONS_MAX {
            self.first.push(reason.to_owned());
        } else {
            self.more += 1;
        }
    }
}

impl State {
    pub(super) fn new(backlog: Backlog) -> Self {
        Self {
            backlog,
            wake_at: (1, 1),
            flushing: 0,
            closing: None,
            phase: Phase::Open,
            outage: None,
            stopped: None,
            stalled: false,
            spill_after: None,
            needs_sync: false,
            dropping: false,
            reasons: Reasons::default(),
            earlier_left: 0,
            warnings: Vec::new(),
            unspoolable: Vec::new(),
        }
    }

    /// Takes note of what an earlier process left in a bad way.
    pub(super) fn note_opened(&mut self) {
        let opened = self.backlog.spool.as_ref().map(|spool| spool.opened().faults.clone());
        for fault in opened.unwrap_or_default() {
            self.warnings.push(format!("the spool was damaged: {fault}"));
        }
    }

    pub(super) fn add_reason(&mut self, reason: &str) {
        self.reasons.add(reason);
    }

    /// What stands in the way, or kept events from their place; none when all is well.
    pub(super) fn trouble(&self) -> Option<String> {
        let outage = self.stopped.as_ref().or(self.outage.as_ref());
        let mut parts: Vec<String> =
            outage.into_iter().chain(&self.reasons.first).cloned().collect();
        parts.dedup();
        if self.reasons.more > 0 {
            parts.push(format!("and {} more reasons", self.reasons.more));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// Writes what memory holds to the spool; answers whether all of it is there.
    fn spill(&mut self, now: Instant) -> bool {
        let spilled = self.backlog.spill();
        if spilled.written > 0 {
            self.needs_sync = true;
        }
        if spilled.dropped > 0 {
            self.add_reason("the spool was full, and its oldest events made room");
        }
        self.unspoolable.extend(spilled.unspoolable);
        self.spill_after = spilled.failure.as_ref().map(|_| now + SPILL_PAUSE);
        match &spilled.failure {
            None => true,
            Some(failure) => {
                self.add_reason(&told(failure));
                false
            }
        }
    }
}

/// An error of the spool with its causes.
pub(super) fn told(failure: &SpoolError) -> String {
    use std::error::Error as _;

    let mut text = failure.to_string();
    let mut next = failure.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}

impl Shared {
    /// Writes what memory holds to the spool; the rest is for [`sync`](Self::sync).
    pub(super) fn spill(&self, state: &mut State) -> bool {
        let is_all = state.spill(Instant::now());
        self.unfinished.store(true, Ordering::Release);
        is_all
    }

    /// Takes one event in, by the overflow policy.
    pub(super) fn accept(
        &self,
        envelope: &Arc<Envelope>,
        json: usize,
    ) -> Result<(), ObserverError> {
        let mut state = self.state.lock();
        if state.phase != Phase::Open || state.closing.is_some() {
            return Err(ObserverError::failed("the delivery is closed"));
        }
        if let (Some(reason), None) = (&state.stopped, &state.backlog.spool) {
            let reason = reason.clone();
            let held = state.backlog.refuse(envelope, json);
            drop(state);
            self.bury([&held], &reason);
            return Ok(());
        }
        let offered = self.offer(&mut state, envelope, json);
        let (events, bytes) = state.backlog.waiting();
        if events >= state.wake_at.0 || bytes >= state.wake_at.1 {
            state.wake_at = (usize::MAX, usize::MAX);
            self.wake.notify_one();
        }
        if offered == Offered::Taken {
            state.dropping = false;
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
    ) -> Offered {
        let now = Instant::now();
        let mut offered = state.backlog.offer(envelope, json, now);
        if offered != Offered::Full {
            return offered;
        }
        let overflow = state.backlog.limits.overflow;
        if overflow == Overflow::Spool {
            self.spill(state);
            self.moved(state);
            offered = state.backlog.offer(envelope, json, now);
        }
        let may_block = overflow == Overflow::Block
            || (overflow == Overflow::Spool && self.spool_full == SpoolFull::Block);
        if !may_block || state.stalled || is_observer_thread() {
            return offered;
        }
        let deadline = now + self.block_timeout;
        // Whoever waits wants what is there to be sent, full batch or not.
        state.flushing += 1;
        let mut is_late = false;
        while offered == Offered::Full && state.closing.is_none() && !is_late {
            self.wake.notify_one();
            is_late = self.room.wait_until(state, deadline).timed_out();
            if overflow == Overflow::Spool {
                self.spill(state);
            }
            offered = state.backlog.offer(envelope, json, Instant::now());
        }
        state.stalled |= offered == Offered::Full;
        state.flushing -= 1;
        offered
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
        let attachment = self.attachment.lock();
        attachment.as_ref().map_or_else(|| self.name.clone(), |place| place.name().to_owned())
    }

    /// Emits a diagnostic; the caller holds no lock.
    pub(super) fn tell(&self, diagnostic: SinkDiagnostic) {
        let attachment = self.attachment.lock().clone();
        if let Some(attachment) = attachment {
            // Nobody may be listening; what it says stands in the report as well.
            let _receipt = attachment.emit(diagnostic);
        }
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
        if !unspoolable.is_empty() {
            self.bury(&unspoolable, "the event is too large for the spool");
        }
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
        let mut state = self.state.lock();
        state.earlier_left = state.backlog.earlier();
        if let Some(spool) = state.backlog.spool.take()
            && let Err(failure) = spool.close()
        {
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

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery").field("name", &self.name).finish_non_exhaustive()
    }
}
