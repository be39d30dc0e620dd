//! The line to the server: a connection when one is wanted, and a stream when one is needed.
//!
//! Whoever finds it broken makes another one; who waits for that waits no longer than it
//! wants to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::publisher::Publisher;
use crate::heartbeat::is_complaint;
use crate::server::{Connection, Kind, NatsError, NatsServer};
use crate::stream::{StreamSettings, ensure};
use crate::subject::Root;

/// What all users of the line share.
#[derive(Debug)]
pub(super) struct Line {
    server: NatsServer,
    stream: StreamSettings,
    pace: Pace,
    slot: Mutex<Slot>,
    published: Arc<AtomicU64>,
}

/// Below which subjects, how much is under way, and how long.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    pub(super) root: Root,
    pub(super) window: usize,
    pub(super) ack_timeout: Duration,
}

#[derive(Debug, Default)]
struct Slot {
    connection: Option<Arc<Connection>>,
    publisher: Option<Arc<Publisher>>,
    /// What was said already.
    warned: Vec<String>,
    /// What is to be said.
    warnings: Vec<String>,
}

impl Line {
    pub(super) fn new(
        server: NatsServer,
        root: Root,
        stream: StreamSettings,
        (window, ack_timeout): (usize, Duration),
    ) -> Self {
        let pace = Pace { root, window, ack_timeout };
        Self { server, stream, pace, slot: Mutex::default(), published: Arc::default() }
    }

    pub(super) fn server(&self) -> &NatsServer {
        &self.server
    }

    pub(super) fn ack_timeout(&self) -> Duration {
        self.pace.ack_timeout
    }

    pub(super) fn root(&self) -> &Root {
        &self.pace.root
    }

    /// How many events were acknowledged so far.
    pub(super) fn published(&self) -> u64 {
        self.published.load(Ordering::Relaxed)
    }

    /// A connection that is up, as far as is known; connects if there is none.
    pub(super) fn connection(&self, until: Instant) -> Result<Arc<Connection>, NatsError> {
        let mut slot = self.slot.try_lock_until(until).ok_or_else(|| self.busy())?;
        self.connect(&mut slot, until)
    }

    /// Somebody who publishes; connects, and has the stream be there, if there is none.
    pub(super) fn publisher(&self, until: Instant) -> Result<Arc<Publisher>, NatsError> {
        let mut slot = self.slot.try_lock_until(until).ok_or_else(|| self.busy())?;
        if let Some(publisher) = slot.publisher.as_ref().filter(|one| !one.has_failed()) {
            return Ok(Arc::clone(publisher));
        }
        slot.publisher = None;
        let connection = self.connect(&mut slot, until)?;
        let context = connection.jetstream().clone();
        let (root, settings) = (self.root().clone(), self.stream.clone());
        let within = until.saturating_duration_since(Instant::now());
        let ensuring = async move { ensure(&context, &root, &settings).await };
        let found = connection.run(within, ensuring).and_then(|found| found);
        let found = match found {
            Ok(found) => found,
            Err(fault) if fault.is_timeout() || fault.is_unreachable() => {
                slot.connection = None;
                return Err(self.complaint(&connection).unwrap_or(fault).scrubbed(&self.server));
            }
            Err(fault) => return Err(fault.scrubbed(&self.server)),
        };
        slot.warn(&found.warnings);
        let publisher = Publisher::start(connection, &found, &self.pace, &self.published);
        let publisher = Arc::new(publisher);
        slot.publisher = Some(Arc::clone(&publisher));
        Ok(publisher)
    }

    /// Gives up a publisher that failed, and its connection: nothing that was handed to it
    /// is sent any more.
    pub(super) fn give_up(&self, publisher: &Arc<Publisher>) {
        let mut slot = self.slot.lock();
        if slot.publisher.as_ref().is_some_and(|one| Arc::ptr_eq(one, publisher)) {
            let (publisher, connection) = (slot.publisher.take(), slot.connection.take());
            drop(slot);
            // Their threads end here, without the lock.
            drop((publisher, connection));
        }
    }

    /// Looks whether the server complains of heartbeats, which would be silence otherwise.
    pub(super) fn look_for_complaint(&self, connection: &Connection) {
        let of_heart = |said: &str| is_complaint(said, self.root());
        if let Some(complaint) = connection.complaint_about(of_heart) {
            self.slot.lock().warn(&[format!("no heartbeat gets through: {complaint}")]);
        }
    }

    /// What is to be said of stream and heartbeats, once.
    pub(super) fn take_warning(&self) -> Option<String> {
        let warnings = std::mem::take(&mut self.slot.lock().warnings);
        (!warnings.is_empty()).then(|| warnings.join("; "))
    }

    fn connect(&self, slot: &mut Slot, until: Instant) -> Result<Arc<Connection>, NatsError> {
        if let Some(connection) = slot.connection.as_ref().filter(|one| one.is_connected()) {
            return Ok(Arc::clone(connection));
        }
        // A publisher without its connection is of no use.
        slot.publisher = None;
        slot.connection = None;
        let within = until.saturating_duration_since(Instant::now());
        let timeout = self.pace.ack_timeout;
        let opened = Connection::open_within(&self.server, timeout, within)?;
        let connection = Arc::new(opened);
        slot.connection = Some(Arc::clone(&connection));
        Ok(connection)
    }

    fn complaint(&self, connection: &Connection) -> Option<NatsError> {
        connection.complaint_about(|said| !is_complaint(said, self.root()))
    }

    fn busy(&self) -> NatsError {
        let text = format!("no connection to {} within the time for it", self.server.origin());
        NatsError::new(Kind::Timeout, text)
    }
}

impl Slot {
    /// Has something said, unless it was.
    fn warn(&mut self, warnings: &[String]) {
        for warning in warnings {
            if !self.warned.contains(warning) {
                self.warned.push(warning.clone());
                self.warnings.push(warning.clone());
            }
        }
    }
}
