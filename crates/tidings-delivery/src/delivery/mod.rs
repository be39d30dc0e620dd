//! Deliveries: an observer made out of a sink.

mod backlog;
mod backoff;
mod builder;
mod busy;
mod courier;
mod giving_up;
mod handle;
mod held;
mod let_go;
mod link;
mod parcel;
mod plan;
mod shared;
mod spilling;
mod state;

pub use builder::{DeliveryBuilder, StartError};
pub use handle::Delivery;

#[cfg(test)]
mod tests;
