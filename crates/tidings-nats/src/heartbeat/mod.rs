//! Heartbeats: what a node says of itself while it lives.
//!
//! They are messages on `<root>.<run>.<node>`, which no stream keeps: its subjects have a
//! token more.

mod message;

pub(crate) use message::{Heartbeat, is_complaint, subject};
