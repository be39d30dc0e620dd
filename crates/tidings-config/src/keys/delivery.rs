//! The keys of observers that deliver to a place which can fail.

use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use tidings_delivery::{
    DeliveryBuilder, Overflow, QUEUE_BYTES_DEFAULT, QUEUE_EVENTS_DEFAULT, Retry, SendMode, Sink,
    SpoolFsync, SpoolFull, SpoolSettings, WhenExhausted,
};

use super::time::{Millis, Seconds};
use crate::decode::read_table;
use crate::kind::OpenContext;
use crate::source::{Fault, Source, Span, Table};

/// What a delivery was told; what it was not told keeps its default.
#[derive(Debug)]
pub(crate) struct DeliverySettings {
    keys: DeliveryKeys,
    /// The folder, seen from anywhere.
    pub(crate) spool: Option<PathBuf>,
    pub(crate) dead_letter: Option<PathBuf>,
}

/// How much a queue holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueLimits {
    /// Events, at least one.
    pub events: usize,
    /// Bytes of their JSON, at least one. For a queue that counts events alone it is
    /// [`QUEUE_BYTES_DEFAULT`].
    pub bytes: usize,
}

impl QueueLimits {
    /// The most that fits into both.
    pub(crate) fn least(self, other: Self) -> Self {
        Self { events: self.events.min(other.events), bytes: self.bytes.min(other.bytes) }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DeliveryKeys {
    queue: QueueKeys,
    send: Option<SendKey>,
    interval_ms: Option<Millis>,
    batch: BatchKeys,
    event_bytes_max: Option<NonZeroUsize>,
    retry: RetryKeys,
    when_exhausted: Option<WhenExhaustedKey>,
    spool: Option<PathBuf>,
    spool_bytes_max: Option<NonZeroU64>,
    spool_full: Option<SpoolFullKey>,
    fsync: Option<FsyncKey>,
    dead_letter: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct QueueKeys {
    events: Option<NonZeroUsize>,
    bytes: Option<NonZeroUsize>,
    overflow: Option<OverflowKey>,
    block_timeout_ms: Option<Millis>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BatchKeys {
    events: Option<NonZeroUsize>,
    bytes: Option<NonZeroUsize>,
    linger_ms: Option<Millis>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RetryKeys {
    first_ms: Option<Millis<1>>,
    cap_ms: Option<Millis<1>>,
    age_max_s: Option<Seconds<1>>,
    attempts_max: Option<NonZeroU32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OverflowKey {
    Block,
    DropNewest,
    DropOldest,
    Spool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SendKey {
    Batched,
    RealTime,
    OnFlush,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WhenExhaustedKey {
    DeadLetter,
    Stop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SpoolFullKey {
    DropOldest,
    DropNewest,
    Block,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FsyncKey {
    Never,
    Batch,
    Event,
}

impl DeliverySettings {
    /// Reads the keys of a delivery whose table stands at `blame`.
    pub(crate) fn read(
        table: &Table,
        blame: &Span,
        context: &OpenContext<'_>,
        source: &Source,
    ) -> Option<Self> {
        let keys: DeliveryKeys = read_table(table, blame, source)?;
        for fault in keys.idle(table).into_iter().chain(keys.at_odds(table)) {
            source.report(fault);
        }
        let spool = keys.spool.as_ref().map(|path| context.resolve(path));
        let dead_letter = keys.dead_letter.as_ref().map(|path| context.resolve(path));
        Some(Self { keys, spool, dead_letter })
    }

    /// What the queue of the delivery holds.
    pub(crate) fn queue(&self) -> QueueLimits {
        let QueueKeys { events, bytes, .. } = &self.keys.queue;
        QueueLimits {
            events: events.map_or(QUEUE_EVENTS_DEFAULT, NonZeroUsize::get),
            bytes: bytes.map_or(QUEUE_BYTES_DEFAULT, NonZeroUsize::get),
        }
    }

    /// The settings in the form that a delivery takes.
    pub(crate) fn apply<S: Sink>(self, mut builder: DeliveryBuilder<S>) -> DeliveryBuilder<S> {
        let DeliveryKeys { queue, batch, event_bytes_max, .. } = &self.keys;
        if let Some(events) = queue.events {
            builder = builder.queue_events(events.get());
        }
        if let Some(bytes) = queue.bytes {
            builder = builder.queue_bytes(bytes.get());
        }
        if let Some(overflow) = queue.overflow {
            builder = builder.overflow(overflow.policy());
        }
        if let Some(timeout) = queue.block_timeout_ms {
            builder = builder.block_timeout(timeout.0);
        }
        if let Some(events) = batch.events {
            builder = builder.batch_events(events.get());
        }
        if let Some(bytes) = batch.bytes {
            builder = builder.batch_bytes(bytes.get());
        }
        if let Some(linger) = batch.linger_ms {
            builder = builder.linger(linger.0);
        }
        if let Some(bytes) = event_bytes_max {
            builder = builder.event_bytes_max(bytes.get());
        }
        builder = builder.send_mode(self.keys.send_mode()).retry(self.keys.retry());
        if let Some(spool) = self.spool.map(|folder| self.keys.spool(folder)) {
            builder = builder.spool(spool);
        }
        match self.dead_letter {
            Some(path) => builder.dead_letter(path),
            None => builder,
        }
    }
}

impl DeliveryKeys {
    fn send_mode(&self) -> SendMode {
        match self.send.unwrap_or(SendKey::Batched) {
            SendKey::Batched => SendMode::Batched,
            SendKey::OnFlush => SendMode::OnFlush,
            SendKey::RealTime => {
                let interval = self.interval_ms.map_or(Duration::ZERO, |millis| millis.0);
                SendMode::RealTime { interval }
            }
        }
    }

    fn retry(&self) -> Retry {
        let mut retry = Retry::default();
        if let Some(first) = self.retry.first_ms {
            retry = retry.first(first.0);
        }
        if let Some(cap) = self.retry.cap_ms {
            retry = retry.cap(cap.0);
        }
        if let Some(age_max) = self.retry.age_max_s {
            retry = retry.age_max(age_max.0);
        }
        if let Some(attempts) = self.retry.attempts_max {
            retry = retry.attempts_max(attempts.get());
        }
        match self.when_exhausted {
            None => retry,
            Some(WhenExhaustedKey::DeadLetter) => retry.when_exhausted(WhenExhausted::DeadLetter),
            Some(WhenExhaustedKey::Stop) => retry.when_exhausted(WhenExhausted::Stop),
        }
    }

    fn spool(&self, folder: PathBuf) -> SpoolSettings {
        let mut spool = SpoolSettings::new(folder);
        if let Some(bytes) = self.spool_bytes_max {
            spool = spool.bytes_max(bytes.get());
        }
        if let Some(full) = self.spool_full {
            spool = spool.full(match full {
                SpoolFullKey::DropOldest => SpoolFull::DropOldest,
                SpoolFullKey::DropNewest => SpoolFull::DropNewest,
                SpoolFullKey::Block => SpoolFull::Block,
            });
        }
        match self.fsync {
            None => spool,
            Some(FsyncKey::Never) => spool.fsync(SpoolFsync::Never),
            Some(FsyncKey::Batch) => spool.fsync(SpoolFsync::Batch),
            Some(FsyncKey::Event) => spool.fsync(SpoolFsync::Event),
        }
    }

    /// Keys that would do nothing beside the others.
    fn idle(&self, table: &Table) -> Vec<Fault> {
        let spools = self.spool.is_some();
        let blocks = self.queue.overflow == Some(OverflowKey::Block)
            || self.spool_full == Some(SpoolFullKey::Block);
        let sends_at_intervals = self.send == Some(SendKey::RealTime);
        let of_spool = "it belongs to `spool`: name a folder for it";
        let checks: [(&[&str], bool, &str); 6] = [
            (&["spool_bytes_max"], spools, of_spool),
            (&["spool_full"], spools, of_spool),
            (&["fsync"], spools, of_spool),
            (&["interval_ms"], sends_at_intervals, "it belongs to `send = \"real_time\"`"),
            (
                &["queue", "block_timeout_ms"],
                blocks,
                "it belongs to `overflow = \"block\"` or `spool_full = \"block\"`",
            ),
            (
                &["batch", "linger_ms"],
                matches!(self.send, None | Some(SendKey::Batched)),
                "it belongs to `send = \"batched\"`",
            ),
        ];
        let idle = checks.into_iter().filter(|(_, is_used, _)| !is_used);
        let fault = |(path, _, advice): (&[&str], bool, &str)| {
            let entry = table.at(path)?;
            let message = format!("`{}` would do nothing here", entry.key);
            Some(Fault::new(entry.key_span.clone(), message).advise(advice))
        };
        idle.filter_map(fault).collect()
    }

    /// Keys that contradict each other.
    fn at_odds(&self, table: &Table) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |path: &[&str], message: &str, advice: &str| {
            if let Some(entry) = table.at(path) {
                faults.push(Fault::new(entry.node.span.clone(), message).advise(advice));
            }
        };
        if self.queue.overflow == Some(OverflowKey::Spool) && self.spool.is_none() {
            fault(
                &["queue", "overflow"],
                "there is no spool to overflow into",
                "name a folder for it: `spool = \"spool/name\"`",
            );
        }
        if let (Some(first), Some(cap)) = (self.retry.first_ms, self.retry.cap_ms)
            && cap.0 < first.0
        {
            fault(
                &["retry", "cap_ms"],
                "`cap_ms` is less than `first_ms`",
                "it is the most that any pause lasts, the first one too",
            );
        }
        for key in ["spool", "dead_letter"] {
            let path = if key == "spool" { &self.spool } else { &self.dead_letter };
            if path.as_ref().is_some_and(|path| path.as_os_str().is_empty()) {
                let advice = "name a path, seen from the folder of the configuration";
                fault(&[key], &format!("`{key}` is empty"), advice);
            }
        }
        faults
    }
}

impl OverflowKey {
    fn policy(self) -> Overflow {
        match self {
            Self::Block => Overflow::Block,
            Self::DropNewest => Overflow::DropNewest,
            Self::DropOldest => Overflow::DropOldest,
            Self::Spool => Overflow::Spool,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use tidings_delivery::{Batch, Delivery, Outcome};

    use super::*;
    use crate::environment::Environment;
    use crate::keys::DELIVERY_KEYS;

    #[derive(Debug)]
    struct Nowhere;

    impl Sink for Nowhere {
        fn send(&mut self, _: &Batch<'_>) -> Outcome {
            Outcome::delivered()
        }
    }

    /// The settings of a delivery with these keys.
    fn settings(toml: &str) -> String {
        let (source, table) = Source::toml("test".to_owned(), toml).expect("it is TOML");
        let environment = Environment::default();
        let context = OpenContext::new(Path::new("/base"), &environment, None);
        let settings = DeliverySettings::read(&table, &(0..0), &context, &source);
        assert!(!source.has_faults(), "{toml}: {}", source.error());
        format!("{:?}", settings.expect("no fault").apply(Delivery::builder(Nowhere)))
    }

    #[test]
    fn every_key_changes_a_setting() {
        let cases = [
            ("queue = { events = 7 }", "queue_events: 7"),
            ("queue = { bytes = 7 }", "queue_bytes: 7"),
            ("queue = { overflow = \"block\" }", "overflow: Some(Block)"),
            ("queue = { overflow = \"drop_newest\" }", "overflow: Some(DropNewest)"),
            ("queue = { overflow = \"drop_oldest\" }", "overflow: Some(DropOldest)"),
            ("queue = { overflow = \"spool\" }\nspool = \"s\"", "overflow: Some(Spool)"),
            ("queue = { overflow = \"block\", block_timeout_ms = 7 }", "block_timeout: 7ms"),
            ("batch = { events = 7 }", "batch_events: 7"),
            ("batch = { bytes = 7 }", "batch_bytes: 7"),
            ("batch = { linger_ms = 7 }", "linger: 7ms"),
            ("event_bytes_max = 7", "event_bytes_max: 7"),
            ("send = \"on_flush\"", "send: OnFlush"),
            ("send = \"real_time\"", "send: RealTime { interval: 0ns }"),
            ("send = \"real_time\"\ninterval_ms = 7", "send: RealTime { interval: 7ms }"),
            ("retry = { first_ms = 7 }", "first: 7ms"),
            ("retry = { cap_ms = 700 }", "cap: 700ms"),
            ("retry = { age_max_s = 7 }", "age_max: Bound(7s)"),
            ("retry = { attempts_max = 7 }", "attempts_max: Some(7)"),
            ("when_exhausted = \"stop\"", "when_exhausted: Stop"),
            ("spool = \"s\"", "folder: \"/base/s\""),
            ("spool = \"s\"\nspool_bytes_max = 7", "bytes_max: 7"),
            ("spool = \"s\"\nspool_full = \"block\"", "full: Block"),
            ("spool = \"s\"\nspool_full = \"drop_newest\"", "full: DropNewest"),
            ("spool = \"s\"\nfsync = \"never\"", "fsync: Never"),
            ("spool = \"s\"\nfsync = \"event\"", "fsync: Event"),
            ("dead_letter = \"d\"", "dead_letter: Some(\"/base/d\")"),
        ];
        let default = settings("");
        for (toml, setting) in cases {
            let set = settings(toml);
            assert!(!default.contains(setting), "{setting} is the default: {default}");
            assert!(set.contains(setting), "{toml} makes {setting}: {set}");
        }
        let covered: BTreeSet<&str> =
            cases.iter().flat_map(|(toml, _)| toml.lines()).map(key_of).collect();
        assert_eq!(covered, DELIVERY_KEYS.into_iter().collect());
    }

    fn key_of(line: &str) -> &str {
        line.split_whitespace().next().unwrap_or_default()
    }

    #[test]
    fn the_default_may_be_said() {
        let said = "send = \"batched\"\nwhen_exhausted = \"dead_letter\"";
        assert_eq!(settings(said), settings(""));
        let said = "spool = \"s\"\nspool_full = \"drop_oldest\"\nfsync = \"batch\"";
        assert_eq!(settings(said), settings("spool = \"s\""));
    }
}
