//! The contract of a protocol.

use crate::{Recorded, Rules};

/// Turns requests into events that are taken, and replies.
///
/// ```
/// use tidings_fault_server::{Accepted, Protocol, ProtocolReply, Recorded, Taking};
///
/// /// One event per line.
/// struct Lines;
///
/// impl Protocol for Lines {
///     fn handle(&mut self, request: &Recorded, taking: Taking) -> ProtocolReply {
///         let text = request.text();
///         let events: Vec<_> = text.lines().map(|line| Accepted::new(line, line)).collect();
///         match taking.limit(events.len()) {
///             Some((taken, status)) => {
///                 ProtocolReply::new(status).accepting(events.into_iter().take(taken))
///             }
///             None => ProtocolReply::new(204).accepting(events),
///         }
///     }
/// }
/// ```
pub trait Protocol: Send + 'static {
    /// Answers one request that was read to its end.
    ///
    /// Called by the threads of connections, one at a time. Events are taken whether or not
    /// the reply arrives.
    fn handle(&mut self, request: &Recorded, taking: Taking) -> ProtocolReply;

    /// Whether a request brings events, so that a fault that is in line applies to it; by
    /// default every `POST` does.
    fn brings_events(&self, method: &str, path: &str) -> bool {
        let _ = path;
        method == "POST"
    }

    /// What [`FaultServer::rules`](crate::FaultServer::rules) changes while it runs; none
    /// by default.
    fn rules(&mut self) -> Option<&mut Rules> {
        None
    }
}

/// A function is a protocol, for example that of a site which takes no events:
///
/// ```
/// use tidings_fault_server::{FaultServer, ProtocolReply, Recorded, Taking};
///
/// let site = FaultServer::start(|request: &Recorded, _: Taking| {
///     let status = if request.path_only() == "/missing" { 404 } else { 200 };
///     ProtocolReply::new(status).with_body(format!("<title>{}</title>", request.path))
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
impl<F> Protocol for F
where
    F: FnMut(&Recorded, Taking) -> ProtocolReply + Send + 'static,
{
    fn handle(&mut self, request: &Recorded, taking: Taking) -> ProtocolReply {
        self(request, taking)
    }
}

/// How many of its events a request is to bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Taking {
    /// All that are in order.
    All,
    /// The first half, rounded down.
    Half {
        /// The status code of the reply.
        status: u16,
    },
    /// So many of the first.
    Some {
        /// How many.
        events: usize,
        /// The status code of the reply.
        status: u16,
    },
}

impl Taking {
    /// How many of `len` events to take at most, and what status to answer then; none when
    /// all are to be taken.
    pub fn limit(self, len: usize) -> Option<(usize, u16)> {
        match self {
            Self::All => None,
            Self::Half { status } => Some((len / 2, status)),
            // Whoever takes them all has nothing to refuse.
            Self::Some { events, status } => (events < len).then_some((events, status)),
        }
    }
}

/// An event that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Accepted {
    /// Its id, or all of it where it has none.
    pub id: String,
    /// The event as it arrived.
    pub json: String,
}

impl Accepted {
    /// An event of this id.
    pub fn new(id: impl Into<String>, json: impl Into<String>) -> Self {
        Self { id: id.into(), json: json.into() }
    }
}

/// What is answered, and what was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProtocolReply {
    /// The status code.
    pub status: u16,
    /// Headers; the length is added.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// The events that were taken, in order.
    pub accepted: Vec<Accepted>,
}

impl ProtocolReply {
    /// A reply without a body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new(), accepted: Vec::new() }
    }

    /// A reply with a JSON body.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { status, headers, body: body.to_string(), accepted: Vec::new() }
    }

    /// With this body, of no particular type.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }

    /// With these events taken.
    #[must_use]
    pub fn accepting(mut self, events: impl IntoIterator<Item = Accepted>) -> Self {
        self.accepted.extend(events);
        self
    }
}
