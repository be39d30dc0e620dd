//! Snapshots: recordings as text, and two recordings compared by it.

mod alias;
mod redact;
mod render;
mod same;
mod text;

pub use redact::RedactionError;
pub(crate) use same::same;
pub use text::Snapshot;
