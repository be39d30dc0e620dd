//! Settings of a delivery, each with a named default.

use std::path::PathBuf;
use std::time::Duration;

/// How many events may wait.
pub const QUEUE_EVENTS_DEFAULT: usize = 10_000;
/// How many bytes of events may wait.
pub const QUEUE_BYTES_DEFAULT: usize = 64 * 1024 * 1024;
/// How long an emit waits for room when it is to block.
pub const BLOCK_TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);
/// The most events of a batch.
pub const BATCH_EVENTS_DEFAULT: usize = 500;
/// The most encoded bytes of a batch.
pub const BATCH_BYTES_DEFAULT: usize = 1024 * 1024;
/// How long a batch that is not full waits for more.
pub const LINGER_DEFAULT: Duration = Duration::from_millis(200);
/// The most encoded bytes of a single event.
pub const EVENT_BYTES_MAX_DEFAULT: usize = 10 * 1024 * 1024;
/// The most the first pause before another attempt lasts.
pub const RETRY_FIRST_DEFAULT: Duration = Duration::from_millis(500);
/// The most any pause before another attempt lasts, unless the place asks for longer.
pub const RETRY_CAP_DEFAULT: Duration = Duration::from_secs(30);
/// How long it is tried to deliver an event that no spool keeps.
pub const AGE_MAX_DEFAULT: Duration = Duration::from_hours(1);
/// The most bytes of a spool.
pub const SPOOL_BYTES_MAX_DEFAULT: u64 = 1024 * 1024 * 1024;

/// What happens to an event for which the queue has no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Overflow {
    /// The emitter waits for room, up to the block timeout; then the event is dropped.
    /// Nobody waits a second time before there was room again, and threads of observers
    /// never wait.
    Block,
    /// The new event is dropped.
    DropNewest,
    /// The oldest waiting event is dropped.
    DropOldest,
    /// All that waits is written to the spool.
    Spool,
}

/// When batches are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SendMode {
    /// When a batch is full, or its first event has waited for the linger.
    Batched,
    /// At this interval, all that is there then, in as many batches as it takes, and before
    /// when the queue is nearly full; zero sends each event as soon as possible.
    RealTime {
        /// From one sending to the next.
        interval: Duration,
    },
    /// When it is flushed or closed, or the queue is nearly full.
    OnFlush,
}

/// What happens to events that could not be delivered within the bounds of age and attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum WhenExhausted {
    /// They go to the dead letters; without such a file they are counted as failed.
    #[default]
    DeadLetter,
    /// The delivery sends nothing more, and keeps what there is in its spool.
    Stop,
}

/// When and for how long a batch is tried again.
///
/// The pause before attempt n + 1 is random between zero and `first` × 2ⁿ⁻¹, at most `cap`
/// ("full jitter"), and never shorter than the place asks for; a success begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    pub(crate) first: Duration,
    pub(crate) cap: Duration,
    age_max: AgeMax,
    pub(crate) attempts_max: Option<u32>,
    pub(crate) when_exhausted: WhenExhausted,
}

/// What was said of the age of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AgeMax {
    Unsaid,
    Never,
    Bound(Duration),
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            first: RETRY_FIRST_DEFAULT,
            cap: RETRY_CAP_DEFAULT,
            age_max: AgeMax::Unsaid,
            attempts_max: None,
            when_exhausted: WhenExhausted::default(),
        }
    }
}

impl Retry {
    /// The most the first pause lasts; by default [`RETRY_FIRST_DEFAULT`].
    #[must_use]
    pub fn first(mut self, first: Duration) -> Self {
        self.first = first;
        self
    }

    /// The most any pause lasts, and how often a delivery on hold tries; by default
    /// [`RETRY_CAP_DEFAULT`].
    #[must_use]
    pub fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// How long after it was accepted, or read from the spool, an event is given up; none
    /// for never. It is looked at while attempts fail or a pause lasts: what is about to be
    /// sent is sent. By default never where there is a spool, which is to outlast an outage of
    /// any length, and [`AGE_MAX_DEFAULT`] elsewhere.
    #[must_use]
    pub fn age_max(mut self, age_max: impl Into<Option<Duration>>) -> Self {
        self.age_max = age_max.into().map_or(AgeMax::Never, AgeMax::Bound);
        self
    }

    /// The bound that holds for a delivery with or without a spool.
    pub(crate) fn age_max_with(&self, has_spool: bool) -> Option<Duration> {
        match self.age_max {
            AgeMax::Unsaid => (!has_spool).then_some(AGE_MAX_DEFAULT),
            AgeMax::Never => None,
            AgeMax::Bound(bound) => Some(bound),
        }
    }

    /// After how many attempts an event is given up; none, the default, for never.
    #[must_use]
    pub fn attempts_max(mut self, attempts_max: impl Into<Option<u32>>) -> Self {
        self.attempts_max = attempts_max.into();
        self
    }

    /// What happens to events that are given up.
    #[must_use]
    pub fn when_exhausted(mut self, when_exhausted: WhenExhausted) -> Self {
        self.when_exhausted = when_exhausted;
        self
    }
}

/// What happens when a spool has no room for another event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum SpoolFull {
    /// The oldest segment goes; its events are counted as dropped.
    #[default]
    DropOldest,
    /// The new event is dropped.
    DropNewest,
    /// Emitters wait for room, up to the block timeout; then the new event is dropped.
    Block,
}

/// When a spool waits for the device.
///
/// A killed process loses nothing that was written; a power failure may lose what the
/// device has not confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum SpoolFsync {
    /// Never: the system writes when it sees fit, usually within half a minute.
    Never,
    /// After each group of events that is written, and at flush and close.
    #[default]
    Batch,
    /// After each single event that the delivery writes by itself. What overflows into the
    /// spool, or is left at close, is written together and then waited for.
    Event,
}

/// Where events are kept that cannot be delivered now, and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpoolSettings {
    /// The folder; made if it is missing. One delivery has it to itself.
    pub folder: PathBuf,
    /// The most bytes on disk.
    pub bytes_max: u64,
    /// What happens at that bound.
    pub full: SpoolFull,
    /// When the device is waited for.
    pub fsync: SpoolFsync,
}

impl SpoolSettings {
    /// A spool in this folder, with defaults for the rest.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            bytes_max: SPOOL_BYTES_MAX_DEFAULT,
            full: SpoolFull::default(),
            fsync: SpoolFsync::default(),
        }
    }

    /// The most bytes on disk; at least a segment is always kept.
    #[must_use]
    pub fn bytes_max(mut self, bytes_max: u64) -> Self {
        self.bytes_max = bytes_max;
        self
    }

    /// What happens at the bound.
    #[must_use]
    pub fn full(mut self, full: SpoolFull) -> Self {
        self.full = full;
        self
    }

    /// When the device is waited for.
    #[must_use]
    pub fn fsync(mut self, fsync: SpoolFsync) -> Self {
        self.fsync = fsync;
        self
    }
}
