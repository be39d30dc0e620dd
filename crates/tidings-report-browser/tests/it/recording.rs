//! A run as a list of events with given nodes, lanes and moments, and the page of it.

use std::sync::Arc;
use std::time::Duration;

use tidings_core::{
    Attributes, BusId, Context, Entity, Envelope, Event, EventId, Head, Lane, Timestamp,
};
use tidings_report::{Changes, Lifecycles, Model, Page};
use tidings_testrun::RunSummary;

/// When every recording begins.
const START: i64 = 1_795_230_002_000_000_000;

/// What was heard so far.
#[derive(Default)]
pub(crate) struct Recording {
    summary: RunSummary,
    lifecycles: Lifecycles,
    said: u64,
    place: Place,
}

/// Where and when the next event is emitted.
#[derive(Clone, Copy, Default)]
pub(crate) struct Place {
    pub(crate) node: u32,
    pub(crate) lane: u32,
    pub(crate) at_ms: u64,
}

/// The moment this long after the beginning.
pub(crate) fn moment(at_ms: u64) -> Timestamp {
    Timestamp::from_nanos(START).saturating_add(Duration::from_millis(at_ms))
}

impl Recording {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Goes to a place.
    pub(crate) fn at(&mut self, node: u32, lane: u32, at_ms: u64) -> &mut Self {
        self.place = Place { node, lane, at_ms };
        self
    }

    pub(crate) fn say<E: Event>(&mut self, entity: &Entity, event: E) -> &mut Self {
        let Place { node, lane, at_ms } = self.place;
        let name: Arc<str> = format!("lab-{node}").into();
        let context = Context::new("run-7".into(), name, entity.clone(), Attributes::default());
        self.said += 1;
        let id = EventId::new(BusId::from_u128(1), Lane::new(lane), self.said);
        let elapsed = Duration::from_millis(at_ms);
        let head =
            Head::new(id, event.event_type().clone(), Arc::new(context), moment(at_ms), elapsed);
        let envelope: Arc<Envelope> = Arc::new(Envelope::new(head, event));
        self.summary.apply(&envelope);
        self.lifecycles.apply(&envelope);
        self
    }

    pub(crate) fn page(&self) -> String {
        Page::html(&Model::of(&self.summary, &self.lifecycles))
    }

    /// As a server sends it to a page that has nothing.
    pub(crate) fn model_json(&self) -> String {
        let model = Model::of(&self.summary, &self.lifecycles);
        serde_json::to_string(&model).expect("a model is JSON")
    }

    /// As a server sends it to a page that lacks one case.
    pub(crate) fn changes_json(&self, name: &str) -> String {
        let is_it = |entity: &Entity| entity.id() == name;
        let changes = Changes::of(&self.summary, &self.lifecycles, is_it);
        serde_json::to_string(&changes).expect("changes are JSON")
    }

    pub(crate) fn summary(&self) -> &RunSummary {
        &self.summary
    }
}
