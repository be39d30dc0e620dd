//! The settings of a delivery, and starting it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;
use tidings_core::Interest;

use super::Delivery;
use crate::gate::Gate;
use crate::redact::Redaction;
use crate::settings::{
    BATCH_BYTES_DEFAULT, BATCH_EVENTS_DEFAULT, BLOCK_TIMEOUT_DEFAULT, EVENT_BYTES_MAX_DEFAULT,
    LINGER_DEFAULT, Overflow, QUEUE_BYTES_DEFAULT, QUEUE_EVENTS_DEFAULT, Retry, SendMode,
    SpoolSettings,
};
use crate::sink::Sink;
use crate::spool::SpoolError;

/// The settings of a [`Delivery`], each with a default.
#[derive(Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct DeliveryBuilder<S> {
    pub(super) sink: S,
    pub(super) settings: Settings,
}

/// What a delivery was asked for.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) name: Option<String>,
    pub(crate) interest: Interest,
    pub(crate) queue_events: usize,
    pub(crate) queue_bytes: usize,
    pub(crate) overflow: Option<Overflow>,
    pub(crate) block_timeout: Duration,
    pub(crate) send: SendMode,
    pub(crate) batch_events: usize,
    pub(crate) batch_bytes: usize,
    pub(crate) linger: Duration,
    pub(crate) event_bytes_max: usize,
    pub(crate) retry: Retry,
    pub(crate) spool: Option<SpoolSettings>,
    pub(crate) dead_letter: Option<PathBuf>,
    pub(crate) redaction: Redaction,
    pub(crate) gate: Gate,
}

/// Why a delivery could not be started.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The folder of the spool cannot be used.
    #[error("failed to open the spool")]
    Spool(#[source] SpoolError),
    /// The file for dead letters cannot be written.
    #[error("failed to open the dead letters `{}`", path.display())]
    #[non_exhaustive]
    DeadLetter {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `Overflow::Spool` was asked for, and there is no spool.
    #[error("the queue is to overflow into a spool, and there is none: name a folder for it")]
    NoSpool,
    /// The system gave no thread.
    #[error("failed to start the delivery's thread")]
    Thread(#[source] io::Error),
}

impl<S: Sink> DeliveryBuilder<S> {
    pub(super) fn new(sink: S) -> Self {
        Self {
            sink,
            settings: Settings {
                name: None,
                interest: Interest::everything(),
                queue_events: QUEUE_EVENTS_DEFAULT,
                queue_bytes: QUEUE_BYTES_DEFAULT,
                overflow: None,
                block_timeout: BLOCK_TIMEOUT_DEFAULT,
                send: SendMode::Batched,
                batch_events: BATCH_EVENTS_DEFAULT,
                batch_bytes: BATCH_BYTES_DEFAULT,
                linger: LINGER_DEFAULT,
                event_bytes_max: EVENT_BYTES_MAX_DEFAULT,
                retry: Retry::default(),
                spool: None,
                dead_letter: None,
                redaction: Redaction::default(),
                gate: Gate::default(),
            },
        }
    }

    /// What the report calls it; by default the sink's name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.settings.name = Some(name.into());
        self
    }

    /// Which events it wants; by default every one but those of Tidings itself.
    pub fn interest(mut self, interest: impl Into<Interest>) -> Self {
        self.settings.interest = interest.into();
        self
    }

    /// How many events may wait or be under way, at least one; by default
    /// [`QUEUE_EVENTS_DEFAULT`].
    pub fn queue_events(mut self, events: usize) -> Self {
        self.settings.queue_events = events.max(1);
        self
    }

    /// How many bytes the JSON of those events may have; by default [`QUEUE_BYTES_DEFAULT`].
    /// A single event is always let in, up to
    /// [`event_bytes_max`](Self::event_bytes_max).
    pub fn queue_bytes(mut self, bytes: usize) -> Self {
        self.settings.queue_bytes = bytes.max(1);
        self
    }

    /// What happens to an event for which there is no room; by default it goes to the
    /// spool, and where there is none the oldest one is dropped.
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.settings.overflow = Some(overflow);
        self
    }

    /// How long an emit waits for room when it is to block; by default
    /// [`BLOCK_TIMEOUT_DEFAULT`].
    pub fn block_timeout(mut self, timeout: Duration) -> Self {
        self.settings.block_timeout = timeout;
        self
    }

    /// When batches are sent; by default [`SendMode::Batched`].
    pub fn send_mode(mut self, mode: SendMode) -> Self {
        self.settings.send = mode;
        self
    }

    /// The most events of a batch, at least one; by default [`BATCH_EVENTS_DEFAULT`].
    pub fn batch_events(mut self, events: usize) -> Self {
        self.settings.batch_events = events.max(1);
        self
    }

    /// The most encoded bytes of a batch; by default [`BATCH_BYTES_DEFAULT`]. An event
    /// that alone has more goes alone.
    pub fn batch_bytes(mut self, bytes: usize) -> Self {
        self.settings.batch_bytes = bytes.max(1);
        self
    }

    /// How long a batch that is not full waits for more; by default [`LINGER_DEFAULT`].
    pub fn linger(mut self, linger: Duration) -> Self {
        self.settings.linger = linger;
        self
    }

    /// The most encoded bytes of a single event, which is set aside beyond it; by default
    /// [`EVENT_BYTES_MAX_DEFAULT`].
    pub fn event_bytes_max(mut self, bytes: usize) -> Self {
        self.settings.event_bytes_max = bytes;
        self
    }

    /// When and for how long it is tried again; see [`Retry`].
    pub fn retry(mut self, retry: Retry) -> Self {
        self.settings.retry = retry;
        self
    }

    /// Keeps what cannot be delivered now in a folder; by default nothing is kept.
    pub fn spool(mut self, spool: SpoolSettings) -> Self {
        self.settings.spool = Some(spool);
        self
    }

    /// Appends what is set aside or given up to this file, made if it is missing; by default
    /// the report keeps the first reasons.
    pub fn dead_letter(mut self, path: impl Into<PathBuf>) -> Self {
        self.settings.dead_letter = Some(path.into());
        self
    }

    /// Blanks parts of events before they are kept or sent anywhere.
    pub fn redact(mut self, redaction: Redaction) -> Self {
        self.settings.redaction = redaction;
        self
    }

    /// Shares the pauses of other deliveries to the same endpoint; by default it has its own.
    pub fn gate(mut self, gate: Gate) -> Self {
        self.settings.gate = gate;
        self
    }

    /// Starts the thread of the delivery.
    ///
    /// # Errors
    ///
    /// [`StartError`] when spool or dead letters cannot be opened, or there is no thread.
    pub fn start(self) -> Result<Delivery, StartError> {
        Delivery::start(self.sink, self.settings)
    }
}
