//! A bus on which the clock stands still, and what is known of what was said there.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tidings_core::{BusId, Entity, Envelope, ManualClock, Timestamp};
use tidings_registry::Bus;
use tidings_report::{Lifecycles, Model, Page};
use tidings_testrun::{RunSummary, TestRun};

/// A bus, and all that was said on it.
pub(crate) struct Scene {
    pub(crate) bus: Bus,
    heard: Arc<Mutex<Vec<Arc<Envelope>>>>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let clock = ManualClock::new(Timestamp::from_nanos(1_795_230_002_000_000_000));
        let bus = Bus::builder().id(BusId::from_u128(7)).run("r").node("lab").clock(clock).build();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heard);
        let everything = bus.observe("*", move |envelope: &Arc<Envelope>| {
            kept.lock().expect("no observer panics").push(Arc::clone(envelope));
        });
        everything.expect("a prefix").detach();
        Self { bus, heard }
    }

    pub(crate) fn say(&self, entity: &Entity, event: impl Into<TestRun>) {
        self.bus.emitter_for(entity.clone()).emit(event.into());
    }

    pub(crate) fn heard(&self) -> Vec<Arc<Envelope>> {
        self.heard.lock().expect("no observer panics").clone()
    }

    pub(crate) fn model(&self) -> Model {
        model_of(&self.heard())
    }

    pub(crate) fn page(&self) -> String {
        Page::html(&self.model())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::to_value(self.model()).expect("a model is JSON")
    }
}

pub(crate) fn reduced(events: &[Arc<Envelope>]) -> (RunSummary, Lifecycles) {
    let (mut summary, mut lifecycles) = (RunSummary::new(), Lifecycles::new());
    for event in events {
        summary.apply(event);
        lifecycles.apply(event);
    }
    (summary, lifecycles)
}

pub(crate) fn model_of(events: &[Arc<Envelope>]) -> Model {
    let (summary, lifecycles) = reduced(events);
    Model::of(&summary, &lifecycles)
}

/// What stands between two texts of a page.
pub(crate) fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = page.split_once(before).expect(before);
    rest.split_once(after).expect(after).0
}

/// The data of a page, as a browser reads it.
pub(crate) fn data_of(page: &str) -> Value {
    let text = between(page, "<script type=\"application/json\" id=\"data\">", "</script>");
    serde_json::from_str(text).expect("the data is JSON")
}
