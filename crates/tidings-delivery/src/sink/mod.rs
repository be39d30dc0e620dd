//! Sinks: places that take batches and can fail.
//!
//! A sink says what became of a batch and nothing more; when to try again, what to keep and
//! where is decided by the [`Delivery`](crate::Delivery) in front of it.

mod batch;
mod contract;
mod load;
mod outcome;

pub use batch::{Batch, BatchEvent};
pub use contract::{Confirmation, Sink, Unencodable};
pub use load::Load;
pub use outcome::{Outcome, Then};
