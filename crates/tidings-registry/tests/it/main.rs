//! What a bus promises, tried from outside by its public interface alone.

#![expect(
    clippy::panic,
    reason = "observers that panic are what is tried here, and helpers fail a test"
)]

mod barrier;
mod busy;
mod chains;
mod closing;
mod content;
mod corners;
mod debug_text;
mod diagnostics;
mod dropping;
mod handing_on;
mod hooks;
mod inside;
mod isolation;
mod late;
mod machine;
mod metrics;
mod misbehaving;
mod model;
mod monitor;
mod order;
mod processing;
mod queues;
mod releasing;
mod stress;
mod support;
mod threads;
mod typed;
