//! The settings of a sink, checked when it is built.

use std::time::Duration;

use tidings_core::BusId;
use tidings_registry::Bus;

use super::line::Line;
use super::service::NatsSink;
use crate::server::{NatsError, NatsServer};
use crate::stream::StreamSettings;
use crate::subject::{ROOT_DEFAULT, Root};

/// The most events that are published and not acknowledged yet.
pub const WINDOW_DEFAULT: usize = 512;

/// The most events that may be published and not acknowledged: room for all of them is made
/// with each connection.
pub const WINDOW_MAX: usize = 65_536;
/// How long the server has to acknowledge.
pub const ACK_TIMEOUT_DEFAULT: Duration = Duration::from_secs(5);
/// From one heartbeat to the next.
pub const HEARTBEAT_DEFAULT: Duration = Duration::from_secs(5);
/// The least from one heartbeat to the next.
pub const HEARTBEAT_MIN: Duration = Duration::from_millis(10);

/// Makes a [`NatsSink`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct NatsSinkBuilder {
    server: NatsServer,
    root: String,
    stream: StreamSettings,
    window: usize,
    ack_timeout: Duration,
    heartbeat: Duration,
    node: Option<Node>,
}

/// Whose heartbeats are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) run: String,
    pub(super) name: String,
    pub(super) bus: BusId,
}

impl NatsSinkBuilder {
    pub(super) fn new(server: NatsServer) -> Self {
        Self {
            server,
            root: ROOT_DEFAULT.to_owned(),
            stream: StreamSettings::default(),
            window: WINDOW_DEFAULT,
            ack_timeout: ACK_TIMEOUT_DEFAULT,
            heartbeat: HEARTBEAT_DEFAULT,
            node: None,
        }
    }

    /// What all subjects begin with; by default [`ROOT_DEFAULT`](crate::ROOT_DEFAULT).
    pub fn root(mut self, root: &str) -> Self {
        root.clone_into(&mut self.root);
        self
    }

    /// Which stream keeps the events, and what it is created with.
    pub fn stream(mut self, stream: StreamSettings) -> Self {
        self.stream = stream;
        self
    }

    /// How many events may be published and not acknowledged yet, at least one and at most
    /// [`WINDOW_MAX`]; by default [`WINDOW_DEFAULT`].
    pub fn window(mut self, events: usize) -> Self {
        self.window = events.max(1);
        self
    }

    /// How long the server has to acknowledge, and one call of the sink to come back; by
    /// default [`ACK_TIMEOUT_DEFAULT`].
    pub fn ack_timeout(mut self, timeout: Duration) -> Self {
        self.ack_timeout = timeout.max(Duration::from_millis(1));
        self
    }

    /// From one heartbeat to the next, at least [`HEARTBEAT_MIN`]; by default
    /// [`HEARTBEAT_DEFAULT`].
    pub fn heartbeat(mut self, interval: Duration) -> Self {
        self.heartbeat = interval.max(HEARTBEAT_MIN);
        self
    }

    /// Sends the heartbeats of the node of this bus; by default those of the node that the
    /// first event is of, and none before there is one.
    pub fn node_of(mut self, bus: &Bus) -> Self {
        self.node =
            Some(Node { run: bus.run().to_owned(), name: bus.node().to_owned(), bus: bus.id() });
        self
    }

    /// Checks the settings and reads the files that they name. Nobody connects.
    ///
    /// # Errors
    ///
    /// [`NatsError`] says which setting cannot be used, and why.
    pub fn build(self) -> Result<NatsSink, NatsError> {
        let root = Root::parse(&self.root)
            .map_err(|fault| NatsError::setting("root", fault.to_string()))?;
        if self.window > WINDOW_MAX {
            let text = format!("{} are too many: at most {WINDOW_MAX}", self.window);
            return Err(NatsError::setting("window", text));
        }
        self.stream.validate()?;
        self.server.validate()?;
        let line = Line::new(self.server, root, self.stream, (self.window, self.ack_timeout));
        Ok(NatsSink::new(line, self.heartbeat, self.node))
    }
}
