//! The sink against a server on this machine that fails in every way.

mod answers;
mod bodies;
mod conformance;
mod secrets;
mod support;
mod tokens;
