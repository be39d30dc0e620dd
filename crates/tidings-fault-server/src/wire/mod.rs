//! HTTP/1.1, as far as posts of events need it.

mod reply;
mod request;
mod socket;
mod stream;

pub(crate) use reply::{CONTINUE, GARBAGE, write_reply};
pub use request::Recorded;
pub(crate) use request::{Head, Pace, read_body, read_head};
pub(crate) use socket::Socket;
pub(crate) use stream::Stream;
