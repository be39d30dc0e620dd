//! From an envelope to the JSON that the collector takes.
//!
//! One object an event, nothing between two of them. The members of the outer object are
//! those that Splunk knows and no others: a member it does not know makes it skip events
//! without a word.

mod context;
mod encoder;
mod text;

pub use context::INDEX_ATTRIBUTE;
pub(crate) use context::own_index;
pub(crate) use encoder::{Encoder, Labels};

#[cfg(test)]
mod tests;
