//! What the page knows of a run, as one JSON object, and what has changed in it since.
//!
//! Everything here is read from a `RunSummary` and from [`Lifecycles`](crate::Lifecycles);
//! nothing is counted a second time, and nothing depends on when or where the model is made.
//! What is empty is left out, so that a passed case costs few bytes.

mod budget;
mod case;
mod changes;
mod failure;
mod key;
mod notes;
mod number;
mod place;
mod text;
mod whole;

pub use changes::Changes;
pub use text::NAME_BYTES_MAX;
pub use whole::{Model, NEVER_RAN_NAMES_MAX};

pub(crate) use text::Name;
