//! Where one machine is: the rules of a step, without locks and without a clock.
//!
//! [`StateMachine`](super::StateMachine) and [`Protocol`](super::Protocol) are both made of it.

use std::marker::PhantomData;
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
    history: Last<Step>,
    state: PhantomData<fn() -> S>,
}

/// A step that could be taken, or was: as much of it as it takes to tell of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// The places it is between.
    pub(super) edge: (usize, usize),
    at: Duration,
    number: u64,
}

impl Step {
    /// Returns the step of a machine as a transition to `target`, which is where it leads.
    #[inline]
    pub(super) fn told<S: Label>(
        self,
        machine: &Arc<str>,
        table: &Table,
        target: S,
    ) -> Transition<S> {
        Transition {
            machine: Arc::clone(machine),
            from: S::at(table, self.edge.0),
            to: target,
            at: self.at,
            number: self.number,
        }
    }
}

impl<S: Label> Cursor<S> {
    pub(super) fn new(machine: Arc<str>, table: Table, now: Duration, history_max: usize) -> Self {
        let place = table.initial_at();
        let history = Last::new(history_max);
        Self { machine, table, place, since: now, history, state: PhantomData }
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

    /// Returns how many steps were taken.
    pub(super) fn transitions(&self) -> u64 {
        self.history.total()
    }

    /// Returns at most `count` of the last steps that are remembered, oldest first.
    pub(super) fn recent(&self, count: usize) -> Vec<Transition<S>> {
        let target = |step: &Step| S::at(&self.table, step.edge.1);
        self.history.tail(count).map(|step| self.told(*step, target(step))).collect()
    }

    /// Returns a step of this machine as a transition to `target`, which is where it leads.
    pub(super) fn told(&self, step: Step, target: S) -> Transition<S> {
        step.told(&self.machine, &self.table, target)
    }

    /// Returns the step to `target`, if the table has it; nothing changes.
    #[inline]
    pub(super) fn plan(&self, target: &S, now: Duration) -> Option<Step> {
        self.forced(target, now).filter(|step| self.table.allows_at(step.edge.0, step.edge.1))
    }

    /// Returns the step to `target`, whether or not the table has it; `None` if it is no state.
    #[inline]
    pub(super) fn forced(&self, target: &S, now: Duration) -> Option<Step> {
        Some(Step {
            edge: (self.place, target.place(&self.table)?),
            // A clock that goes backwards must not make a history that does.
            at: now.max(self.since),
            number: self.history.total() + 1,
        })
    }

    #[cold]
    pub(super) fn illegal(
        &self,
        target: &S,
        time_in_state: Duration,
        cause: Cause<S>,
    ) -> IllegalTransition<S> {
        IllegalTransition::new(Details {
            machine: Arc::clone(&self.machine),
            from: self.state(),
            to: target.clone(),
            allowed: self.allowed(),
            time_in_state,
            recent: self.recent(RECENT_MAX),
            cause,
        })
    }

    /// Takes a step that was planned in the present state.
    #[inline]
    pub(super) fn commit(&mut self, step: Step) {
        debug_assert!(step.edge.0 == self.place, "a step is taken where it was planned");
        self.place = step.edge.1;
        self.since = step.at;
        self.history.push(step);
    }
}
