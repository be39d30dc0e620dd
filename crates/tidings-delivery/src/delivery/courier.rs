//! The thread of a delivery: takes events in hand, has them encoded and sent, and gives each
//! its fate.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tidings_core::wire::EventReader;

use super::backlog::{Decoded, Taken};
use super::backoff::Backoff;
use super::held::Fate;
use super::let_go::{SPENT_MAX, wait};
use super::parcel::{Next, Parcel, Verdict};
use super::plan::{Step, View};
use super::shared::Shared;
use super::state::{Phase, State, told};
use crate::contain::contained;
use crate::diagnostics::SinkDiagnostic;
use crate::sink::{Outcome, Sink, Unencodable};
use tidings_core::time::moment::after;

/// After so many panics in a row at the same events they are divided, to find the one.
const PANICS_MAX: u32 = 3;
/// Confirmations are asked for no more often than this.
const CONFIRM_INTERVAL_MIN: Duration = Duration::from_millis(1);
/// After so many failures in a row to read the spool it is left as it is: with the pauses
/// of the retry settings by default, that takes a minute at most.
const READ_FAILURES_MAX: u32 = 8;
/// How many events are taken under the lock at a time: emitters that find it taken look again
/// for a few microseconds before they sleep.
const TAKEN_AT_ONCE: usize = 64;
/// The most of a spool that is read at a time, beside the events of a batch.
const READ_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Everything that only the delivery's thread touches.
pub(super) struct Courier<S> {
    pub(super) sink: S,
    pub(super) shared: Arc<Shared>,
    /// To be sent, in order.
    pub(super) parcels: VecDeque<Parcel>,
    /// Sent, and to be confirmed.
    pub(super) unconfirmed: Vec<Parcel>,
    /// Reads what the spool holds.
    events: EventReader,
    /// In hand and not encoded yet.
    pub(super) taken: VecDeque<Taken>,
    /// How many more events, and bytes of them, belong into the parcel that is being made.
    room: (usize, usize),
    pub(super) backoff: Backoff,
    /// Pauses between attempts to read the spool.
    reading: Backoff,
    read_after: Option<Instant>,
    batches: u64,
    confirm_at: Option<Instant>,
    /// When the interval of `RealTime` began, and before which position what waits was there.
    tick_at: Option<Instant>,
    tick_end: u64,
    /// Memory for the next parcel.
    spare: Option<Parcel>,
    panics: u32,
    /// Whether the shared state says that nothing gets through.
    pub(super) in_outage: bool,
    /// Whether the current outage was told, and whether as an alarm.
    pub(super) told: Option<bool>,
}

impl<S: Sink> Courier<S> {
    pub(super) fn new(sink: S, shared: Arc<Shared>) -> Self {
        Self {
            sink,
            backoff: Backoff::new(shared.retry.first, shared.retry.cap),
            reading: Backoff::new(shared.retry.first, shared.retry.cap),
            read_after: None,
            shared,
            parcels: VecDeque::new(),
            unconfirmed: Vec::new(),
            events: EventReader::new(),
            taken: VecDeque::new(),
            room: (0, 0),
            batches: 0,
            confirm_at: None,
            tick_at: None,
            tick_end: 0,
            spare: None,
            panics: 0,
            in_outage: false,
            told: None,
        }
    }

    /// Works until the delivery is closed.
    pub(super) fn run(mut self) {
        // What is contained of a sink cannot get here; a fault of our own must not leave
        // events behind that nobody speaks of.
        if let Err(panic) = contained(|| self.work()) {
            self.stop(&format!("the delivery panicked: {panic}"));
        }
        self.shared.finalize();
        // A sink that panics now has done its work all the same.
        drop(contained(|| self.sink.close()));
    }

    fn work(&mut self) {
        self.check();
        while let Some(step) = self.next_step() {
            self.take_step(step);
            self.shared.sync();
        }
    }

    /// Asks the sink for advice, unless there is something to be sent: that tells more.
    fn check(&mut self) {
        if self.shared.state.lock().backlog.len() > 0 {
            return;
        }
        let shared = Arc::clone(&self.shared);
        let sink = &mut self.sink;
        let checked = shared.serve(|| contained(|| sink.check())).and_then(|checked| checked);
        if let Err(reason) = checked {
            self.warn(reason);
        }
    }

    /// The next step that is not waiting; none when it is over.
    fn next_step(&mut self) -> Option<Step> {
        let shared = Arc::clone(&self.shared);
        let window = contained(|| self.sink.unconfirmed_max()).unwrap_or(1);
        let mut state = shared.state.lock();
        loop {
            if state.phase != Phase::Open {
                return None;
            }
            let now = Instant::now();
            match self.view(&state, now, window).next(now, &shared.rhythm) {
                Step::Finish => return None,
                Step::Wait { until, for_events } => wait(&shared, &mut state, until, for_events),
                // Under the lock that is held: emitters take it for every event.
                Step::Take => {
                    state.spent_until = None;
                    let rhythm = shared.rhythm;
                    if state.backlog.first_waiting().is_some_and(|first| first >= self.tick_end) {
                        self.tick_at = Some(now);
                        self.tick_end = state.backlog.next_position();
                    }
                    let events = rhythm.batch_events.min(state.backlog.hand_room().max(1));
                    // What comes later is not part of it, however long it takes to get there.
                    let events = events.min(state.backlog.waiting().0);
                    self.room = (events, rhythm.batch_bytes.max(1));
                    self.take_some(&mut state);
                    return Some(Step::Encode);
                }
                step => return Some(step),
            }
        }
    }

    fn view(&self, state: &State, now: Instant, window: usize) -> View {
        let (waiting_events, waiting_bytes) = state.backlog.waiting();
        let has_spool = state.backlog.spool.is_some();
        let outage = state.outage.is_some();
        // What is left of a divided parcel goes before all others, once its part is confirmed.
        let is_divided = self.unconfirmed.iter().any(Parcel::is_divided);
        View {
            gate_opens: self.shared.gate.opens_at(now),
            outage,
            stopped: state.stopped.is_some(),
            parcel: !self.parcels.is_empty() && !is_divided,
            taken: !self.taken.is_empty(),
            unconfirmed: self.unconfirmed.len(),
            unconfirmed_max: if is_divided { 1 } else { window },
            confirm_at: self.confirm_at,
            unread: state.backlog.unread(),
            read_after: self.read_after,
            waiting_events,
            waiting_bytes,
            oldest_waiting: state.backlog.oldest_waiting(),
            tick_at: self.tick_at,
            in_tick: state.backlog.first_waiting().is_some_and(|first| first < self.tick_end),
            has_spool,
            unspooled: has_spool
                && (outage || state.stopped.is_some() || state.flushing > 0)
                && state.backlog.has_unspooled(),
            spill_after: state.spill_after,
            hand_full: state.backlog.hand_room() == 0,
            expires_at: self.expires_at(state),
            flushing: state.flushing > 0,
            closing: state.closing,
        }
    }

    fn take_step(&mut self, step: Step) {
        let shared = Arc::clone(&self.shared);
        match step {
            Step::Confirm => self.confirm(),
            Step::Send => {
                // However long it takes: what is kept meanwhile is bounded.
                let spent = shared.state.lock().backlog.take_spent_beyond(SPENT_MAX);
                drop(spent);
                self.send();
            }
            Step::Encode => self.encode(),
            Step::Expire => self.expire(),
            Step::Read => self.read(),
            Step::Spill => {
                let mut state = shared.state.lock();
                // With `SpoolFsync::Event` the device is waited for after each one.
                shared.spill_some(&mut state, shared.spill_events);
                shared.moved(&state);
                let trash = state.backlog.take_trash();
                drop(state);
                drop(trash);
            }
            Step::Take | Step::Wait { .. } | Step::Finish => {}
        }
    }

    /// Takes the next records of the spool in hand.
    fn read(&mut self) {
        let shared = Arc::clone(&self.shared);
        let mut state = shared.state.lock();
        let events = shared.rhythm.batch_events.min(state.backlog.hand_room().max(1));
        let read = state.backlog.read_records(events, READ_BYTES_MAX);
        drop(state);
        let (records, faults) = match read {
            Ok(read) => read,
            Err(failure) => return self.read_later(&told(&failure)),
        };
        self.reading.succeed();
        let events = &mut self.events;
        let decoded: Vec<Decoded> =
            records.iter().map(|record| Decoded::of(record, events)).collect();
        let mut state = shared.state.lock();
        let (taken, reasons) = state.backlog.take_records(decoded, Instant::now());
        let faults = faults.iter().map(|fault| format!("the spool was damaged: {fault}"));
        let reasons: Vec<String> = faults.chain(reasons).collect();
        for reason in &reasons {
            state.add_reason(reason);
        }
        let released = state.backlog.release();
        note_failure(&mut state, released);
        drop(state);
        for reason in reasons {
            self.warn(reason);
        }
        self.taken.extend(taken);
    }

    /// A disk may be in trouble for a moment.
    fn read_later(&mut self, reason: &str) {
        let pause = self.reading.fail(fastrand::f64(), None);
        match self.reading.failures() {
            READ_FAILURES_MAX.. => return self.give_up_spool(reason),
            1 => self.warn(format!("the spool is read again after a pause: {reason}")),
            _ => {}
        }
        self.read_after = Some(after(Instant::now(), pause));
    }

    /// A spool that cannot be read any more must not stop what is new.
    fn give_up_spool(&mut self, reason: &str) {
        let mut state = self.shared.state.lock();
        state.add_reason(reason);
        state.backlog.abandon_spool();
        drop(state);
        self.warn(format!("the spool is left as it is: {reason}"));
    }

    /// Makes a parcel of what is in hand.
    pub(super) fn encode(&mut self) {
        let shared = Arc::clone(&self.shared);
        shared.serve(|| self.encode_taken());
    }

    /// Takes some of the events in hand for which there is room in the parcel.
    fn take_some(&mut self, state: &mut State) {
        let (events, bytes) = self.room;
        let some = events.min(TAKEN_AT_ONCE);
        let (count, sum) = state.backlog.take_waiting(some, bytes, &mut self.taken);
        // Fewer than there were: others have made room, or written them to the spool.
        let events = if count < some { 0 } else { events - count };
        self.room = (events, bytes.saturating_sub(sum));
    }

    /// The next event in hand for the parcel that is being made.
    fn next_taken(&mut self) -> Option<Taken> {
        if self.taken.is_empty() && self.room.0 > 0 && self.room.1 > 0 {
            let shared = Arc::clone(&self.shared);
            let mut state = shared.state.lock();
            if state.phase == Phase::Open {
                self.take_some(&mut state);
            }
        }
        self.taken.pop_front()
    }

    fn encode_taken(&mut self) {
        let (bytes_max, event_max) = (self.shared.rhythm.batch_bytes, self.shared.event_bytes_max);
        let mut parcel = self.spare.take().unwrap_or_default();
        while let Some(Taken { ticket, envelope, position }) = self.next_taken() {
            let sink = &mut self.sink;
            let encoded = contained(|| parcel.push(sink, envelope, position, ticket))
                .unwrap_or_else(|panic| {
                    Err(Unencodable::new(format!("its encoding panicked: {panic}")))
                });
            match encoded {
                Ok(bytes) if bytes > event_max => {
                    parcel.pop();
                    let reason = format!(
                        "the event has {bytes} bytes there, more than the {event_max} that may be sent"
                    );
                    self.set_aside(ticket, &reason);
                }
                Ok(_) if parcel.bytes() > bytes_max && parcel.len() > 1 => {
                    if let Some(envelope) = parcel.pop() {
                        self.taken.push_front(Taken { ticket, envelope, position });
                    }
                    break;
                }
                Ok(_) => {}
                Err(fault) => {
                    // Whatever a panic left behind is not part of any event.
                    parcel.cut();
                    self.set_aside(ticket, &fault.to_string());
                }
            }
        }
        self.room = (0, 0);
        if parcel.is_empty() {
            self.spare = Some(parcel.emptied());
        } else {
            self.parcels.push_back(parcel);
        }
    }

    /// Sends the first part of the first parcel.
    fn send(&mut self) {
        let Some(mut parcel) = self.parcels.pop_front() else { return };
        self.batches += 1;
        let number = self.batches;
        if parcel.sent {
            self.shared.state.lock().backlog.tally.retries += 1;
        }
        let sink = &mut self.sink;
        let shared = Arc::clone(&self.shared);
        let sent = shared.serve(|| contained(|| sink.send(&parcel.batch(number))));
        let outcome = sent.unwrap_or_else(|panic| self.outcome_of_panic(&panic));
        let now = Instant::now();
        self.apply(parcel, &outcome, now);
    }

    /// A panic may come of one event: after a few attempts it is looked for.
    fn outcome_of_panic(&mut self, panic: &str) -> Outcome {
        self.panics += 1;
        let reason = format!("the sink panicked: {panic}");
        if self.panics < PANICS_MAX { Outcome::retry(reason) } else { Outcome::split(reason) }
    }

    /// Asks what became of the unconfirmed batches.
    fn confirm(&mut self) {
        let sink = &mut self.sink;
        let shared = Arc::clone(&self.shared);
        let confirmed = shared.serve(|| contained(|| sink.confirm()));
        let confirmations = confirmed.unwrap_or_else(|panic| {
            self.warn(format!("the sink panicked: {panic}"));
            Vec::new()
        });
        let now = Instant::now();
        for confirmation in confirmations {
            let is_it = |parcel: &Parcel| parcel.number == confirmation.batch;
            if let Some(index) = self.unconfirmed.iter().position(is_it) {
                let parcel = self.unconfirmed.remove(index);
                self.apply(parcel, &confirmation.outcome, now);
            }
        }
        self.confirm_at = (!self.unconfirmed.is_empty()).then(|| self.next_confirmation(now));
    }

    fn next_confirmation(&mut self, now: Instant) -> Instant {
        let interval = contained(|| self.sink.confirm_interval()).unwrap_or(CONFIRM_INTERVAL_MIN);
        after(now, interval.max(CONFIRM_INTERVAL_MIN))
    }

    /// Does what the outcome of a batch asks for.
    fn apply(&mut self, mut parcel: Parcel, outcome: &Outcome, now: Instant) {
        if let Some(warning) = outcome.warning() {
            self.warn(warning.to_owned());
        }
        if let Some(pause) = outcome.pause() {
            self.shared.gate.shut_until(after(now, pause));
        }
        let Verdict { delivered, set_aside, next } = parcel.settle(outcome);
        if !delivered.is_empty() || set_aside.is_some() || next == Next::Unconfirmed {
            self.note_success();
        }
        if let Some((ticket, reason)) = set_aside {
            self.set_aside(ticket, &reason);
        }
        self.settle(&delivered, Fate::Delivered);
        match next {
            Next::Go => {}
            Next::Unconfirmed => {
                self.unconfirmed.push(parcel);
                if self.confirm_at.is_none() {
                    self.confirm_at = Some(self.next_confirmation(now));
                }
                return;
            }
            Next::Retry { reason, not_before } => {
                // Batches that were sent before fail together: that is one failure.
                let is_shut = self.shared.gate.opens_at(now).is_some();
                let pause = match (is_shut, not_before) {
                    (true, not_before) => not_before.unwrap_or_default(),
                    (false, _) => self.backoff.fail(fastrand::f64(), not_before),
                };
                self.fail(&mut parcel, &reason, false, after(now, pause));
            }
            Next::Hold { reason } => {
                let pause = self.backoff.hold();
                self.fail(&mut parcel, &reason, true, after(now, pause));
            }
            Next::Stop { reason } => self.stop(&reason),
        }
        self.put_back(parcel);
    }

    /// What is left of a parcel goes before all that was taken in hand after it.
    pub(super) fn put_back(&mut self, parcel: Parcel) {
        if parcel.is_empty() {
            self.spare = Some(parcel.emptied());
            return;
        }
        let first = parcel.tickets().first().copied();
        let later = |other: &Parcel| other.tickets().first().copied() > first;
        let index = self.parcels.iter().position(later).unwrap_or(self.parcels.len());
        self.parcels.insert(index, parcel);
    }

    fn note_success(&mut self) {
        let attempts = u64::from(self.backoff.failures());
        self.backoff.succeed();
        self.panics = 0;
        if std::mem::take(&mut self.in_outage) {
            self.shared.state.lock().outage = None;
        }
        if self.told.take().is_some() {
            let observer = self.shared.observer();
            self.shared.tell(SinkDiagnostic::Recovered { observer, attempts });
        }
    }

    pub(super) fn settle(&self, tickets: &[u64], fate: Fate) {
        let mut state = self.shared.state.lock();
        // Otherwise it was counted, and is in the spool: better twice than not at all.
        if state.phase == Phase::Open {
            self.settle_in(&mut state, tickets, fate);
        }
    }

    /// Settles under the lock.
    pub(super) fn settle_in(&self, state: &mut State, tickets: &[u64], fate: Fate) {
        for ticket in tickets {
            state.backlog.settle(*ticket, fate);
        }
        let released = state.backlog.release();
        note_failure(state, released);
        state.stalled = false;
        self.shared.moved(state);
    }

    pub(super) fn warn(&self, reason: String) {
        let observer = self.shared.observer();
        self.shared.tell(SinkDiagnostic::Warned { observer, reason });
    }
}

pub(super) fn note_failure(state: &mut State, outcome: Result<(), crate::spool::SpoolError>) {
    if let Err(failure) = outcome {
        state.add_reason(&told(&failure));
    }
}
