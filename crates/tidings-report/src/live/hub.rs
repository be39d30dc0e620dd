//! Between those who emit and those who watch: what is known, and which version has been
//! announced.
//!
//! An emitter changes the summary and notes a number; it renders nothing, knows of no client,
//! and while a message is made it leaves its event to be taken later. Nothing waits for a
//! client either: each one asks for what it lacks when it has room for it, so that a slow one
//! gets fewer and larger messages.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use parking_lot::{Mutex, MutexGuard};
use tidings_core::{BusId, Envelope};
use tidings_testrun::{SummaryJson, TestRun};
use tokio::sync::{Notify, watch};

use crate::model::Model;

use super::known::{Known, News};

/// How many events are left for later while a message is made; whoever emits one more waits.
const BACKLOG_EVENTS_MAX: usize = 4_096;

/// How many messages are kept for others who lack the same.
const MESSAGES_KEPT_MAX: usize = 3;

/// An announcement waits at least this many times as long as the last messages took to make.
const REST_FACTOR: u32 = 5;

/// What emitters and clients share.
#[derive(Debug)]
pub(super) struct Hub {
    /// Tells the versions of this server from those of one before or after it.
    epoch: String,
    /// Taken before `known` wherever both are.
    backlog: Mutex<Backlog>,
    known: Mutex<Known>,
    /// Rung by the first change after an announcement.
    news: Notify,
    stage: watch::Sender<Stage>,
    rendered: Mutex<Rendered>,
}

/// What everybody may know.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stage {
    /// The version that has been announced.
    pub(super) version: u64,
    /// Once set: until when clients may take what is left.
    pub(super) closes_at: Option<Instant>,
}

/// One message, ready to be written.
#[derive(Debug, Clone)]
pub(super) struct Message {
    /// The version that its receiver has; none for nothing.
    since: Option<u64>,
    /// The version that its receiver has afterwards.
    pub(super) version: u64,
    pub(super) bytes: Bytes,
}

/// Events that came while a message was made.
#[derive(Debug, Default)]
struct Backlog {
    events: Vec<Arc<Envelope>>,
    /// Whether the bell has been rung for what is not announced yet.
    has_rung: bool,
}

/// The last messages, for all who lack the same.
#[derive(Debug, Default)]
struct Rendered {
    messages: Vec<Message>,
    /// How long it took to make them.
    took: Duration,
}

/// Whether the data of an event could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    Read,
    Unreadable,
}

impl Hub {
    pub(super) fn new() -> Self {
        Self {
            epoch: format!("{:032x}", BusId::generate().as_u128()),
            backlog: Mutex::default(),
            known: Mutex::default(),
            news: Notify::new(),
            stage: watch::Sender::new(Stage::default()),
            rendered: Mutex::default(),
        }
    }

    /// Takes one event, on the thread that emits it.
    pub(super) fn take(&self, envelope: &Arc<Envelope>) -> Reading {
        let mut backlog = self.backlog.lock();
        let is_full = backlog.events.len() >= BACKLOG_EVENTS_MAX;
        let known = if is_full { Some(self.known.lock()) } else { self.known.try_lock() };
        let is_read = if let Some(mut known) = known {
            backlog.empty_into(&mut known);
            let unreadable = known.unreadable();
            known.apply(envelope);
            known.unreadable() == unreadable
        } else {
            backlog.events.push(Arc::clone(envelope));
            envelope.event::<TestRun>().is_ok()
        };
        let has_rung = std::mem::replace(&mut backlog.has_rung, true);
        drop(backlog);
        if !has_rung {
            self.news.notify_one();
        }
        if is_read { Reading::Read } else { Reading::Unreadable }
    }

    /// Says that nothing more will come.
    pub(super) fn finish(&self) {
        self.known().finish();
        self.news.notify_one();
    }

    /// Announces all there is, and that clients have until then to take it.
    pub(super) fn close(&self, closes_at: Instant) {
        let version = self.known().version();
        self.stage.send_replace(Stage { version, closes_at: Some(closes_at) });
    }

    /// Announces changes as they come, at most once in each interval, for ever.
    pub(super) async fn announce(&self, interval: Duration) {
        loop {
            self.news.notified().await;
            self.backlog.lock().has_rung = false;
            let version = self.known().version();
            let took = std::mem::take(&mut *self.rendered.lock()).took;
            self.stage.send_if_modified(|stage| {
                let is_news = version > stage.version;
                stage.version = version.max(stage.version);
                is_news
            });
            tokio::time::sleep(interval.max(took * REST_FACTOR)).await;
        }
    }

    pub(super) fn stage(&self) -> watch::Receiver<Stage> {
        self.stage.subscribe()
    }

    /// The text that says that a client has this version.
    pub(super) fn id(&self, version: u64) -> String {
        format!("{}-{version}", self.epoch)
    }

    /// The version that a client says it has; none if it is none of this server's.
    pub(super) fn version_of(&self, id: &str) -> Option<u64> {
        let number = id.strip_prefix(&*self.epoch)?.strip_prefix('-')?;
        let version: u64 = number.parse().ok()?;
        (self.id(version) == id && version <= self.known().version()).then_some(version)
    }

    /// What somebody lacks who has this version, or nothing yet; up to the version that was
    /// announced, or beyond it.
    pub(super) fn message(&self, has: Option<u64>) -> Message {
        let wants = self.stage.borrow().version;
        let serves = |it: &&Message| it.since == has && it.version >= wants;
        if let Some(message) = self.rendered.lock().messages.iter().find(serves) {
            return message.clone();
        }
        let begun = Instant::now();
        let (news, version) = {
            let mut known = self.known();
            (known.since(has), known.version())
        };
        let bytes = event(&news, &self.id(version));
        let message = Message { since: has, version, bytes };
        let mut rendered = self.rendered.lock();
        rendered.took += begun.elapsed();
        rendered.messages.truncate(MESSAGES_KEPT_MAX - 1);
        rendered.messages.insert(0, message.clone());
        message
    }

    /// Everything as it is now.
    pub(super) fn model(&self) -> Model {
        self.known().model()
    }

    pub(super) fn summary(&self) -> SummaryJson {
        self.known().summary()
    }

    /// What is known, with every event that came before.
    fn known(&self) -> MutexGuard<'_, Known> {
        let mut backlog = self.backlog.lock();
        let mut known = self.known.lock();
        backlog.empty_into(&mut known);
        known
    }
}

impl Backlog {
    fn empty_into(&mut self, known: &mut Known) {
        for envelope in self.events.drain(..) {
            known.apply(&envelope);
        }
    }
}

/// An event of a stream. Its data is one line, as JSON has no line ends in its texts.
fn event(news: &News, id: &str) -> Bytes {
    let (name, data) = match news {
        News::Model(model) => ("model", serde_json::to_string(model)),
        News::Changes(changes) => ("changes", serde_json::to_string(changes)),
    };
    let data = data.expect("a model is made of texts, numbers and lists");
    format!("event: {name}\nid: {id}\ndata: {data}\n\n").into()
}
