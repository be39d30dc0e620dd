//! The checks, each a fact by name.

mod breaks;
mod endings;
mod list;
mod quiet;
mod refusals;
mod secrets;

pub(super) use list::all;
