//! The machine: compare-and-transition from any thread.
//!
//! A thread has the turn while a transition is decided and made, so guards and whatever is
//! bound to the transition see a state that nobody else can change. The lock is held for
//! moments only and never while code of the user runs, so reading the machine is possible
//! everywhere, also in guards. Hooks run after both. A transition that asks no code of the
//! user is planned and made under the lock at once, between the turns of others.

use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::builder::MachineBuilder;
use super::cursor::{Cursor, Step};
use super::derived::{Label, State, StateName};
use super::diagram::Diagram;
use super::error::{Cause, IllegalTransition, TransitionError};
use super::history::Last;
use super::hooks::{Attempt, HOOK_FAILURES_MAX, HookFailure, HookFailures, Hooks};
use super::table::Table;
use super::transition::Transition;
use super::turn::{Turn, Turns};
use crate::emitter::{Dispatch, Stream, Streams};

/// A machine in one of the states of its [`Table`], shared between threads.
///
/// Of two threads that ask for the same transition, one makes it; the other is told that it
/// is not allowed any more. A transition to the same state needs an edge, as any other does.
///
/// # Examples
/// ```
/// use tidings_core::state::{StateMachine, Table};
///
/// let table = Table::builder("case").initial("idle").edge("idle", "running").build()?;
/// let machine = StateMachine::with_table("case#17", &table);
/// let made = machine.transition("running")?;
/// assert_eq!(made.to_string(), "case#17: `idle` to `running` (#1)");
/// assert!(machine.is_terminal());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct StateMachine<S> {
    name: Arc<str>,
    table: Table,
    hooks: Hooks<S>,
    clock: Clock,
    pub(super) data: Turns<Data<S>>,
    streams: Streams,
}

/// What a machine reads the time from.
pub(super) enum Clock {
    /// The time since then.
    Since(Instant),
    /// Code of the user.
    Given(Arc<dyn Fn() -> Duration + Send + Sync>),
}

impl Clock {
    #[inline]
    pub(super) fn now(&self) -> Duration {
        match self {
            Self::Since(start) => start.elapsed(),
            Self::Given(read) => read(),
        }
    }
}

pub(super) struct Data<S> {
    cursor: Cursor<S>,
    failures: Last<HookFailure>,
}

impl<S: State> StateMachine<S> {
    /// Makes a machine in its initial state; the name is how errors and diagrams speak of it.
    pub fn new(name: &str) -> Self {
        Self::builder(name).plain()
    }

    /// Begins a machine with guards, hooks, a clock or a longer history.
    pub fn builder(name: &str) -> MachineBuilder<S> {
        MachineBuilder::new(name, S::table().clone())
    }
}

impl StateMachine<StateName> {
    /// Makes a machine of a run-time table, in its initial state.
    pub fn with_table(name: &str, table: &Table) -> Self {
        Self::builder_with_table(name, table).plain()
    }

    /// Begins a machine of a run-time table.
    pub fn builder_with_table(name: &str, table: &Table) -> MachineBuilder<StateName> {
        MachineBuilder::new(name, table.clone())
    }
}

impl<S: Label> StateMachine<S> {
    /// Returns the name its owner gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its table.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Returns the present state; another thread may change it the next moment.
    pub fn state(&self) -> S {
        self.data.lock().cursor.state()
    }

    /// Returns whether no other state can follow the present one.
    pub fn is_terminal(&self) -> bool {
        self.data.lock().cursor.is_terminal()
    }

    /// Returns the states that the table allows next; guards are not asked.
    pub fn allowed(&self) -> Vec<S> {
        self.data.lock().cursor.allowed()
    }

    /// Returns how long it has been in its state.
    pub fn time_in_state(&self) -> Duration {
        let now = self.clock.now();
        self.data.lock().cursor.time_in_state(now)
    }

    /// Returns the last transitions, oldest first, as many as the history holds.
    pub fn history(&self) -> Vec<Transition<S>> {
        self.data.lock().cursor.recent(usize::MAX)
    }

    /// Returns how many transitions were made.
    pub fn transitions(&self) -> u64 {
        self.data.lock().cursor.transitions()
    }

    /// Returns the hooks that panicked.
    pub fn hook_failures(&self) -> HookFailures {
        let data = self.data.lock();
        HookFailures {
            total: data.failures.total(),
            recent: data.failures.iter().cloned().collect(),
        }
    }

    /// Begins a drawing of its table with the present state highlighted.
    pub fn diagram(&self) -> Diagram {
        self.table.diagram().highlight(self.state().label())
    }

    /// Moves the machine to `target`, if the table and the guards allow it.
    ///
    /// # Errors
    /// The machine stays where it is, and the error says why.
    pub fn transition(&self, target: impl Into<S>) -> Result<Transition<S>, IllegalTransition<S>> {
        self.step(None, target.into())
    }

    /// Moves the machine to `target`, if it is in `expected` now.
    ///
    /// # Errors
    /// [`Cause::Unexpected`] if it is in another state, else as [`transition`](Self::transition).
    pub fn transition_from(
        &self,
        expected: impl Into<S>,
        target: impl Into<S>,
    ) -> Result<Transition<S>, IllegalTransition<S>> {
        self.step(Some(&expected.into()), target.into())
    }

    /// Moves the machine to `target` together with something else: both happen, or neither.
    ///
    /// `bound` runs once table and guards have agreed and before the state changes, while no
    /// other transition of this machine can be made; if it fails or panics, nothing changes.
    /// It may read the machine, and must not wait for another thread's transition of it.
    ///
    /// # Errors
    /// [`Illegal`](TransitionError::Illegal) as [`transition`](Self::transition), `bound` did
    /// not run; [`CalledOff`](TransitionError::CalledOff) with the error of `bound`.
    ///
    /// # Examples
    /// ```
    /// use tidings_core::state::{StateMachine, Table};
    ///
    /// let table = Table::builder("case").initial("idle").edge("idle", "done").build()?;
    /// let machine = StateMachine::with_table("case#17", &table);
    /// let closed = machine.transition_with("done", |_| Err::<(), _>("the bus is closed"));
    /// assert!(closed.is_err());
    /// assert_eq!(machine.state(), "idle");
    /// # Ok::<(), tidings_core::state::TableError>(())
    /// ```
    pub fn transition_with<R, E>(
        &self,
        target: impl Into<S>,
        bound: impl FnOnce(&Transition<S>) -> Result<R, E>,
    ) -> Result<(Transition<S>, R), TransitionError<S, E>> {
        self.attempt(None, target.into(), bound)
    }

    /// The machine's own lane on a bus, opened when it is first asked for.
    pub(crate) fn stream(&self, bus: &dyn Dispatch) -> Arc<dyn Stream> {
        self.streams.on(bus)
    }

    pub(super) fn assemble(cursor: Cursor<S>, hooks: Hooks<S>, clock: Clock) -> Self {
        Self {
            name: Arc::clone(cursor.machine()),
            table: cursor.table().clone(),
            hooks,
            clock,
            streams: Streams::default(),
            data: Turns::new(Data { cursor, failures: Last::new(HOOK_FAILURES_MAX) }),
        }
    }

    /// Makes a transition that nothing is bound to.
    #[inline]
    fn step(&self, expected: Option<&S>, target: S) -> Result<Transition<S>, IllegalTransition<S>> {
        if self.hooks.guards.is_empty() {
            let now = self.clock.now();
            if let Some(mut data) = self.data.lock_free() {
                let step = data.plan(expected, &target, now)?;
                data.cursor.commit(step);
                drop(data); // Hooks may move the machine on.
                let made = step.told(&self.name, &self.table, target);
                self.tell(step, &made);
                return Ok(made);
            }
        }
        self.attempt(expected, target, |_| Ok(()))
            .map(|(made, ())| made)
            .map_err(TransitionError::into_illegal)
    }

    fn attempt<R, E>(
        &self,
        expected: Option<&S>,
        target: S,
        bound: impl FnOnce(&Transition<S>) -> Result<R, E>,
    ) -> Result<(Transition<S>, R), TransitionError<S, E>> {
        let Begun { turn, step, time_in_state } = self.begin(expected, &target)?;
        let made = step.told(&self.name, &self.table, target);
        let attempt = Attempt { transition: &made, time_in_state };
        self.hooks
            .ask(step.edge, &attempt)
            .map_err(|cause| self.data.lock().cursor.illegal(&made.to, time_in_state, cause))?;
        let outcome = bound(&made).map_err(TransitionError::CalledOff)?;
        turn.end(|data| data.cursor.commit(step)); // Hooks may move the machine on.
        self.tell(step, &made);
        Ok((made, outcome))
    }

    /// Takes the turn of this thread, and plans a step in it.
    fn begin(
        &self,
        expected: Option<&S>,
        target: &S,
    ) -> Result<Begun<'_, S>, IllegalTransition<S>> {
        let now = self.clock.now();
        if let Some(data) = self.data.lock_free() {
            let step = data.plan(expected, target, now)?;
            let time_in_state = data.cursor.time_in_state(now);
            return Ok(Begun { turn: data.keep(), step, time_in_state });
        }
        let Some(turn) = self.data.wait() else {
            let cursor = &self.data.lock().cursor;
            return Err(cursor.illegal(target, cursor.time_in_state(now), Cause::Reentrant));
        };
        // It may have been a long wait.
        let now = self.clock.now();
        let data = self.data.lock();
        let step = data.plan(expected, target, now)?;
        Ok(Begun { turn, step, time_in_state: data.cursor.time_in_state(now) })
    }

    /// Tells the hooks of a step that was taken.
    #[inline]
    fn tell(&self, step: Step, made: &Transition<S>) {
        if self.hooks.are_silent() {
            return;
        }
        let failures = self.hooks.run(step.edge, made);
        if !failures.is_empty() {
            let mut data = self.data.lock();
            for failure in failures {
                data.failures.push(failure);
            }
        }
    }
}

/// A transition that is being decided.
struct Begun<'a, S: Label> {
    turn: Turn<'a, Data<S>>,
    step: Step,
    /// How long the machine has been in the state it would leave.
    time_in_state: Duration,
}

impl<S: Label> Data<S> {
    #[inline]
    fn plan(
        &self,
        expected: Option<&S>,
        target: &S,
        now: Duration,
    ) -> Result<Step, IllegalTransition<S>> {
        let cursor = &self.cursor;
        let cause = match expected {
            Some(expected) if *expected != cursor.state() => {
                Cause::Unexpected { expected: expected.clone() }
            }
            _ => match cursor.plan(target, now) {
                Some(step) => return Ok(step),
                None => Cause::NotAllowed,
            },
        };
        Err(cursor.illegal(target, cursor.time_in_state(now), cause))
    }
}

impl<S: Label> Debug for StateMachine<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("StateMachine")
            .field("name", &self.name)
            .field("table", &self.table.name())
            .field("state", &self.state())
            .field("hooks", &self.hooks)
            .finish_non_exhaustive()
    }
}
