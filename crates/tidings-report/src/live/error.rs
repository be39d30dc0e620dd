//! Why the page cannot be served.

use std::io;

use thiserror::Error;

use super::address::{InvalidListen, Listen};

/// Why the page cannot be served.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The text that says where to listen says nothing.
    #[error(transparent)]
    Listen(#[from] InvalidListen),
    /// Nothing can listen there.
    #[error("failed to listen on `{listen}`: {advice}")]
    #[non_exhaustive]
    Bind {
        /// Where.
        listen: Listen,
        /// What to do.
        advice: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The server has no thread, or no way to wait for sockets.
    #[error("failed to start the server of the live page")]
    Start(#[source] io::Error),
}

impl LiveError {
    pub(super) fn bind(listen: Listen, source: io::Error) -> Self {
        let advice = match source.kind() {
            io::ErrorKind::AddrInUse => {
                "something else listens there, so choose another port, or 0 for any free one"
            }
            io::ErrorKind::AddrNotAvailable => "it is no address of this machine",
            io::ErrorKind::PermissionDenied => {
                "it is not allowed here, so choose a port above 1023, or 0 for any free one"
            }
            _ => "choose another address, like `127.0.0.1:0`",
        };
        Self::Bind { listen, advice, source }
    }
}
