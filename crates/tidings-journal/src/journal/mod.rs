//! The journal: an observer that writes one line per event.
//!
//! Lines are whole or not there: what a failed write has left is taken back before the
//! next. Positions are taken under the journal's lock, so they have no gap.

mod builder;
mod error;
mod handle;
mod medium;
mod session;
mod tail;
#[cfg(test)]
mod tests;

pub use builder::JournalBuilder;
pub use error::JournalError;
pub use handle::Journal;
pub use session::Fsync;
