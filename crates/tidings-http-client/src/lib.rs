//! One HTTP request at a time, with credentials, TLS and gzip: what the HTTP sinks of
//! Tidings share.
//!
//! A request is sent once and never again by itself, a redirect is an answer and is never
//! followed, and no `Debug` text, error or excerpt shows a secret. What an answer means is
//! for the sink to say.
//!
//! ```no_run
//! use tidings_http_client::{Compression, HttpClient, Request, TokenSource};
//!
//! let mut client = HttpClient::builder("https://collector.example/events")
//!     .token(TokenSource::Env("COLLECTOR_TOKEN".to_owned()))
//!     .compression(Compression::GZIP)
//!     .build()?;
//! let reply = client.post(Request::new("application/json", &[b"[1", b",2]"]))?;
//! assert!(reply.is_success(), "{} {}", reply.status(), reply.excerpt());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Certificates
//!
//! Without `ca_file`, the authorities that browsers trust are trusted; with it, the
//! authorities in that file *instead* of them: who runs an authority of their own wants no
//! other one to vouch for their server.
//!
//! # Proxies
//!
//! A proxy is asked for a tunnel (`CONNECT`) for `http` and `https` alike. By default it
//! comes from the environment: `HTTP_PROXY` or `HTTPS_PROXY` by the scheme of the URL, else
//! `ALL_PROXY`, and never for the hosts of `NO_PROXY`; the lower-case names come first.

mod builder;
mod client;
mod credentials;
mod early;
mod endpoint;
mod error;
mod gzip;
mod outcome;
mod pieces;
mod port;
mod proxy;
mod reply;
mod resolver;
mod retry_after;
mod scrubber;
mod tls;

pub use builder::{ClientBuilder, TIMEOUT_DEFAULT};
pub use client::{HttpClient, Request};
pub use credentials::TokenSource;
pub use error::{InvalidClient, Unreached};
pub use gzip::{Compression, GZIP_LEVEL_DEFAULT};
pub use outcome::outcome_of_failure;
pub use reply::{REPLY_BYTES_MAX, Reply};
pub use retry_after::{RETRY_AFTER_MAX, retry_after};
