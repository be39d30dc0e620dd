//! A real `nats-server` for tests: started, killed and started again on the same port.
//!
//! Nothing is simulated: a [`Broker`] is a process with a folder of its own, and a [`Proxy`]
//! is the network in front of it, which a test stalls and cuts.

mod builder;
mod find;
mod process;
mod proxy;

pub use builder::BrokerBuilder;
pub use find::{BrokerError, BrokerVersion};
pub use process::Broker;
pub use proxy::Proxy;
