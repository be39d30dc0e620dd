//! Patterns: what an assertion asks of one event, and what it says of one that does not fit.

mod describe;
mod explain;
mod matcher;
mod show;

pub(crate) use describe::{Description, Shape};
pub use explain::Explain;
pub(crate) use explain::{CaseReport, Equality, GAP, Guarded};
pub use matcher::Pattern;
pub use show::{Show, ShowAnything};
