//! Emitters that make the legal order easy: run, suite, group, case, step.

mod case;
mod item;
mod run;
mod suite;

pub use case::{CaseEmitter, StepEmitter};
pub use item::Timing;
pub use run::RunEmitter;
pub use suite::{GroupEmitter, SuiteEmitter};
