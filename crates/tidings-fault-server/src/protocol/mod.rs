//! Protocols: what a request says, and what is answered.

mod acks;
mod array;
mod contract;
mod hec;
mod rules;

pub use array::{CloudEvents, JsonArray};
pub use contract::{Accepted, Protocol, ProtocolReply, Taking};
pub use hec::Hec;
pub use rules::Rules;
