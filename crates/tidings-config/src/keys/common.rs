//! The keys that every observer has.

use std::time::Duration;

use serde::Deserialize;
use tidings_core::Interest;
use tidings_delivery::Redaction;
use tidings_registry::{Dedup, Deliver, Overflow, QUEUE_CAPACITY_DEFAULT};

use super::time::Millis;
use super::top::DedupKeys;
use crate::decode::read_table;
use crate::source::{Fault, Source, Span, Table, Value};

/// How long an emit waits for a synchronous observer unless it was said otherwise.
pub const WAIT_MAX_DEFAULT: Duration = Duration::from_secs(1);

/// What every observer may be told.
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) name: Option<String>,
    pub(crate) enabled: bool,
    pub(crate) interest: Option<Interest>,
    pub(crate) deliver: Deliver,
    pub(crate) dedup: Option<Dedup>,
    pub(crate) redaction: Redaction,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CommonKeys {
    kind: String,
    name: Option<String>,
    enabled: Option<bool>,
    interest: Option<Vec<String>>,
    dedup: Option<DedupKeys>,
    redact: Option<Vec<String>>,
    deliver: Option<DeliverKey>,
    wait_max_ms: Option<Millis<1>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DeliverKey {
    Inline,
    Queued,
    Synchronous,
}

impl Common {
    /// Reads the common keys of an observer whose table stands at `blame`.
    pub(crate) fn read(table: &Table, blame: &Span, source: &Source) -> Option<Self> {
        let keys: CommonKeys = read_table(table, blame, source)?;
        let read = Self {
            interest: interest(&keys, table, source),
            deliver: deliver(&keys, table, source),
            dedup: keys.dedup.map(DedupKeys::policy),
            redaction: redaction(&keys, table, source),
            name: keys.name,
            enabled: keys.enabled.unwrap_or(true),
        };
        if let Some(entry) = table.get("name")
            && read.name.as_deref().is_some_and(|name| name.trim().is_empty())
        {
            source.report(
                Fault::new(entry.node.span.clone(), "`name` is blank")
                    .advise("leave it out, and the observer is called after its kind"),
            );
        }
        Some(read)
    }
}

fn interest(keys: &CommonKeys, table: &Table, source: &Source) -> Option<Interest> {
    let entries = keys.interest.as_ref()?;
    if entries.is_empty() {
        let span = table.get("interest")?.node.span.clone();
        source.report(
            Fault::new(span, "`interest` is empty")
                .advise("leave it out to hear everything, or set `enabled = false`"),
        );
        return None;
    }
    each(entries, "interest", table, source, |entry| Interest::parse([entry]).err());
    Interest::parse(entries).ok()
}

fn redaction(keys: &CommonKeys, table: &Table, source: &Source) -> Redaction {
    let Some(paths) = &keys.redact else { return Redaction::default() };
    each(paths, "redact", table, source, |path| Redaction::parse([path]).err());
    Redaction::parse(paths).unwrap_or_default()
}

/// Checks the texts of a list one by one, so that each fault has its place.
fn each<E: ToString>(
    texts: &[String],
    key: &str,
    table: &Table,
    source: &Source,
    check: impl Fn(&str) -> Option<E>,
) {
    let nodes = match table.get(key).map(|entry| &entry.node.value) {
        Some(Value::List(nodes)) => nodes.as_slice(),
        _ => &[],
    };
    for (text, node) in texts.iter().zip(nodes) {
        if let Some(fault) = check(text) {
            source.report(Fault::new(node.span.clone(), fault.to_string()));
        }
    }
}

fn deliver(keys: &CommonKeys, table: &Table, source: &Source) -> Deliver {
    let is_synchronous = keys.deliver == Some(DeliverKey::Synchronous);
    if let Some(entry) = table.get("wait_max_ms").filter(|_| !is_synchronous) {
        source.report(
            Fault::new(entry.key_span.clone(), "`wait_max_ms` would do nothing here")
                .advise("it belongs to `deliver = \"synchronous\"`"),
        );
    }
    match keys.deliver.unwrap_or(DeliverKey::Inline) {
        DeliverKey::Inline => Deliver::Inline,
        DeliverKey::Queued => {
            Deliver::Queued { capacity: QUEUE_CAPACITY_DEFAULT, overflow: Overflow::Block }
        }
        DeliverKey::Synchronous => {
            let wait_max = keys.wait_max_ms.map_or(WAIT_MAX_DEFAULT, |millis| millis.0);
            Deliver::Synchronous { wait_max }
        }
    }
}
