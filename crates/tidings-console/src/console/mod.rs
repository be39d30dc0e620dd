//! The observer: takes events on any thread, and lets a thread of its own write.
//!
//! `on_event` holds one short lock and never touches the writer; the painter thread holds
//! no lock while it writes. So a writer that hangs costs a picture, never a test.

mod builder;
mod follower;
mod groups;
mod handle;
mod lines;
mod mode;
mod painter;
mod screen;
mod shared;
#[cfg(test)]
mod tests;
mod writer;

pub use builder::ConsoleBuilder;
pub use groups::GROUPED_BYTES_MAX;
pub use handle::Console;
pub use mode::{Mode, UnknownMode};
pub use shared::BUFFER_BYTES_MAX;
pub use writer::ConsoleWriter;
