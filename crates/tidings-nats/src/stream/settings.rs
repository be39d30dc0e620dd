//! What a stream is created with.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};

use crate::server::{NatsError, shown};
use crate::subject::Root;

/// How long a stream keeps an event.
pub const MAX_AGE_DEFAULT: Duration = Duration::from_hours(7 * 24);
/// The most bytes of a stream.
pub const MAX_BYTES_DEFAULT: u64 = 1024 * 1024 * 1024;
/// How long a stream remembers the ids of events, to keep those that are sent again once.
pub const DUPLICATE_WINDOW_DEFAULT: Duration = Duration::from_mins(2);
/// The most copies of a stream in a cluster.
const REPLICAS_MAX: usize = 5;
/// What servers take as the name of a stream.
const NAME_BYTES_MAX: usize = 255;

/// Which stream keeps the events, and what it is created with where it is missing.
///
/// A stream that is there is used as it is, whatever stands here: see
/// [`NatsSink`](crate::NatsSink) for what it has to be like.
///
/// ```
/// use std::time::Duration;
/// use tidings_nats::StreamSettings;
///
/// let settings = StreamSettings::default().max_age(Duration::from_hours(48)).replicas(3);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "settings do nothing until a sink is built with them"]
pub struct StreamSettings {
    pub(super) name: Option<String>,
    pub(super) max_age: Duration,
    pub(super) max_bytes: u64,
    pub(super) max_messages: Option<u64>,
    pub(super) replicas: usize,
    pub(super) storage: StreamStorage,
    pub(super) when_full: WhenFull,
    pub(super) duplicate_window: Duration,
    pub(super) create: bool,
}

/// Where a stream keeps its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum StreamStorage {
    /// In files of the server, which outlive it.
    #[default]
    File,
    /// In the server's memory: events are gone when it ends.
    Memory,
}

/// What becomes of an event for which a stream has no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum WhenFull {
    /// It is refused, and waits with its sender until there is room.
    #[default]
    Refuse,
    /// The oldest events of the stream are removed, whether anybody has read them or not.
    DiscardOldest,
}

impl Default for StreamSettings {
    fn default() -> Self {
        Self {
            name: None,
            max_age: MAX_AGE_DEFAULT,
            max_bytes: MAX_BYTES_DEFAULT,
            max_messages: None,
            replicas: 1,
            storage: StreamStorage::default(),
            when_full: WhenFull::default(),
            duplicate_window: DUPLICATE_WINDOW_DEFAULT,
            create: true,
        }
    }
}

impl StreamSettings {
    /// What it is called; by default like the root of its subjects, with `_` for dots.
    pub fn name(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// How long an event is kept; by default [`MAX_AGE_DEFAULT`]. Zero is for ever.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    /// The most bytes of all events; by default [`MAX_BYTES_DEFAULT`].
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// The most events; by default there is no such bound.
    pub fn max_messages(mut self, messages: u64) -> Self {
        self.max_messages = Some(messages);
        self
    }

    /// How many servers of a cluster keep a copy, one to five; by default one.
    pub fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas;
        self
    }

    /// Where events are kept; by default in files.
    pub fn storage(mut self, storage: StreamStorage) -> Self {
        self.storage = storage;
        self
    }

    /// What becomes of events when it is full; by default they are refused.
    pub fn when_full(mut self, when_full: WhenFull) -> Self {
        self.when_full = when_full;
        self
    }

    /// How long the ids of events are remembered; by default [`DUPLICATE_WINDOW_DEFAULT`].
    /// What is sent again later than that is kept twice, and told apart by who reads it. A
    /// longer window costs the server memory for each event in it.
    pub fn duplicate_window(mut self, window: Duration) -> Self {
        self.duplicate_window = window;
        self
    }

    /// Whether a stream that is missing is created; by default it is.
    pub fn create(mut self, create: bool) -> Self {
        self.create = create;
        self
    }

    /// What the stream of this root is called.
    pub(crate) fn name_for(&self, root: &Root) -> String {
        self.name.clone().unwrap_or_else(|| root.stream())
    }

    /// Looks at what no server could make sense of.
    pub(crate) fn validate(&self) -> Result<(), NatsError> {
        let fault = |text: String| Err(NatsError::setting("stream", text));
        if let Some(name) = &self.name {
            let is_bad = |c: char| c.is_whitespace() || c.is_control() || ".*>/\\".contains(c);
            if name.is_empty() || name.len() > NAME_BYTES_MAX || name.contains(is_bad) {
                return fault(format!(
                    "`{}` is no name of a stream: no spaces, dots, `*`, `>` and slashes are \
                     expected, and {NAME_BYTES_MAX} bytes at most",
                    shown(name)
                ));
            }
        }
        if !(1..=REPLICAS_MAX).contains(&self.replicas) {
            let replicas = self.replicas;
            return fault(format!("{replicas} replicas are not one to {REPLICAS_MAX}"));
        }
        if self.max_bytes == 0 || self.max_messages == Some(0) {
            return fault("a stream without room for one event keeps none".to_owned());
        }
        if self.duplicate_window.is_zero() {
            return fault(
                "a stream that remembers no ids keeps twice what is sent again: give it a \
                 duplicate window"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// The stream as it is created.
    pub(super) fn config(&self, root: &Root) -> Config {
        let bound = |most: u64| i64::try_from(most).unwrap_or(i64::MAX);
        let is_aged = !self.max_age.is_zero();
        Config {
            name: self.name_for(root),
            subjects: vec![subjects(root)],
            retention: RetentionPolicy::Limits,
            max_age: self.max_age,
            max_bytes: bound(self.max_bytes),
            max_messages: self.max_messages.map_or(-1, bound),
            max_messages_per_subject: -1,
            max_consumers: -1,
            max_message_size: -1,
            num_replicas: self.replicas,
            storage: match self.storage {
                StreamStorage::File => StorageType::File,
                StreamStorage::Memory => StorageType::Memory,
            },
            discard: match self.when_full {
                WhenFull::Refuse => DiscardPolicy::New,
                WhenFull::DiscardOldest => DiscardPolicy::Old,
            },
            // Servers refuse a window that is longer than events are kept.
            duplicate_window: if is_aged {
                self.duplicate_window.min(self.max_age)
            } else {
                self.duplicate_window
            },
            description: Some("events of Tidings".to_owned()),
            ..Config::default()
        }
    }
}

/// The subjects of the stream of a root: those of events, and not those of heartbeats.
pub(super) fn subjects(root: &Root) -> String {
    format!("{}.*.*.>", root.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_no_server_takes_are_refused() {
        let good = StreamSettings::default;
        assert_eq!(good().name("tests-7").validate(), Ok(()));
        for bad in [
            good().name(""),
            good().name("a.b"),
            good().name("a b"),
            good().name("a\u{1b}[31m"),
            good().name(&"a".repeat(256)),
            good().replicas(0),
            good().replicas(6),
            good().max_bytes(0),
            good().max_messages(0),
            good().duplicate_window(Duration::ZERO),
        ] {
            let fault = bad.validate().unwrap_err();
            assert_eq!(fault.key(), Some("stream"), "{bad:?}");
            assert!(!fault.to_string().contains(char::is_control), "{fault}");
        }
    }

    #[test]
    fn a_stream_is_created_with_limits_and_loses_nothing_unsaid() {
        let root = Root::parse("acme.tidings").unwrap();
        let config = StreamSettings::default().config(&root);
        assert_eq!(config.name, "acme_tidings");
        assert_eq!(config.subjects, ["acme.tidings.*.*.>"]);
        assert_eq!(config.discard, DiscardPolicy::New);
        assert_eq!(config.max_age, MAX_AGE_DEFAULT);
        assert!(config.max_bytes > 0);
        let short = StreamSettings::default().max_age(Duration::from_secs(1)).config(&root);
        assert_eq!(short.duplicate_window, Duration::from_secs(1));
    }
}
