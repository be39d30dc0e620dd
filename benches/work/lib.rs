//! The works that are measured: ours, the peers', and the least that the same work can cost.
//!
//! One module, one question. Each offers its [`Row`]s; a bench shows one question with
//! divan, the report runs all of them, so both measure the same code. A row's contestants
//! run in one process and in alternating rounds, so that noise hits all alike.

pub mod allocations;
mod arm;
mod assertion;
mod bus;
mod decode;
mod delivery;
mod heard;
mod identity;
mod journal;
mod machine;
mod measure;
mod memory;
mod noted;
mod payload;
mod peer;
mod prefixes;
mod processor;
mod queued;
mod receiver;
mod relay;
mod row;
mod silence;
mod state;
mod table;
mod threads;

pub use arm::{Arm, arms, print};
pub use machine::Machine;
pub use measure::{Effort, Measured, measure};
pub use memory::line as memory;
pub use row::{Aim, Contestant, Role, Row, Spent, timed};
pub use table::{Line, table};

/// The questions, in the order of the report.
pub mod question {
    pub use crate::assertion::rows as assertion;
    pub use crate::decode::rows as decode;
    pub use crate::delivery::rows as delivery;
    pub use crate::heard::rows as heard;
    pub use crate::identity::rows as identity;
    pub use crate::journal::rows as journal;
    pub use crate::prefixes::rows as prefixes;
    pub use crate::queued::rows as queued;
    pub use crate::relay::rows as relay;
    pub use crate::silence::rows as silence;
    pub use crate::state::rows as state;
    pub use crate::threads::rows as threads;
}
