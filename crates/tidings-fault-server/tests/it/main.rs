//! What the server says it does, seen from a raw socket.

mod arrays;
mod broker;
mod client;
#[cfg(feature = "conformance")]
mod conformance;
mod faults;
mod hec;
mod http;
mod lifecycle;
mod tls;
