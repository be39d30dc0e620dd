//! The server: a listener, a thread per connection, and what a test sees of them.

mod connection;
mod handle;
mod listen;
mod shared;

pub use handle::{FaultServer, FaultServerBuilder};
pub use shared::Observed;
