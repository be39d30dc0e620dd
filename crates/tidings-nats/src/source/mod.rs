//! Events from a stream, one after the other, from where reading was left.
//!
//! Nothing is acknowledged before the caller says that it is safe. Whatever breaks, reading
//! goes on behind what was acknowledged: an event may come again, and none is left out.

mod arrival;
mod builder;
mod consumer;
mod handle;
mod link;
mod plan;
mod session;

pub(crate) use arrival::{Arrived, Place, Taken};
pub use builder::{NatsSourceBuilder, Start};
pub use handle::{NatsSource, SourceReport};
