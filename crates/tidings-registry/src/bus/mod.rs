//! The bus: an ordered table of observers per event type.
//!
//! `emit` reads what its lane remembers and holds no lock while observers run. An observer
//! may therefore subscribe, cancel or emit without a deadlock; it sees its own change from
//! the next event on.

mod barrier;
mod builder;
mod close;
mod diagnose;
mod dispatch;
mod emit;
mod handle;
mod register;
mod shared;

pub use barrier::BarrierError;
pub use builder::{BusBuilder, CHAIN_MAX_DEFAULT, Strictness};
pub(crate) use emit::{Made, Offer};
pub use handle::Bus;
pub(crate) use shared::Shared;
