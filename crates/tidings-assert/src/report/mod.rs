//! Reports: everything a failed assertion says.

pub(crate) mod align;
mod mismatch;
pub(crate) mod paste;
pub(crate) mod table;
pub(crate) mod text;

pub use mismatch::Mismatch;
pub(crate) use mismatch::Report;
