//! Routing: from an event type to the observers that want it.
//!
//! The index answers for one type in the number of its segments, however many prefixes
//! there are; lanes remember the answers until a registration changes.

mod call;
mod index;

pub(crate) use call::{Call, Cell, Fate, Route};
pub(crate) use index::Index;
