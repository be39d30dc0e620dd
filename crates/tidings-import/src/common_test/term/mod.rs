//! Erlang terms as `io:format` prints them: read from text, and shown as text.

mod binary;
mod literal;
mod parse;
mod show;
mod value;

pub(super) use parse::parse;
pub(super) use value::Term;
