//! Servers: where they are, who one is there, and a connection to one.
//!
//! The client library and its runtime stay behind [`Connection`]: everybody else calls
//! functions that come back in time.

mod address;
mod connection;
mod error;
mod failure;
mod options;
mod runtime;
mod settings;

pub(crate) use connection::Connection;
pub use error::NatsError;
pub(crate) use error::{Kind, shown};
pub(crate) use failure::innermost;
pub use settings::{CONNECT_TIMEOUT_DEFAULT, NatsServer};
