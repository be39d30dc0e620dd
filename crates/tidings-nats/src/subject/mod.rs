//! Subjects: `<root>.<run>.<node>.<type>`, and filters over them.
//!
//! Pure. A run or a node is one token whatever its name; a type has one token a segment. What
//! a subject says is for routing only: a receiver believes the event, not the subject.

mod filter;
mod name;
mod root;
mod token;

pub(crate) use filter::{covers, filters};
pub(crate) use name::encode;
pub use root::ROOT_DEFAULT;
pub(crate) use root::Root;
pub(crate) use token::push_token;
