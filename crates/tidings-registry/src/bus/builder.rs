//! Making a bus with other settings than the default ones.

use std::sync::Arc;

use serde_json::Value;
use tidings_core::{Attributes, BusId, Clock, SystemClock};

use super::handle::Bus;
use super::shared::{Parts, Shared};
use crate::dedup::{Dedup, DedupMemory};
use crate::history::History;
use crate::processor::{Processing, Processor, Verdict};

/// How many events may cause each other in a row unless it was said otherwise.
pub const CHAIN_MAX_DEFAULT: u32 = 64;

/// Whether [`Bus::close`] is content with less than everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Strictness {
    /// What was not delivered stands in the report.
    #[default]
    Lenient,
    /// What was not delivered makes [`Bus::close`] return an error.
    Strict,
}

/// Settings of a bus; see [`Bus::builder`].
#[must_use = "a builder does nothing until `build` is called"]
pub struct BusBuilder {
    id: Option<BusId>,
    run: Option<String>,
    node: Option<String>,
    attributes: Attributes,
    clock: Option<Box<dyn Clock>>,
    dedup: Option<Dedup>,
    history: usize,
    chain_max: u32,
    strictness: Strictness,
    processors: Vec<Processor>,
}

impl BusBuilder {
    pub(super) fn new() -> Self {
        Self {
            id: None,
            run: None,
            node: None,
            attributes: Attributes::new(),
            clock: None,
            dedup: None,
            history: 0,
            chain_max: CHAIN_MAX_DEFAULT,
            strictness: Strictness::Lenient,
            processors: Vec::new(),
        }
    }

    /// The id of the bus instance; a new UUIDv7 by default. Two buses must never share one.
    pub fn id(mut self, id: BusId) -> Self {
        self.id = Some(id);
        self
    }

    /// The name of the run, shared by all its nodes; the id of the bus by default, and in
    /// place of an empty name.
    pub fn run(mut self, run: &str) -> Self {
        self.run = (!run.is_empty()).then(|| run.to_owned());
        self
    }

    /// The name of this node; `user@host` by default, and in place of an empty name.
    pub fn node(mut self, node: &str) -> Self {
        self.node = (!node.is_empty()).then(|| node.to_owned());
        self
    }

    /// An attribute of everything that is emitted on the bus.
    pub fn attribute(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.attributes.set(name, value);
        self
    }

    /// Attributes of everything that is emitted on the bus, on top of earlier ones.
    pub fn attributes(mut self, attributes: &Attributes) -> Self {
        self.attributes = self.attributes.merged(attributes);
        self
    }

    /// Where time comes from; the clock of the machine by default.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Box::new(clock));
        self
    }

    /// Suppresses events whose content was delivered shortly before; off by default.
    pub fn dedup(mut self, dedup: Dedup) -> Self {
        self.dedup = Some(dedup);
        self
    }

    /// Keeps the last `events` for observers that join late; none by default. With a
    /// history every event is made, whether or not anybody listens.
    pub fn history(mut self, events: usize) -> Self {
        self.history = events;
        self
    }

    /// How many events may cause each other in a row before the chain is cut off;
    /// [`CHAIN_MAX_DEFAULT`] by default.
    pub fn chain_max(mut self, events: u32) -> Self {
        self.chain_max = events;
        self
    }

    /// Whether [`Bus::close`] is content with less than everything.
    pub fn strictness(mut self, strictness: Strictness) -> Self {
        self.strictness = strictness;
        self
    }

    /// Adds a processor; they run in this order on the emitting thread, on every event that
    /// somebody hears, before its envelope freezes. Events that come from elsewhere are
    /// frozen already, and diagnostics are nobody's to change: neither is processed.
    ///
    /// A processor that panics does not keep the event back, as evidence is worth more than
    /// its decoration: the event goes on as it is, the report counts it and is incomplete,
    /// and `tidings.observer.failed` names `processor#n`. To keep secrets away from a place
    /// for sure, redact there.
    pub fn processor<F>(mut self, processor: F) -> Self
    where
        F: for<'a, 'b> Fn(&'a mut Processing<'b>) -> Verdict + Send + Sync + 'static,
    {
        self.processors.push(Box::new(processor));
        self
    }

    /// Makes the bus.
    pub fn build(self) -> Bus {
        let id = self.id.unwrap_or_else(BusId::generate);
        let run = self.run.unwrap_or_else(|| id.to_string());
        let node = self.node.unwrap_or_else(crate::node::default_name);
        Bus::from_shared(Shared::new(Parts {
            id,
            run: run.into(),
            node: Arc::from(node),
            attributes: self.attributes,
            strict: self.strictness == Strictness::Strict,
            chain_max: self.chain_max,
            clock: self.clock.unwrap_or_else(|| Box::new(SystemClock::new())),
            processors: self.processors,
            dedup: self.dedup.map(DedupMemory::new),
            history: (self.history > 0).then(|| History::new(self.history)),
        }))
    }
}

impl std::fmt::Debug for BusBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BusBuilder")
            .field("id", &self.id)
            .field("run", &self.run)
            .field("node", &self.node)
            .field("attributes", &self.attributes)
            .field("dedup", &self.dedup)
            .field("history", &self.history)
            .finish_non_exhaustive()
    }
}
