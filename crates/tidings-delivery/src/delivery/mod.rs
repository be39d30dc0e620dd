//! Deliveries: an observer made out of a sink.

mod backlog;
mod backoff;
mod builder;
mod courier;
mod handle;
mod held;
mod parcel;
mod plan;
mod shared;

pub use builder::{DeliveryBuilder, StartError};
pub use handle::Delivery;
