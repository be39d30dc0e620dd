//! The machine: compare-and-transition from any thread.
//!
//! Two locks. `turn` is held while one transition is decided and made, so guards and
//! whatever is bound to the transition see a state that nobody else can change. `data` is
//! held for moments only and never while code of the user runs, so reading the machine is
//! possible everywhere, also in guards. Hooks run after both are released.

use std::convert::Infallible;
use std::fmt::{self, Debug};
use std::sync::{Arc, PoisonError, TryLockError};
use std::time::Duration;

use super::builder::MachineBuilder;
use super::cursor::{Cursor, Planned};
use super::derived::{Label, State, StateName};
use super::diagram::Diagram;
use super::error::{Cause, IllegalTransition, TransitionError};
use super::history::Last;
use super::hooks::{Attempt, HOOK_FAILURES_MAX, HookFailure, HookFailures, Hooks};
use super::table::Table;
use super::transition::Transition;
use crate::emitter::{Dispatch, Stream, Streams};
use crate::sync::thread::{self, ThreadId};
use crate::sync::{Mutex, MutexGuard};

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
    turn: Mutex<()>,
    data: Mutex<Data<S>>,
    streams: Streams,
}

pub(super) struct Clock(pub(super) Arc<dyn Fn() -> Duration + Send + Sync>);

struct Data<S> {
    cursor: Cursor<S>,
    /// The thread whose turn it is.
    owner: Option<ThreadId>,
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
        self.data().cursor.state()
    }

    /// Returns whether no other state can follow the present one.
    pub fn is_terminal(&self) -> bool {
        self.data().cursor.is_terminal()
    }

    /// Returns the states that the table allows next; guards are not asked.
    pub fn allowed(&self) -> Vec<S> {
        self.data().cursor.allowed()
    }

    /// Returns how long it has been in its state.
    pub fn time_in_state(&self) -> Duration {
        let now = (self.clock.0)();
        self.data().cursor.time_in_state(now)
    }

    /// Returns the last transitions, oldest first, as many as the history holds.
    pub fn history(&self) -> Vec<Transition<S>> {
        self.data().cursor.history().iter().cloned().collect()
    }

    /// Returns how many transitions were made.
    pub fn transitions(&self) -> u64 {
        self.data().cursor.history().total()
    }

    /// Returns the hooks that panicked.
    pub fn hook_failures(&self) -> HookFailures {
        let data = self.data();
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
        self.attempt(None, &target.into(), nothing)
            .map(|(made, ())| made)
            .map_err(TransitionError::into_illegal)
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
        self.attempt(Some(expected.into()), &target.into(), nothing)
            .map(|(made, ())| made)
            .map_err(TransitionError::into_illegal)
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
        self.attempt(None, &target.into(), bound)
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
            turn: Mutex::new(()),
            data: Mutex::new(Data { cursor, owner: None, failures: Last::new(HOOK_FAILURES_MAX) }),
        }
    }

    fn attempt<R, E>(
        &self,
        expected: Option<S>,
        target: &S,
        bound: impl FnOnce(&Transition<S>) -> Result<R, E>,
    ) -> Result<(Transition<S>, R), TransitionError<S, E>> {
        let Some(turn) = self.enter() else {
            let now = (self.clock.0)();
            return Err(self.data().cursor.illegal(target, now, Cause::Reentrant).into());
        };
        let now = (self.clock.0)();
        let planned = self.plan(expected, target, now)?;
        let attempt = Attempt { transition: &planned.step, time_in_state: planned.time_in_state };
        self.hooks
            .ask(planned.edge, &attempt)
            .map_err(|cause| self.data().cursor.illegal(target, now, cause))?;
        let outcome = bound(&planned.step).map_err(TransitionError::CalledOff)?;
        self.data().cursor.commit(&planned);
        drop(turn); // Hooks may move the machine on.
        let Planned { step, edge, .. } = planned;
        let failures = self.hooks.run(edge, &step);
        if !failures.is_empty() {
            let mut data = self.data();
            for failure in failures {
                data.failures.push(failure);
            }
        }
        Ok((step, outcome))
    }

    fn plan(
        &self,
        expected: Option<S>,
        target: &S,
        now: Duration,
    ) -> Result<Planned<S>, IllegalTransition<S>> {
        let data = self.data();
        match expected {
            Some(expected) if expected != data.cursor.state() => {
                Err(data.cursor.illegal(target, now, Cause::Unexpected { expected }))
            }
            _ => data.cursor.plan(target, now),
        }
    }

    fn data(&self) -> MutexGuard<'_, Data<S>> {
        // No code of the user runs under this lock: what a panic left behind is whole.
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for this thread's turn; `None` if it has it already.
    fn enter(&self) -> Option<Turn<'_, S>> {
        let me = thread::current().id();
        let guard = match self.turn.try_lock() {
            Ok(guard) => guard,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) if self.data().owner == Some(me) => return None,
            Err(TryLockError::WouldBlock) => {
                self.turn.lock().unwrap_or_else(PoisonError::into_inner)
            }
        };
        self.data().owner = Some(me);
        Some(Turn { machine: self, _guard: guard })
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

/// The right to move the machine.
struct Turn<'a, S: Label> {
    machine: &'a StateMachine<S>,
    _guard: MutexGuard<'a, ()>,
}

impl<S: Label> Drop for Turn<'_, S> {
    fn drop(&mut self) {
        self.machine.data().owner = None;
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands in for what may fail")]
fn nothing<S>(_step: &Transition<S>) -> Result<(), Infallible> {
    Ok(())
}
