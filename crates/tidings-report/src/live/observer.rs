//! The live page as an observer, and how it is made.

use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tidings_core::Envelope;
use tidings_core::time::moment::deadline_in;
use tidings_registry::{Observer, ObserverError};

use super::address::{LISTEN_DEFAULT, Listen};
use super::error::LiveError;
use super::hub::{Hub, Reading};
use super::routes::Routes;
use super::server::{Limits, Server};

/// How many connections there may be at a time unless it was said otherwise.
pub const CONNECTIONS_MAX_DEFAULT: usize = 64;

/// The least time between two messages to a client unless it was said otherwise.
pub const INTERVAL_DEFAULT: Duration = Duration::from_millis(250);

/// How long a stream is silent at most unless it was said otherwise.
pub const KEEP_ALIVE_DEFAULT: Duration = Duration::from_secs(15);

/// How long a client may take for a request, or not read, unless it was said otherwise.
pub const STALL_MAX_DEFAULT: Duration = Duration::from_secs(10);

/// How long clients have to take what is left when the bus closes, if it has that much time.
pub const FAREWELL_MAX: Duration = Duration::from_secs(2);

/// The page of a run, served while the run goes on. Clones are the same page.
///
/// It serves from [`start`](LiveBuilder::start) on, also before it is subscribed to a bus,
/// until the bus closes or the last clone is dropped. The end of the run does not end it.
///
/// | path | what it is |
/// |---|---|
/// | `/` | the page, which reads `/events` |
/// | `/events` | server-sent events: `model`, then `changes`, then `end` |
/// | `/report.html` | the page as a file of its own, as it is now |
/// | `/summary.json` | the numbers, as [`SummaryJson`](tidings_testrun::SummaryJson) |
///
/// A client that comes late gets everything; one that comes back with the `Last-Event-ID` it
/// had gets all that changed since then, and no other case. Changes may come twice, and are
/// [made for that](crate::Changes).
///
/// Emitting takes as long as a [`LiveSummary`](tidings_testrun::LiveSummary) does, and waits
/// for no client. Of the output that a summary lets go of when there is too much, an open page
/// may still show what it was told.
///
/// There is no password: whoever can connect can read. By default that is this machine alone.
/// Requests under a foreign name, and streams for pages of other origins, are refused.
///
/// ```
/// use tidings_registry::Bus;
/// use tidings_report::Live;
/// use tidings_testrun::RunEmitter;
///
/// let live = Live::builder().listen("127.0.0.1:0").start()?;
/// let bus = Bus::new();
/// bus.subscribe(live.clone()).detach();
/// let run = RunEmitter::start(&bus, "nightly");
/// run.case("starts").success();
///
/// let url = format!("{}summary.json", live.url());
/// let summary = ureq::get(&url).call()?.body_mut().read_to_string()?;
/// assert!(summary.starts_with(r#"{"total":1,"passed":1,"#));
/// run.success();
/// assert!(bus.close(std::time::Duration::from_secs(5))?.complete);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Live {
    inner: Arc<Inner>,
}

struct Inner {
    hub: Arc<Hub>,
    listen: Listen,
    address: SocketAddr,
    /// Hears nothing, and then that the server has ended.
    ended: Mutex<Receiver<()>>,
}

/// Says how a [`Live`] page is served.
#[derive(Debug, Clone)]
#[must_use = "it serves nothing before it is started"]
pub struct LiveBuilder {
    listen: String,
    keep_alive: Duration,
    limits: Limits,
}

impl Live {
    /// A page at [`LISTEN_DEFAULT`], to be told otherwise.
    pub fn builder() -> LiveBuilder {
        LiveBuilder {
            listen: LISTEN_DEFAULT.to_owned(),
            keep_alive: KEEP_ALIVE_DEFAULT,
            limits: Limits {
                connections_max: CONNECTIONS_MAX_DEFAULT,
                stall_max: STALL_MAX_DEFAULT,
                interval: INTERVAL_DEFAULT,
            },
        }
    }

    /// Where a browser of this machine finds the page: `http://127.0.0.1:7357/`.
    pub fn url(&self) -> String {
        self.inner.listen.url(self.inner.address)
    }

    /// Where it listens, with the port that it has got.
    pub fn address(&self) -> SocketAddr {
        self.inner.address
    }

    /// Says that nothing more will come, as
    /// [`RunSummary::finish`](tidings_testrun::RunSummary::finish) does.
    pub fn finish(&self) {
        self.inner.hub.finish();
    }
}

impl LiveBuilder {
    /// Where to listen, as text of a [`Listen`]; by default [`LISTEN_DEFAULT`].
    pub fn listen(mut self, listen: impl Into<String>) -> Self {
        self.listen = listen.into();
        self
    }

    /// How many connections there may be at a time, at least one; further ones get status 503.
    pub fn connections_max(mut self, connections: usize) -> Self {
        // More than this no semaphore counts.
        self.limits.connections_max = connections.clamp(1, u32::MAX as usize >> 3);
        self
    }

    /// The least time between two messages to a client.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.limits.interval = interval;
        self
    }

    /// How long a stream is silent before a comment shows that it lives.
    pub fn keep_alive(mut self, silence: Duration) -> Self {
        self.keep_alive = silence;
        self
    }

    /// How long a client may take for a request, and how long it may read nothing of what
    /// there is to read; a day at most.
    pub fn stall_max(mut self, stall: Duration) -> Self {
        self.limits.stall_max = stall.min(Duration::from_hours(24));
        self
    }

    /// Begins to serve.
    ///
    /// # Errors
    ///
    /// [`LiveError`] when nothing can listen there.
    pub fn start(self) -> Result<Live, LiveError> {
        let listen: Listen = self.listen.parse()?;
        let failed = |source| LiveError::bind(listen.clone(), source);
        let listener = TcpListener::bind((listen.host(), listen.port())).map_err(failed)?;
        let address = listener.local_addr().map_err(LiveError::Start)?;
        let hub = Arc::new(Hub::new());
        let routes =
            Routes { hub: Arc::clone(&hub), listen: listen.clone(), keep_alive: self.keep_alive };
        let server = Server::new(listener, routes, self.limits).map_err(LiveError::Start)?;
        let (ending, ended) = sync_channel(1);
        let work = move || {
            server.run();
            drop(ending);
        };
        thread::Builder::new()
            .name("tidings-live".to_owned())
            .spawn(work)
            .map_err(LiveError::Start)?;
        Ok(Live { inner: Arc::new(Inner { hub, listen, address, ended: Mutex::new(ended) }) })
    }
}

impl Observer for Live {
    fn kind(&self) -> &'static str {
        "live"
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        match self.inner.hub.take(envelope) {
            Reading::Read => Ok(()),
            Reading::Unreadable => {
                let name = envelope.event_type();
                let message = format!("`{name}` has data that does not fit it");
                Err(ObserverError::rejected(message))
            }
        }
    }

    /// Nothing: open pages are told in time, and nothing is lost meanwhile.
    fn flush(&self, _deadline: Instant) -> Result<(), ObserverError> {
        Ok(())
    }

    /// Tells the pages all that is left, that this is the end, and ends the server.
    fn close(&self, deadline: Instant) -> Result<(), ObserverError> {
        self.finish();
        let time_left = deadline.saturating_duration_since(Instant::now());
        // The rest is for the server to end in.
        let farewell = FAREWELL_MAX.min(time_left / 4 * 3);
        self.inner.hub.close(deadline_in(farewell));
        let time_left = deadline.saturating_duration_since(Instant::now());
        match self.inner.ended.lock().recv_timeout(time_left) {
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                Err(ObserverError::failed("the server of the live page did not end in time"))
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.hub.close(Instant::now());
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("address", &self.address).finish_non_exhaustive()
    }
}
