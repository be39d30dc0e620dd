//! From the tree to the structs of keys, with the place of whatever does not fit.
//!
//! An own serde deserializer: it is asked for a struct by the names of its fields, so it
//! finds every unknown key at once and knows which ones there are. Errors on their way out
//! lose their type in an erased deserializer; their place is therefore kept aside where
//! they arise.

mod access;
mod error;
mod nearest;
mod node;
mod read;

pub(crate) use nearest::nearest;
pub(crate) use read::{read_document, read_kind, read_table};
