//! An HTTP server for tests of sinks: it takes events, and fails in every way a server can.
//!
//! A [`FaultServer`] listens on a port of its own and keeps what it is sent. What it answers
//! is said by a [`Protocol`], and how it fails by a [`Fault`]:
//!
//! ```
//! use std::io::{Read, Write};
//! use std::net::TcpStream;
//! use tidings_fault_server::{CloudEvents, Fault, FaultServer};
//!
//! let server = FaultServer::start(CloudEvents::new())?;
//! server.inject(Fault::status(503));
//!
//! let mut post = |body: &str| {
//!     let mut stream = TcpStream::connect(server.address())?;
//!     write!(
//!         stream,
//!         "POST /events HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
//!         body.len(),
//!     )?;
//!     let mut reply = String::new();
//!     stream.read_to_string(&mut reply)?;
//!     Ok::<_, std::io::Error>(reply)
//! };
//! assert!(post(r#"[{"id":"1"},{"id":"2"}]"#)?.starts_with("HTTP/1.1 503 "));
//! assert!(post(r#"[{"id":"1"},{"id":"2"}]"#)?.starts_with("HTTP/1.1 200 "));
//!
//! assert_eq!(server.accepted_ids(), ["1", "2"]);
//! assert_eq!(server.requests().len(), 2);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # What it speaks
//!
//! HTTP/1.1 on a thread per connection, with connections that are kept, bodies of a length
//! or in chunks, `gzip`, and `Expect: 100-continue`. [`CloudEvents`] and [`JsonArray`] take
//! arrays; [`Hec`] is the HTTP Event Collector of Splunk with its reply codes and indexer
//! acknowledgement; a protocol of your own is one function. With an [`Identity`] it speaks
//! TLS, with a certificate that is in order or is not.
//!
//! # Brokers
//!
//! [`broker`] starts, kills and restarts a real `nats-server`, and puts a network in front of
//! it that stalls and breaks.
//!
//! # Conformance
//!
//! With the feature `conformance` a server is a receiver of the suite that every sink
//! passes, `tidings_assert::conformance`.
//!
//! # Time
//!
//! It never sleeps. Whatever hangs does so until [`release`](FaultServer::release) or
//! [`stop`](FaultServer::stop), and a test waits by [`wait_for`](FaultServer::wait_for),
//! which is woken at each change.

pub mod broker;
#[cfg(feature = "conformance")]
mod conformance;
mod fault;
mod protocol;
mod server;
mod tls;
mod wire;

#[cfg(feature = "conformance")]
pub use conformance::FaultReceiver;
pub use fault::Fault;
pub use protocol::{Accepted, CloudEvents, Hec, JsonArray, Protocol, ProtocolReply, Rules, Taking};
pub use server::{FaultServer, FaultServerBuilder, Observed};
pub use tls::{Identity, IdentityError};
pub use wire::Recorded;
