//! Handing one event to one observer: inline, through a queue, or waiting for it.
//!
//! Whatever an observer does in its call is contained here: panics and errors become
//! counts, a reason in the report and a diagnostic.

mod contain;
mod handed;
mod late;
mod policy;
mod queue;
mod spent;
mod worker;

pub(crate) use contain::{Failure, contained, drop_contained};
pub(crate) use handed::Handed;
pub(crate) use late::{Aside, Late};
pub use policy::{BLOCK_TIMEOUT_DEFAULT, Deliver, Overflow, QUEUE_CAPACITY_DEFAULT};
pub(crate) use queue::{Laggards, Queue};
pub(crate) use spent::Used;
pub(crate) use worker::spawn;
