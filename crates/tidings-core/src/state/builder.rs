//! Settings of a machine: guards, hooks, history and clock, fixed before it is shared.

use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::cursor::Cursor;
use super::derived::Label;
use super::hooks::{Attempt, Guard, Hook, Hooks};
use super::machine::{Clock, StateMachine};
use super::table::Table;
use super::transition::Transition;

/// How many transitions a machine remembers if not told otherwise.
pub const HISTORY_DEFAULT: usize = 32;

/// Sets up a [`StateMachine`].
///
/// # Examples
/// ```
/// use tidings_core::state::{StateMachine, Table};
///
/// let table = Table::builder("case").initial("idle").edge("idle", "done").build()?;
/// let machine = StateMachine::builder_with_table("case#17", &table)
///     .guard("idle", "done", |_| Err("nothing was run".to_owned()))
///     .build()?;
/// let refused = machine.transition("done").unwrap_err();
/// assert_eq!(refused.to_string(), "case#17: `done` was refused in `idle`: nothing was run");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a machine is made by `build`"]
pub struct MachineBuilder<S> {
    name: Arc<str>,
    table: Table,
    history_max: usize,
    clock: Option<Clock>,
    guards: Vec<(S, S, Guard<S>)>,
    exit: Vec<(S, Hook<S>)>,
    transition: Vec<Hook<S>>,
    enter: Vec<(S, Hook<S>)>,
}

impl<S: Label> MachineBuilder<S> {
    pub(super) fn new(name: &str, table: Table) -> Self {
        Self {
            name: name.into(),
            table,
            history_max: HISTORY_DEFAULT,
            clock: None,
            guards: Vec::new(),
            exit: Vec::new(),
            transition: Vec::new(),
            enter: Vec::new(),
        }
    }

    /// Adds a guard to an edge: `Err` with a reason refuses the transition.
    ///
    /// It runs on the thread that asks for the transition, while no other transition of this
    /// machine can be made. It may read the machine; a transition of this machine from within
    /// is refused as [`Reentrant`](super::Cause::Reentrant). A panic refuses, with its message.
    pub fn guard(
        mut self,
        from: impl Into<S>,
        to: impl Into<S>,
        guard: impl Fn(&Attempt<'_, S>) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        self.guards.push((from.into(), to.into(), Arc::new(guard)));
        self
    }

    /// Adds a hook that runs after `state` was left.
    ///
    /// Hooks run on the thread that made the transition, after the state has changed and
    /// outside every lock, so they may make further transitions. Two threads' hooks may
    /// overlap: [`Transition::number`] tells the order.
    pub fn on_exit(
        mut self,
        state: impl Into<S>,
        hook: impl Fn(&Transition<S>) + Send + Sync + 'static,
    ) -> Self {
        self.exit.push((state.into(), Arc::new(hook)));
        self
    }

    /// Adds a hook that runs after any transition, between exit and enter hooks.
    pub fn on_transition(mut self, hook: impl Fn(&Transition<S>) + Send + Sync + 'static) -> Self {
        self.transition.push(Arc::new(hook));
        self
    }

    /// Adds a hook that runs after `state` was entered.
    pub fn on_enter(
        mut self,
        state: impl Into<S>,
        hook: impl Fn(&Transition<S>) + Send + Sync + 'static,
    ) -> Self {
        self.enter.push((state.into(), Arc::new(hook)));
        self
    }

    /// Sets how many transitions are remembered, instead of [`HISTORY_DEFAULT`].
    pub fn history(mut self, transitions_max: usize) -> Self {
        self.history_max = transitions_max;
        self
    }

    /// Sets the clock, instead of the time since the machine was built.
    ///
    /// It is read once for a transition, more often if the thread has to wait for its turn;
    /// threads may read it at the same time.
    pub fn clock(mut self, clock: Arc<dyn Fn() -> Duration + Send + Sync>) -> Self {
        self.clock = Some(Clock::Given(clock));
        self
    }

    /// Makes the machine, in its initial state.
    ///
    /// # Errors
    /// A guard on an edge that the table does not have would never run; a hook on a state
    /// that it does not have, neither.
    pub fn build(mut self) -> Result<StateMachine<S>, MachineError> {
        let mut hooks =
            Hooks { transition: std::mem::take(&mut self.transition), ..Hooks::default() };
        for (from, to, guard) in std::mem::take(&mut self.guards) {
            let edge = (self.place_of(&from)?, self.place_of(&to)?);
            if !self.table.allows_at(edge.0, edge.1) {
                return Err(MachineError::UnknownEdge {
                    machine: self.name.to_string(),
                    from: from.label().to_owned(),
                    to: to.label().to_owned(),
                });
            }
            hooks.guards.entry(edge).or_default().push(guard);
        }
        for (state, hook) in std::mem::take(&mut self.exit) {
            hooks.exit.entry(self.place_of(&state)?).or_default().push(hook);
        }
        for (state, hook) in std::mem::take(&mut self.enter) {
            hooks.enter.entry(self.place_of(&state)?).or_default().push(hook);
        }
        Ok(self.assemble(hooks))
    }

    /// Makes a machine of a builder that was given neither guards nor hooks.
    pub(super) fn plain(self) -> StateMachine<S> {
        self.assemble(Hooks::default())
    }

    fn place_of(&self, state: &S) -> Result<usize, MachineError> {
        state.place(&self.table).ok_or_else(|| MachineError::UnknownState {
            machine: self.name.to_string(),
            state: state.label().to_owned(),
        })
    }

    fn assemble(self, hooks: Hooks<S>) -> StateMachine<S> {
        let clock = self.clock.unwrap_or_else(|| Clock::Since(Instant::now()));
        let cursor = Cursor::new(self.name, self.table, clock.now(), self.history_max);
        StateMachine::assemble(cursor, hooks, clock)
    }
}

/// Why a machine was not built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MachineError {
    /// A guard or hook names a state that the table does not have.
    #[error("{machine}: `{state}` is not a state, its guard or hook would never run")]
    #[non_exhaustive]
    UnknownState {
        /** The name of the machine. */
        machine: String,
        /** The state. */
        state: String,
    },
    /// A guard is on an edge that the table does not have.
    #[error("{machine}: there is no edge from `{from}` to `{to}`, its guard would never run")]
    #[non_exhaustive]
    UnknownEdge {
        /** The name of the machine. */
        machine: String,
        /** The state the edge would leave. */
        from: String,
        /** The state it would enter. */
        to: String,
    },
}

impl<S: Label> Debug for MachineBuilder<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("MachineBuilder")
            .field("name", &self.name)
            .field("table", &self.table.name())
            .field("history_max", &self.history_max)
            .finish_non_exhaustive()
    }
}
