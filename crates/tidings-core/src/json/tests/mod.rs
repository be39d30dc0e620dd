//! Facts about the canonical form: the vectors of RFC 8785, an independent JCS crate
//! as a model, and the places where the two are meant to differ.

mod depth;
mod encoding;
mod errors;
mod keys;
mod members;
mod models;
mod numbers;
mod strings;
mod support;
