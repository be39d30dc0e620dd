//! The sink against a collector that fails in every way.

mod acknowledging;
#[path = "../../../../tests/support/batches.rs"]
mod batches;
mod conformance;
mod delivering;
mod refusing;
mod requesting;
mod secrets;
mod strange;
mod support;
