//! Where one machine is: the rules of a step, without locks and without a clock.
//!
//! [`StateMachine`](super::StateMachine) and [`Protocol`](super::Protocol) are both made of it.

use std::sync::Arc;
use std::time::Duration;

use super::derived::Label;
use super::error::{Cause, Details, IllegalTransition, RECENT_MAX};
use super::history::Last;
use super::table::Table;
use super::transition::Transition;

#[derive(Debug)]
pub(super) struct Cursor<S> {
    machine: Arc<str>,
    table: Table,
    place: usize,
    since: Duration,
    history: Last<Transition<S>>,
}

/// A step that could be taken, and the places it is between.
#[derive(Debug)]
pub(super) struct Planned<S> {
    pub(super) step: Transition<S>,
    pub(super) edge: (usize, usize),
    /// How long the machine has been in the state it would leave.
    pub(super) time_in_state: Duration,
}

impl<S: Label> Cursor<S> {
    pub(super) fn new(machine: Arc<str>, table: Table, now: Duration, history_max: usize) -> Self {
        let place = table.initial_at();
        Self { machine, table, place, since: now, history: Last::new(history_max) }
    }

    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    pub(super) fn machine(&self) -> &Arc<str> {
        &self.machine
    }

    pub(super) fn state(&self) -> S {
        S::at(&self.table, self.place)
    }

    pub(super) fn is_terminal(&self) -> bool {
        self.table.is_terminal_at(self.place)
    }

    pub(super) fn allowed(&self) -> Vec<S> {
        self.table.targets_at(self.place).iter().map(|&place| S::at(&self.table, place)).collect()
    }

    pub(super) fn time_in_state(&self, now: Duration) -> Duration {
        now.saturating_sub(self.since)
    }

    pub(super) fn history(&self) -> &Last<Transition<S>> {
        &self.history
    }

    /// Returns the step to `target`, if the table has it; nothing changes.
    pub(super) fn plan(
        &self,
        target: &S,
        now: Duration,
    ) -> Result<Planned<S>, IllegalTransition<S>> {
        match self.forced(target, now) {
            Some(planned) if self.table.allows_at(self.place, planned.edge.1) => Ok(planned),
            _ => Err(self.illegal(target, now, Cause::NotAllowed)),
        }
    }

    /// Returns the step to `target`, whether or not the table has it; `None` if it is no state.
    pub(super) fn forced(&self, target: &S, now: Duration) -> Option<Planned<S>> {
        let to = target.place(&self.table)?;
        let step = Transition {
            machine: Arc::clone(&self.machine),
            from: self.state(),
            to: target.clone(),
            // A clock that goes backwards must not make a history that does.
            at: now.max(self.since),
            number: self.history.total() + 1,
        };
        let time_in_state = self.time_in_state(now);
        Some(Planned { step, edge: (self.place, to), time_in_state })
    }

    pub(super) fn illegal(
        &self,
        target: &S,
        now: Duration,
        cause: Cause<S>,
    ) -> IllegalTransition<S> {
        IllegalTransition::new(Details {
            machine: Arc::clone(&self.machine),
            from: self.state(),
            to: target.clone(),
            allowed: self.allowed(),
            time_in_state: self.time_in_state(now),
            recent: self.history.tail(RECENT_MAX),
            cause,
        })
    }

    /// Takes a step that was planned in the present state.
    pub(super) fn commit(&mut self, planned: &Planned<S>) {
        debug_assert!(planned.edge.0 == self.place, "a step is taken where it was planned");
        self.place = planned.edge.1;
        self.since = planned.step.at;
        self.history.push(planned.step.clone());
    }
}
