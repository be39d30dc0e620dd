//! Faults: what goes wrong with one request.

use std::time::Duration;

/// What goes wrong with a request, and how much of it was taken before.
///
/// [`FaultServer::inject`](crate::FaultServer::inject) puts one in line for the next post of
/// events.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing is taken; this is the reply.
    Status {
        /// The status code.
        status: u16,
        /// Further headers of the reply.
        headers: Vec<(String, String)>,
        /// The body of the reply.
        body: String,
    },
    /// The connection is reset once the request was read; nothing is taken.
    ResetBefore,
    /// The events are taken, and the connection is reset without a reply.
    ResetAfter,
    /// Nothing is taken and nothing is answered until it is released; then the connection
    /// ends.
    HangBefore,
    /// The events are taken, and the reply comes when it is released.
    HangAfter,
    /// The events are taken, and the reply comes after so long or when it is released.
    ReplyLate {
        /// How long it takes.
        after: Duration,
    },
    /// The body is read in small pieces with pauses between them, the rest of it at once;
    /// the request is then answered as usual.
    SlowRead {
        /// How much is read at a time.
        piece_bytes: usize,
        /// How long it waits before each piece.
        pause: Duration,
        /// How many pieces there are at most.
        pieces_max: usize,
    },
    /// The first half of the events is taken, rounded down; the reply has this status and
    /// says as much as the protocol can.
    TakeHalf {
        /// The status code.
        status: u16,
    },
    /// So many of the first events are taken; the reply has this status and says as much as
    /// the protocol can.
    TakeSome {
        /// How many. A request that has no more than these is taken as if nothing was wrong.
        events: usize,
        /// The status code.
        status: u16,
    },
    /// Nothing is taken; the reply is not HTTP, and the connection ends.
    GarbageReply,
    /// All goes well, and the connection ends right after the reply, which did not say so.
    CloseIdle,
}

impl Fault {
    /// Nothing is taken; the reply has this status and no body.
    pub fn status(status: u16) -> Self {
        Self::refusal(status, "")
    }

    /// Nothing is taken; the reply has this status and this body.
    pub fn refusal(status: u16, body: impl Into<String>) -> Self {
        Self::Status { status, headers: Vec::new(), body: body.into() }
    }

    /// Nothing is taken; the reply has this status and asks for a pause in `Retry-After`.
    pub fn retry_after(status: u16, seconds: u64) -> Self {
        let headers = vec![("retry-after".to_owned(), seconds.to_string())];
        Self::Status { status, headers, body: String::new() }
    }

    /// Nothing is taken; the reply is what a Splunk HTTP Event Collector answers with this
    /// code.
    ///
    /// ```
    /// use tidings_fault_server::Fault;
    ///
    /// assert_eq!(Fault::hec(403, 4, "Invalid token"), Fault::refusal(403, r#"{"code":4,"text":"Invalid token"}"#));
    /// ```
    pub fn hec(status: u16, code: u32, text: &str) -> Self {
        Self::refusal(status, serde_json::json!({ "code": code, "text": text }).to_string())
    }

    /// Reads the first 64 pieces of 16 bytes with a pause of a millisecond before each.
    pub fn slow_read() -> Self {
        Self::SlowRead { piece_bytes: 16, pause: Duration::from_millis(1), pieces_max: 64 }
    }
}
