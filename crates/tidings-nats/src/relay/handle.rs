//! The relay as its owner sees it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tidings_registry::Bus;

use crate::NatsSource;

use super::report::RelayReport;
use super::settings::RelaySettings;
use super::worker::{Shared, Worker};
use tidings_core::time::moment::deadline_in;

/// How long a relay that is dropped may take to end.
const STOP_ON_DROP_MAX: Duration = Duration::from_millis(500);
/// How often it is looked whether it has ended.
const LOOK_INTERVAL: Duration = Duration::from_millis(2);

/// Republishes the events of a [`NatsSource`] on a bus, on a thread of its own.
///
/// Ids, run, node, times and entities stay as they are, so that any observer works here as it
/// does on the node. Each event is republished once; those of one node in the order of their
/// positions. The bus is kept open until the relay ends.
///
/// What is safe is acknowledged; after a restart the rest comes again. The ids that the
/// master's own journal has keep that from being republished twice:
/// [`RelaySettings::seen_from`].
///
/// An observer that is called inline holds up all events, as on any bus; for one with a queue
/// the relay does not wait.
///
/// ```no_run
/// use std::time::Duration;
/// use tidings_nats::{NatsServer, NatsSource, Relay, RelaySettings};
/// use tidings_registry::Bus;
///
/// let bus = Bus::new();
/// let source =
///     NatsSource::builder(NatsServer::at("nats://lab:4222")).durable("master").open()?;
/// let relay = Relay::start(source, &bus, RelaySettings::default())?;
/// assert!(!relay.report().ended);
/// relay.stop(Duration::from_secs(10));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a relay stops when it is dropped"]
pub struct Relay {
    shared: Arc<Shared>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Relay {
    /// Begins to relay.
    ///
    /// # Errors
    ///
    /// What the system says when there is no thread.
    pub fn start(source: NatsSource, bus: &Bus, settings: RelaySettings) -> io::Result<Self> {
        let shared: Arc<Shared> = Arc::default();
        let worker = Worker::new(source, bus, settings, Arc::clone(&shared))?;
        let thread = std::thread::Builder::new()
            .name("tidings-relay".to_owned())
            .spawn(move || worker.run())?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// What it did so far, as of a moment ago.
    pub fn report(&self) -> RelayReport {
        self.shared.report.lock().clone()
    }

    /// Lets go what waits for missing events, has acknowledged what is safe, and ends; within
    /// this time, unless an observer that is called inline does not return.
    pub fn stop(mut self, within: Duration) -> RelayReport {
        self.end(within);
        self.report()
    }

    fn end(&mut self, within: Duration) {
        let Some(thread) = self.thread.take() else { return };
        let deadline = deadline_in(within);
        *self.shared.stop_within.lock() = within;
        self.shared.stop.store(true, Ordering::Release);
        // An observer may hang in there for ever.
        while !thread.is_finished() && Instant::now() < deadline {
            std::thread::park_timeout(LOOK_INTERVAL);
        }
        if thread.is_finished() {
            // A panic of the thread was printed where it happened.
            drop(thread.join());
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.end(STOP_ON_DROP_MAX);
    }
}
