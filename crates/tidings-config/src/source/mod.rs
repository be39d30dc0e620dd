//! The text of a configuration: parsed to a tree with places, and shown where it is wrong.
//!
//! TOML and JSON become the same tree, so everything behind it is written once. A value
//! that looks like a secret is never shown, whatever else on its line is wrong.

mod json;
mod secrets;
mod show;
mod toml;
mod tree;

pub(crate) use secrets::{
    INLINE_ADVICE, is_inline_secret, is_pasted_secret, is_secret_attribute, is_secret_header,
};
pub(crate) use show::{Fault, Source};
pub(crate) use tree::{Entry, Node, Span, Table, Value};
