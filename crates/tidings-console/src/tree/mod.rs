//! The tree of entities, as the events tell it.
//!
//! A reducer without threads, output or clock: the same envelopes in the same order make
//! the same tree, live or replayed.

mod failure;
mod fold;
mod node;
mod reduce;
#[cfg(test)]
mod tests;
mod totals;

pub use failure::{Failure, Slow};
pub use node::State;
pub(crate) use node::{Node, NodeId};
pub(crate) use reduce::{Change, Finished};
pub use reduce::{FAILURES_MAX, Limits, NODES_MAX, SLOWEST_MAX, Tree};
pub use totals::{Tally, Totals};
