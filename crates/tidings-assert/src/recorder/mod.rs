//! The recorder: what was heard, and waiting for what will be.

mod handle;
mod log;
mod transcript;
mod wait;

pub use handle::Recorder;
pub(crate) use handle::fail;
pub use wait::WaitError;
