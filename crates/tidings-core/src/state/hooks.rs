//! Code of the user around a transition: guards before it, hooks after it.
//!
//! Neither can harm the machine: a guard that panics has refused, a hook that panics has
//! failed, and both leave their message behind.

use std::any::Any;
use std::collections::HashMap;
use std::fmt::{self, Debug, Display};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::error::Cause;
use super::transition::Transition;

/// How many hook failures a machine keeps; it counts them all.
pub const HOOK_FAILURES_MAX: usize = 16;

/// What a guard is asked about.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Attempt<'a, S> {
    /// The step that will be taken if nobody refuses.
    pub transition: &'a Transition<S>,
    /// How long the machine has been in the state it would leave.
    pub time_in_state: Duration,
}

/// Which hook it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HookKind {
    /// Runs after a state was left.
    Exit,
    /// Runs after any transition.
    Transition,
    /// Runs after a state was entered.
    Enter,
}

/// A hook that panicked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HookFailure {
    /// Which hook it was.
    pub hook: HookKind,
    /// The number of the transition it was told of.
    pub transition: u64,
    /// What it panicked with.
    pub message: String,
}

impl Display for HookFailure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hook = match self.hook {
            HookKind::Exit => "exit",
            HookKind::Transition => "transition",
            HookKind::Enter => "enter",
        };
        write!(out, "the {hook} hook of transition #{} panicked: {}", self.transition, self.message)
    }
}

/// The hook failures of a machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HookFailures {
    /// How many there were.
    pub total: u64,
    /// The last of them, oldest first, at most [`HOOK_FAILURES_MAX`].
    pub recent: Vec<HookFailure>,
}

pub(super) type Guard<S> = Arc<dyn Fn(&Attempt<'_, S>) -> Result<(), String> + Send + Sync>;
pub(super) type Hook<S> = Arc<dyn Fn(&Transition<S>) + Send + Sync>;

/// The guards and hooks of a machine, by the places they belong to.
pub(super) struct Hooks<S> {
    pub(super) guards: HashMap<(usize, usize), Vec<Guard<S>>>,
    pub(super) exit: HashMap<usize, Vec<Hook<S>>>,
    pub(super) transition: Vec<Hook<S>>,
    pub(super) enter: HashMap<usize, Vec<Hook<S>>>,
}

impl<S> Default for Hooks<S> {
    fn default() -> Self {
        Self {
            guards: HashMap::new(),
            exit: HashMap::new(),
            transition: Vec::new(),
            enter: HashMap::new(),
        }
    }
}

impl<S> Hooks<S> {
    /// Returns whether there is nobody to tell of a transition.
    #[inline]
    pub(super) fn are_silent(&self) -> bool {
        self.exit.is_empty() && self.transition.is_empty() && self.enter.is_empty()
    }

    /// Asks the guards of an edge in the order they were added; the first refusal counts.
    pub(super) fn ask(
        &self,
        edge: (usize, usize),
        attempt: &Attempt<'_, S>,
    ) -> Result<(), Cause<S>> {
        for guard in self.guards.get(&edge).into_iter().flatten() {
            match catch_unwind(AssertUnwindSafe(|| guard(attempt))) {
                Ok(Ok(())) => {}
                Ok(Err(reason)) => return Err(Cause::Refused { reason }),
                Err(panic) => {
                    return Err(Cause::GuardPanicked { message: panic_text(panic) });
                }
            }
        }
        Ok(())
    }

    /// Runs exit, transition and enter hooks, all of them, and returns those that panicked.
    pub(super) fn run(&self, edge: (usize, usize), made: &Transition<S>) -> Vec<HookFailure> {
        let exit = self.exit.get(&edge.0).into_iter().flatten().map(|hook| (HookKind::Exit, hook));
        let any = self.transition.iter().map(|hook| (HookKind::Transition, hook));
        let enter =
            self.enter.get(&edge.1).into_iter().flatten().map(|hook| (HookKind::Enter, hook));
        exit.chain(any)
            .chain(enter)
            .filter_map(|(kind, hook)| {
                let panic = catch_unwind(AssertUnwindSafe(|| hook(made))).err()?;
                Some(HookFailure {
                    hook: kind,
                    transition: made.number,
                    message: panic_text(panic),
                })
            })
            .collect()
    }
}

impl<S> Debug for Hooks<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Hooks")
            .field("guards", &self.guards.values().map(Vec::len).sum::<usize>())
            .field("exit", &self.exit.values().map(Vec::len).sum::<usize>())
            .field("transition", &self.transition.len())
            .field("enter", &self.enter.values().map(Vec::len).sum::<usize>())
            .finish()
    }
}

fn panic_text(panic: Box<dyn Any + Send>) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a value that is not text".to_owned());
    // What it panicked with may panic when it is dropped.
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        std::mem::forget(second);
    }
    text
}
