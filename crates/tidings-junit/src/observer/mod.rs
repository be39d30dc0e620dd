//! The observer: follows a run, and writes its report to a file.

mod builder;
mod error;
mod file;
mod handle;

pub use builder::JunitBuilder;
pub use error::WriteError;
pub use handle::Junit;
