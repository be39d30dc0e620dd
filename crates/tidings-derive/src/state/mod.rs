//! `#[derive(State)]`: an enum of unit variants becomes a validated state table.
//!
//! Every fault of the enum is reported at once, at the variant it belongs to and with the
//! names in it. A faulty enum still gets an impl, so that no error follows from another.

mod expand;
mod graph;
mod parse;

pub(crate) use expand::derive;
