//! Expectations: the clauses of an assertion, one file each.

mod any_order;
mod clause;
mod count;
mod exactly;
mod in_order;
mod misses;
mod never;
mod pairs;
mod per;
mod view;

pub use clause::Expectation;
pub use count::Count;
pub(crate) use view::View;
