//! Canonical JSON: one value, one text.
//!
//! The form is RFC 8785 (JCS) with one stated difference: integers keep all their
//! digits, where strict JCS rounds beyond 2^53 and so merges distinct seeds. Members
//! are sorted by UTF-16 code units, floats print as ECMAScript prints them (an `f32`
//! as the shortest `f32`), strings escape only what they must. The canonical bytes
//! *are* the `data` on the wire, so the same text serves every sink and the
//! [content id](crate::ContentId).
//!
//! A value is walked once, into one buffer. An object whose members arrive sorted is
//! never touched again; any other is put in order when it ends. Nothing here keeps
//! state between two calls, and nothing recurses deeper than [`DEPTH_MAX`] containers
//! and a thousand newtypes and options.

mod canonical;
mod canonicalize;
mod encoder;
mod error;
mod key;
mod number;
mod object;
mod order;
mod serializer;
mod string;
mod variant;
mod writer;

pub use canonical::Canonical;
pub use canonicalize::canonicalize;
pub use encoder::{Encoder, to_string};
pub use error::{CanonicalizeError, EncodeError};
pub(crate) use string::{is_plain, plain_len, push_content, push_string};
pub use writer::DEPTH_MAX;

#[cfg(test)]
mod tests;
