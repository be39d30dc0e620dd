//! What a delivery's thread does with events that do not get through: it waits with them,
//! sets them aside, or gives them up, and tells.

use std::sync::Arc;
use std::time::Instant;

use super::courier::{Courier, note_failure};
use super::held::{Fate, Held};
use super::parcel::Parcel;
use super::state::{Phase, State};
use crate::diagnostics::SinkDiagnostic;
use crate::settings::WhenExhausted;
use crate::sink::Sink;
use tidings_core::time::moment::after;

/// After so many failed attempts in a row an outage is told.
const TOLD_AFTER_FAILURES: u32 = 3;

impl<S: Sink> Courier<S> {
    /// When the first of those that are to be sent gets too old.
    pub(super) fn expires_at(&self, state: &State) -> Option<Instant> {
        let age_max = self.shared.age_max?;
        let parcel = self.parcels.front().and_then(|parcel| parcel.tickets().first().copied());
        let ticket = parcel.or(self.taken.front().map(|taken| taken.ticket));
        let since = ticket.and_then(|ticket| state.backlog.get(ticket)).map(|held| held.since);
        since.or(state.backlog.oldest_waiting()).map(|since| after(since, age_max))
    }

    /// Gives up all that is too old, wherever it waits.
    pub(super) fn expire(&mut self) {
        // What is not encoded yet is encoded, so that there is one way to give up.
        while !self.taken.is_empty() {
            self.encode();
        }
        let outage = self.shared.state.lock().outage.clone();
        let reason = outage.unwrap_or_else(|| "the endpoint asked for a pause".to_owned());
        for mut parcel in std::mem::take(&mut self.parcels) {
            self.give_up_exhausted(&mut parcel, &reason);
            self.put_back(parcel);
        }
        self.give_up_exhausted(&mut Parcel::default(), &reason);
    }

    /// Nothing was taken: shuts the gate, tells, and gives up what is out of bounds.
    pub(super) fn fail(&mut self, parcel: &mut Parcel, reason: &str, alarm: bool, opens: Instant) {
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

    pub(super) fn give_up_exhausted(&mut self, parcel: &mut Parcel, reason: &str) {
        let shared = Arc::clone(&self.shared);
        if shared.state.lock().phase != Phase::Open {
            return;
        }
        let now = Instant::now();
        let attempts = parcel.attempts;
        let is_tried_out = shared.retry.attempts_max.is_some_and(|most| attempts >= most);
        let age_max = shared.age_max;
        let is_too_old =
            move |since: Instant| age_max.is_some_and(|most| now.duration_since(since) >= most);
        let (aged, waiting_aged) = {
            let state = shared.state.lock();
            let waiting_aged = state.backlog.oldest_waiting().is_some_and(is_too_old);
            let old = |ticket: &&u64| {
                state.backlog.get(**ticket).is_some_and(|held| is_too_old(held.since))
            };
            (parcel.first_part().iter().take_while(old).count(), waiting_aged)
        };
        let is_tried_out = is_tried_out && !parcel.is_empty();
        if !is_tried_out && aged == 0 && !waiting_aged {
            return;
        }
        if shared.retry.when_exhausted == WhenExhausted::Stop {
            return self.stop(&format!("no attempt is left: {reason}"));
        }
        let tickets = if is_tried_out { parcel.give_up() } else { parcel.give_up_first(aged) };
        let why = if is_tried_out {
            format!("given up after {attempts} attempts: {reason}")
        } else {
            format!("given up for its age: {reason}")
        };
        // A flush waits for its turn: what it answers for is on paper and told by then.
        let _turn = shared.syncing.lock();
        let mut state = shared.state.lock();
        if state.phase != Phase::Open {
            return;
        }
        let mut given_up: Vec<Held> =
            tickets.iter().filter_map(|ticket| state.backlog.get(*ticket).cloned()).collect();
        // What waits behind them in memory is no younger than its place in line says.
        given_up.extend(state.backlog.expire(is_too_old));
        self.settle_in(&mut state, &tickets, Fate::Failed);
        drop(state);
        shared.bury(&given_up, &why);
        let (observer, events) = (shared.observer(), given_up.len() as u64);
        shared.tell(SinkDiagnostic::GaveUp { observer, reason: why, events });
    }

    /// The sink takes nothing more.
    pub(super) fn stop(&mut self, reason: &str) {
        let shared = Arc::clone(&self.shared);
        let _turn = shared.syncing.lock();
        let mut state = shared.state.lock();
        if state.phase != Phase::Open || state.stopped.is_some() {
            return;
        }
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
    pub(super) fn set_aside(&mut self, ticket: u64, reason: &str) {
        let shared = Arc::clone(&self.shared);
        // A flush waits for its turn: what it answers for is on paper and told by then.
        let _turn = shared.syncing.lock();
        let held = {
            let mut state = shared.state.lock();
            let held = state.backlog.get(ticket).filter(|held| !held.settled);
            let held = held.filter(|_| state.phase == Phase::Open).cloned();
            let Some(held) = held else { return };
            self.settle_in(&mut state, &[ticket], Fate::Rejected);
            drop(state);
            held
        };
        shared.bury([&held], reason);
        if !held.envelope.event_type().is_reserved() {
            shared.tell(SinkDiagnostic::SetAside {
                observer: shared.observer(),
                reason: reason.to_owned(),
                event: held.envelope.id(),
                event_type: held.envelope.event_type().clone(),
            });
        }
    }
}
