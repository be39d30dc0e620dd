//! The thread of a delivery: takes events in hand, has them encoded and sent, and gives each
//! its fate.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::MutexGuard;

use super::backlog::{Decoded, Taken};
use super::backoff::Backoff;
use super::held::{Fate, Held};
use super::parcel::{Next, Parcel, Verdict};
use super::plan::{Step, View};
use super::shared::{Phase, Shared, State, told};
use crate::contain::contained;
use crate::diagnostics::SinkDiagnostic;
use crate::settings::WhenExhausted;
use crate::sink::{Outcome, Sink, Unencodable};

/// After so many failed attempts in a row an outage is told.
const TOLD_AFTER_FAILURES: u32 = 3;
/// After so many panics in a row at the same events they are divided, to find the one.
const PANICS_MAX: u32 = 3;
/// The most of a spool that is read at a time, beside the events of a batch.
const READ_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Everything that only the delivery's thread touches.
pub(super) struct Courier<S> {
    sink: S,
    shared: Arc<Shared>,
    /// To be sent, in order.
    parcels: VecDeque<Parcel>,
    /// Sent, and to be confirmed.
    unconfirmed: Vec<Parcel>,
    /// In hand and not encoded yet.
    taken: VecDeque<Taken>,
    backoff: Backoff,
    batches: u64,
    confirm_at: Option<Instant>,
    sent_at: Option<Instant>,
    /// Memory for the next parcel.
    spare: Option<Parcel>,
    panics: u32,
    /// Whether the shared state says that nothing gets through.
    in_outage: bool,
    /// Whether the current outage was told, and whether as an alarm.
    told: Option<bool>,
}

impl<S: Sink> Courier<S> {
    pub(super) fn new(sink: S, shared: Arc<Shared>) -> Self {
        Self {
            sink,
            backoff: Backoff::new(shared.retry.first, shared.retry.cap),
            shared,
            parcels: VecDeque::new(),
            unconfirmed: Vec::new(),
            taken: VecDeque::new(),
            batches: 0,
            confirm_at: None,
            sent_at: None,
            spare: None,
            panics: 0,
            in_outage: false,
            told: None,
        }
    }

    /// Works until the delivery is closed.
    pub(super) fn run(mut self) {
        let checked = contained(|| self.sink.check()).and_then(|checked| checked);
        if let Err(reason) = checked {
            self.warn(reason);
        }
        while let Some(step) = self.next_step() {
            self.take_step(step);
            self.shared.sync();
        }
        self.shared.finalize();
        // A sink that panics now has done its work all the same.
        drop(contained(|| self.sink.close()));
    }

    /// The next step that is not waiting; none when it is over.
    fn next_step(&mut self) -> Option<Step> {
        let shared = Arc::clone(&self.shared);
        let mut state = shared.state.lock();
        loop {
            if state.phase != Phase::Open {
                return None;
            }
            let now = Instant::now();
            match self.view(&state, now).next(now, &shared.rhythm) {
                Step::Finish => return None,
                Step::Wait { until, for_events } => wait(&shared, &mut state, until, for_events),
                // Under the lock that is held: emitters take it for every event.
                Step::Take => {
                    let rhythm = shared.rhythm;
                    let events = rhythm.batch_events.min(state.backlog.hand_room().max(1));
                    self.taken.extend(state.backlog.take_waiting(events, rhythm.batch_bytes));
                    return Some(Step::Encode);
                }
                step => return Some(step),
            }
        }
    }

    fn view(&self, state: &State, now: Instant) -> View {
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
            unconfirmed_max: if is_divided { 1 } else { self.sink.unconfirmed_max() },
            confirm_at: self.confirm_at,
            unread: state.backlog.unread(),
            waiting_events,
            waiting_bytes,
            oldest_waiting: state.backlog.oldest_waiting(),
            sent_at: self.sent_at,
            has_spool,
            unspooled: has_spool
                && (outage || state.stopped.is_some())
                && state.backlog.has_unspooled(),
            spill_after: state.spill_after,
            hand_full: state.backlog.hand_room() == 0,
            flushing: state.flushing > 0,
            closing: state.closing,
        }
    }

    fn take_step(&mut self, step: Step) {
        let shared = Arc::clone(&self.shared);
        match step {
            Step::Confirm => self.confirm(),
            Step::Send => self.send(),
            Step::Encode => self.encode(),
            Step::Read => self.read(),
            Step::Spill => {
                let mut state = shared.state.lock();
                shared.spill(&mut state);
                shared.moved(&state);
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
            Err(failure) => return self.give_up_spool(&told(&failure)),
        };
        let decoded: Vec<Decoded> = records.iter().map(Decoded::of).collect();
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

    /// A spool that cannot be read any more must not stop what is new.
    fn give_up_spool(&mut self, reason: &str) {
        let mut state = self.shared.state.lock();
        state.add_reason(reason);
        state.backlog.abandon_spool();
        drop(state);
        self.warn(format!("the spool is left as it is: {reason}"));
    }

    /// Makes a parcel of what is in hand.
    fn encode(&mut self) {
        let (bytes_max, event_max) = (self.shared.rhythm.batch_bytes, self.shared.event_bytes_max);
        let mut parcel = self.spare.take().unwrap_or_default();
        while let Some(next) = self.taken.pop_front() {
            let envelope = Arc::clone(&next.envelope);
            let sink = &mut self.sink;
            let encoded = contained(|| parcel.push(sink, envelope, next.position, next.ticket))
                .unwrap_or_else(|panic| {
                    Err(Unencodable::new(format!("its encoding panicked: {panic}")))
                });
            match encoded {
                Ok(bytes) if bytes > event_max => {
                    parcel.pop();
                    let reason = format!(
                        "the event has {bytes} bytes there, more than the {event_max} that may be sent"
                    );
                    self.set_aside(next.ticket, &reason);
                }
                Ok(_) if parcel.bytes() > bytes_max && parcel.len() > 1 => {
                    parcel.pop();
                    self.taken.push_front(next);
                    break;
                }
                Ok(_) => {}
                Err(fault) => {
                    // Whatever a panic left behind is not part of any event.
                    parcel.cut();
                    self.set_aside(next.ticket, &fault.to_string());
                }
            }
        }
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
        *self.shared.sending_since.lock() = Some(Instant::now());
        let sink = &mut self.sink;
        let sent = contained(|| sink.send(&parcel.batch(number)));
        let outcome = sent.unwrap_or_else(|panic| self.outcome_of_panic(&panic));
        let now = Instant::now();
        self.sent_at = Some(now);
        *self.shared.sending_since.lock() = None;
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
        let confirmations = contained(|| sink.confirm()).unwrap_or_else(|panic| {
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
        self.confirm_at =
            (!self.unconfirmed.is_empty()).then(|| now + self.sink.confirm_interval());
    }

    /// Does what the outcome of a batch asks for.
    fn apply(&mut self, mut parcel: Parcel, outcome: &Outcome, now: Instant) {
        if let Some(warning) = outcome.warning() {
            self.warn(warning.to_owned());
        }
        if let Some(pause) = outcome.pause() {
            self.shared.gate.shut_until(now + pause);
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
                self.confirm_at.get_or_insert(now + self.sink.confirm_interval());
                return;
            }
            Next::Retry { reason, not_before } => {
                let pause = self.backoff.fail(fastrand::f64(), not_before);
                self.fail(&mut parcel, &reason, false, now + pause);
            }
            Next::Hold { reason } => {
                let pause = self.backoff.hold();
                self.fail(&mut parcel, &reason, true, now + pause);
            }
            Next::Stop { reason } => self.stop(&reason),
        }
        self.put_back(parcel);
    }

    /// What is left of a parcel goes before all that was taken in hand after it.
    fn put_back(&mut self, parcel: Parcel) {
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

    /// Nothing was taken: shuts the gate, tells, and gives up what is out of bounds.
    fn fail(&mut self, parcel: &mut Parcel, reason: &str, alarm: bool, opens: Instant) {
        let shared = Arc::clone(&self.shared);
        shared.gate.shut_until(opens);
        let waiting = {
            let mut state = shared.state.lock();
            state.outage = Some(reason.to_owned());
            self.in_outage = true;
            state.backlog.len()
        };
        let is_news = self.told.is_none_or(|was_alarm| alarm && !was_alarm);
        if is_news && (alarm || self.backoff.failures() >= TOLD_AFTER_FAILURES) {
            self.told = Some(alarm);
            let (observer, reason) = (shared.observer(), reason.to_owned());
            shared.tell(SinkDiagnostic::Held { observer, reason, alarm, waiting });
        }
        self.give_up_exhausted(parcel, reason);
    }

    fn give_up_exhausted(&mut self, parcel: &mut Parcel, reason: &str) {
        let shared = Arc::clone(&self.shared);
        let now = Instant::now();
        let attempts = parcel.attempts;
        let is_tried_out = shared.retry.attempts_max.is_some_and(|most| attempts >= most);
        let age_max = shared.age_max;
        let is_too_old =
            move |since: Instant| age_max.is_some_and(|most| now.duration_since(since) >= most);
        let aged = {
            let state = shared.state.lock();
            let old = |ticket: &&u64| {
                state.backlog.get(**ticket).is_some_and(|held| is_too_old(held.since))
            };
            parcel.first_part().iter().take_while(old).count()
        };
        if !is_tried_out && aged == 0 {
            return;
        }
        if shared.retry.when_exhausted == WhenExhausted::Stop {
            return self.stop(&format!("no attempt is left: {reason}"));
        }
        let tickets = if is_tried_out { parcel.give_up() } else { parcel.give_up_first(aged) };
        let mut state = shared.state.lock();
        let mut given_up: Vec<Held> =
            tickets.iter().filter_map(|ticket| state.backlog.get(*ticket).cloned()).collect();
        // What waits behind them in memory is no younger than its place in line says.
        given_up.extend(state.backlog.expire(is_too_old));
        drop(state);
        let why = if is_tried_out {
            format!("given up after {attempts} attempts: {reason}")
        } else {
            format!("given up for its age: {reason}")
        };
        self.give_up(&given_up, &tickets, &why);
    }

    fn give_up(&mut self, events: &[Held], in_hand: &[u64], reason: &str) {
        // On paper before off the books, and told before a flush may return.
        self.shared.bury(events, reason);
        let (observer, given_up) = (self.shared.observer(), events.len() as u64);
        if given_up > 0 {
            let reason = reason.to_owned();
            self.shared.tell(SinkDiagnostic::GaveUp { observer, reason, events: given_up });
        }
        self.settle(in_hand, Fate::Failed);
    }

    /// The sink takes nothing more.
    fn stop(&mut self, reason: &str) {
        let shared = Arc::clone(&self.shared);
        let mut state = shared.state.lock();
        state.stopped = Some(reason.to_owned());
        let keeps = state.backlog.spool.is_some();
        let given_up = if keeps { Vec::new() } else { state.backlog.give_up_memory() };
        let released = state.backlog.release();
        note_failure(&mut state, released);
        let events = if keeps { state.backlog.len() } else { given_up.len() as u64 };
        shared.moved(&state);
        drop(state);
        if !given_up.is_empty() {
            shared.bury(&given_up, reason);
        }
        let (observer, reason) = (shared.observer(), reason.to_owned());
        shared.tell(SinkDiagnostic::GaveUp { observer, reason, events });
    }

    /// One event can never be taken: it goes to the dead letters.
    fn set_aside(&mut self, ticket: u64, reason: &str) {
        let held = self.shared.state.lock().backlog.get(ticket).cloned();
        let Some(held) = held else { return };
        self.shared.bury([&held], reason);
        // Told before a flush may return.
        if !held.envelope.event_type().is_reserved() {
            self.shared.tell(SinkDiagnostic::SetAside {
                observer: self.shared.observer(),
                reason: reason.to_owned(),
                event: held.envelope.id(),
                event_type: held.envelope.event_type().clone(),
            });
        }
        self.settle(&[ticket], Fate::Rejected);
    }

    fn settle(&mut self, tickets: &[u64], fate: Fate) {
        let mut state = self.shared.state.lock();
        if state.phase != Phase::Open {
            // It was counted, and is in the spool: better twice than not at all.
            return;
        }
        for ticket in tickets {
            state.backlog.settle(*ticket, fate);
        }
        let released = state.backlog.release();
        note_failure(&mut state, released);
        state.stalled = false;
        self.shared.moved(&state);
    }

    fn warn(&self, reason: String) {
        let observer = self.shared.observer();
        self.shared.tell(SinkDiagnostic::Warned { observer, reason });
    }
}

fn wait(
    shared: &Shared,
    state: &mut MutexGuard<'_, State>,
    until: Option<Instant>,
    for_events: bool,
) {
    let (waiting, _) = state.backlog.waiting();
    state.wake_at =
        if for_events { shared.rhythm.wake_at(waiting) } else { (usize::MAX, usize::MAX) };
    match until {
        Some(until) => drop(shared.wake.wait_until(state, until)),
        None => shared.wake.wait(state),
    }
    state.wake_at = (usize::MAX, usize::MAX);
}

fn note_failure(state: &mut State, outcome: Result<(), crate::spool::SpoolError>) {
    if let Err(failure) = outcome {
        state.add_reason(&told(&failure));
    }
}
