//! Emitters that make the legal order easy: run, suite, group, case, step.

mod case;
mod item;
mod run;
mod shared;
mod suite;

pub use case::{CaseEmitter, StepEmitter};
pub use item::Timing;
pub use run::RunEmitter;
pub use shared::{RunEnded, SharedRun, SharedSuite};
pub use suite::{GroupEmitter, SuiteEmitter};
