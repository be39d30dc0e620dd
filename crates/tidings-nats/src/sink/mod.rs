//! The sink: publishes events, and says what the acknowledgements mean.
//!
//! Batches overlap: while the acknowledgements of one come in, the next is published. A
//! connection that failed is given up with all that was handed to it, and the next one
//! begins with the first event that was not acknowledged: so a lane stays in order.

mod builder;
mod classify;
mod heart;
mod line;
mod message;
mod publisher;
mod service;
mod tracker;

pub use builder::{
    ACK_TIMEOUT_DEFAULT, HEARTBEAT_DEFAULT, HEARTBEAT_MIN, NatsSinkBuilder, WINDOW_DEFAULT,
    WINDOW_MAX,
};
pub use service::{NatsSink, UNCONFIRMED_MAX};
