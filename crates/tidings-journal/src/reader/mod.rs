//! The reader: events out of a journal, one line at a time.
//!
//! A bad line costs that line only. A torn last line is what a killed process leaves
//! behind, so it ends the reading without an error and can be asked for.

mod entry;
mod error;
mod handle;
mod lines;

pub(crate) use entry::Line;
pub use entry::{Entry, Torn};
pub use error::{LineFault, ReadError};
pub use handle::{LINE_BYTES_MAX, Reader};
