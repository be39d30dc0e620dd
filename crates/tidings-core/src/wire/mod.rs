//! The JSON form of CloudEvents 1.0 that journals, HTTP batches and relays carry.
//!
//! What is written here reads back to the same ids, type, entity, times, attributes and
//! data. Readers ignore attributes they do not know, so newer writers stay readable.

mod line;
mod memory;
mod read;
mod source;
mod version;
mod write;

pub use read::{EventReader, InvalidCloudEvent, Received, read_event};
pub use source::write_source;
pub use version::SPEC_VERSION;
pub use write::{write_event, write_head};

#[cfg(test)]
mod tests;
