//! The keys at the top: what the bus is made of.

use std::num::NonZeroUsize;
use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;
use tidings_core::Attributes;
use tidings_registry::{Bus, BusBuilder, Dedup, Strictness};

use super::time::Seconds;

/// How long a close may take unless it was said otherwise.
pub const CLOSE_TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);
/// How many contents a dedup remembers unless it was said otherwise.
pub const DEDUP_CAPACITY_DEFAULT: usize = 65_536;
/// How long a dedup remembers a content unless it was said otherwise.
pub const DEDUP_WINDOW_DEFAULT: Duration = Duration::from_mins(1);

/// The keys at the top.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct TopKeys {
    run: Option<String>,
    node: Option<String>,
    attributes: Attributes,
    dedup: Option<DedupKeys>,
    history: usize,
    close_timeout_s: Option<Seconds>,
    strict: bool,
    /// Known here, and read by itself.
    observer: Option<IgnoredAny>,
}

/// `dedup = { capacity, window_s }`.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(crate) struct DedupKeys {
    capacity: Option<NonZeroUsize>,
    window_s: Option<Seconds<1>>,
}

impl TopKeys {
    /// A bus as it is asked for here.
    pub(crate) fn bus_builder(&self) -> BusBuilder {
        let mut builder = Bus::builder()
            .run(self.run.as_deref().unwrap_or_default())
            .node(self.node.as_deref().unwrap_or_default())
            .attributes(&self.attributes)
            .history(self.history);
        if let Some(dedup) = self.dedup {
            builder = builder.dedup(dedup.policy());
        }
        if self.strict {
            builder = builder.strictness(Strictness::Strict);
        }
        builder
    }

    pub(crate) fn close_timeout(&self) -> Duration {
        self.close_timeout_s.map_or(CLOSE_TIMEOUT_DEFAULT, |seconds| seconds.0)
    }
}

impl DedupKeys {
    pub(crate) fn policy(self) -> Dedup {
        Dedup::by_content(
            self.capacity.map_or(DEDUP_CAPACITY_DEFAULT, NonZeroUsize::get),
            self.window_s.map_or(DEDUP_WINDOW_DEFAULT, |seconds| seconds.0),
        )
    }
}
