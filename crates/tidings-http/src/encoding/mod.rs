//! What the body of a batch looks like.

mod cloud_events;
mod contract;
mod json;
mod optics;
mod text;
mod utc_offset;

pub(crate) use cloud_events::CloudEvents;
pub use contract::{Encoder, Encoding, Frame};
pub(crate) use json::Json;
pub use optics::Optics;
pub use utc_offset::{InvalidUtcOffset, UtcOffset};

#[cfg(test)]
mod tests;
