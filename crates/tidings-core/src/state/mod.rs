//! State machines: which event may follow which.
//!
//! A [`Table`] is the drawing: states, an initial one, and the edges between them. It is
//! written as an enum with `#[derive(State)]` and checked by the compiler, or built at run
//! time and checked by [`TableBuilder::build`]. A [`StateMachine`] walks it, from any
//! thread; a [`Protocol`] walks one machine for each entity, to drive or to monitor them.
//!
//! ```text
//!             ┌─────────┐     ┌─────────┐     ┌──────┐
//!   start ──▶ │  idle   │ ──▶ │ running │ ──▶ │ done │
//!             └─────────┘     └─────────┘     └──────┘
//!                  │          ┌─────────┐
//!                  └────────▶ │ skipped │
//!                             └─────────┘
//! ```
//! ```
//! use tidings_core::state::{State, StateMachine};
//! use tidings_derive::State;
//!
//! #[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
//! #[state(crate = "tidings_core")]
//! enum Case {
//!     #[state(initial)]
//!     #[to(Running, Skipped)]
//!     Idle,
//!     #[to(Done)]
//!     Running,
//!     #[terminal]
//!     Done,
//!     #[terminal]
//!     Skipped,
//! }
//!
//! let machine = StateMachine::<Case>::new("case#17");
//! let refused = machine.transition(Case::Done).unwrap_err();
//! assert_eq!(
//!     refused.to_string(),
//!     "case#17: `done` is not allowed in `idle` (allowed: `running`, `skipped`)"
//! );
//! machine.transition(Case::Running)?;
//! assert_eq!(machine.state(), Case::Running);
//! # Ok::<(), tidings_core::state::IllegalTransition<Case>>(())
//! ```

mod build;
mod builder;
mod coverage;
mod cursor;
mod derived;
mod diagram;
mod error;
mod history;
mod hooks;
mod machine;
mod paths;
#[doc(hidden)]
pub mod private;
mod protocol;
mod table;
mod transition;
mod turn;

#[cfg(test)]
mod tests;

pub use build::{STATES_MAX, TableBuilder, TableError, TableFault};
pub use builder::{HISTORY_DEFAULT, MachineBuilder, MachineError};
pub use coverage::Coverage;
pub use derived::{Label, State, StateName};
pub use diagram::Diagram;
pub use error::{Cause, IllegalTransition, RECENT_MAX, TransitionError};
pub use hooks::{Attempt, HOOK_FAILURES_MAX, HookFailure, HookFailures, HookKind};
pub use machine::StateMachine;
pub use protocol::{ENTITIES_DEFAULT, Fed, Protocol, ProtocolMode, VIOLATIONS_DEFAULT, Violation};
pub use table::Table;
pub use transition::Transition;
