//! `#[derive(Event)]`: one event type per variant of an enum, or one for a struct.
//!
//! Reading comes first and finds every fault; writing begins when there is none. After a
//! fault the trait is implemented all the same, so that nothing else complains.

mod attributes;
mod derive;
mod expand;
mod fallback;
mod methods;
mod model;
mod names;
mod read;
mod serde_attributes;
mod variant;

pub(crate) use derive::derive;
