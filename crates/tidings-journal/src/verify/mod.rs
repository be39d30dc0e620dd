//! Verification: whether a journal is what was written, all of it and once.

mod fault;
mod gaps;
mod order;
mod rejection;
mod report;
mod verifier;

pub use fault::{Fault, FaultKind};
pub use rejection::Rejection;
pub use report::{FAULTS_LISTED_MAX, VerifyReport};
pub use verifier::verify;
