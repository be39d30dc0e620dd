//! A connection to a server, with a thread of its own.
//!
//! The thread answers the server while nobody calls. What is under way ends with the
//! connection: nothing that was handed to it is sent after it was dropped. One that breaks
//! stays broken: the library would send later what was not on its way yet, and lose what was,
//! so that order is not kept. Whoever has it opens another one.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::{self, Context};
use async_nats::{Client, Event};
use parking_lot::Mutex;
use tokio::sync::watch;

use super::error::{Kind, NatsError, shown};
use super::runtime::Worker;
use super::settings::NatsServer;
use super::{failure, options};

/// How long a connection that broke waits before it would come back.
const NEVER: Duration = Duration::from_hours(24 * 365);
/// How many complaints of a server are kept.
const COMPLAINTS_MAX: usize = 8;
/// How long the names of hosts may take, beside connecting.
const NAMES_WITHIN: Duration = Duration::from_secs(1);

/// A connection, and the thread that serves it.
#[derive(Debug)]
pub(crate) struct Connection {
    client: Client,
    jetstream: Context,
    server: NatsServer,
    /// What the server complained of, the last one last.
    complaints: Arc<Mutex<VecDeque<String>>>,
    /// Whether it has ever broken.
    broken: watch::Receiver<bool>,
    // Dropped last: what it serves ends with it.
    worker: Worker,
}

impl Connection {
    /// Connects, to the first server that answers. Requests have `request_timeout`.
    ///
    /// It takes no longer than the connect timeout for each server, and a second.
    pub(crate) fn open(server: &NatsServer, request_timeout: Duration) -> Result<Self, NatsError> {
        Self::open_within(server, request_timeout, Duration::MAX)
    }

    /// Connects like [`open`](Self::open), and takes no longer than this.
    pub(crate) fn open_within(
        server: &NatsServer,
        request_timeout: Duration,
        within: Duration,
    ) -> Result<Self, NatsError> {
        let (servers, options) = options::of(server)?;
        let worker = Worker::start()?;
        let complaints: Arc<Mutex<VecDeque<String>>> = Arc::default();
        let established = Arc::new(AtomicBool::new(false));
        let (heard, was_up) = (Arc::clone(&complaints), Arc::clone(&established));
        let (breaks, broken) = watch::channel(false);
        let options = options
            .request_timeout(Some(request_timeout))
            // The first attempt does not wait, and there is no other.
            .reconnect_delay_callback(move |_| {
                if was_up.load(Ordering::Acquire) { NEVER } else { Duration::ZERO }
            })
            .event_callback(move |event| {
                match event {
                    Event::ServerError(said) => note(&mut heard.lock(), said.to_string()),
                    Event::Disconnected | Event::Closed => drop(breaks.send_replace(true)),
                    _ => {}
                }
                std::future::ready(())
            });
        let count = u32::try_from(servers.len()).unwrap_or(u32::MAX);
        let all = server.connect_timeout.saturating_mul(count).saturating_add(NAMES_WITHIN);
        let within = within.min(all);
        let connecting = async move {
            let client = options.connect(servers).await?;
            let mut jetstream = jetstream::new(client.clone());
            jetstream.set_timeout(request_timeout);
            Ok((client, jetstream))
        };
        let (client, jetstream) = match worker.run(within, connecting) {
            Some(Ok(connected)) => connected,
            Some(Err(fault)) => return Err(failure::of_connect(&fault, server)),
            None => {
                let text = format!("no connection to {} within {within:?}", server.origin());
                return Err(NatsError::new(Kind::Timeout, text));
            }
        };
        established.store(true, Ordering::Release);
        Ok(Self { client, jetstream, server: server.clone(), complaints, broken, worker })
    }

    /// Runs a future on the thread of the connection, and waits for its end.
    ///
    /// # Errors
    ///
    /// When it has not ended within this time; it is ended then.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        within: Duration,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, NatsError> {
        self.worker.run(within, future).ok_or_else(|| {
            let text = format!("{} gave no answer within {within:?}", self.server.origin());
            NatsError::new(Kind::Timeout, text)
        })
    }

    /// Has a future run on the thread of the connection, until it is dropped.
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        self.worker.spawn(future);
    }

    /// The client; clones of it are the same connection.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Streams and consumers.
    pub(crate) fn jetstream(&self) -> &Context {
        &self.jetstream
    }

    /// Whether it is up now, as far as is known.
    pub(crate) fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Comes to an end when the connection breaks for the first time.
    pub(crate) fn broken(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut broken = self.broken.clone();
        async move {
            // An error says that nobody is left who would tell: the client has ended.
            drop(broken.wait_for(|is_broken| *is_broken).await);
        }
    }

    /// Whether the server is of this version, or newer.
    pub(crate) fn is_at_least(&self, major: i64, minor: i64) -> bool {
        self.client.is_server_compatible(major, minor, 0)
    }

    /// What the server complained of last: a permission that is missing, for example, which
    /// it tells nobody in particular.
    pub(crate) fn complaint(&self) -> Option<NatsError> {
        self.complaint_about(|_| true)
    }

    /// What the server complained of last, among what is of interest.
    pub(crate) fn complaint_about(
        &self,
        is_of_interest: impl Fn(&str) -> bool,
    ) -> Option<NatsError> {
        let complaints = self.complaints.lock();
        let last = complaints.iter().rev().find(|said| is_of_interest(said))?;
        Some(self.complaint_of(last))
    }

    fn complaint_of(&self, said: &str) -> NatsError {
        let said = self.server.scrub(&shown(said));
        let lower = said.to_lowercase();
        let ours = ["permission", "authorization", "authentication"];
        let is_ours = ours.iter().any(|word| lower.contains(word));
        let kind = if is_ours { Kind::Credentials } else { Kind::Refused };
        NatsError::new(kind, format!("{} complains: {said}", self.server.origin()))
    }

    /// The settings it was made with.
    pub(crate) fn server(&self) -> &NatsServer {
        &self.server
    }
}

/// Keeps a complaint; the same one twice, as of each heartbeat, is one.
fn note(complaints: &mut VecDeque<String>, said: String) {
    complaints.retain(|other| *other != said);
    complaints.push_back(said);
    if complaints.len() > COMPLAINTS_MAX {
        complaints.pop_front();
    }
}
