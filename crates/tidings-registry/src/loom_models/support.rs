//! Events, an observer that remembers, and the bounds of the models.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidings_core::{Emitter, Envelope, EventId, Lane};
use tidings_derive::Event;

use crate::{Bus, Counts, Observer, ObserverError, Report};

/// Longer than any model runs: no deadline passes in one.
pub(super) const LONG: Duration = Duration::from_secs(36_000);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "model", crate = "tidings_core")]
pub(super) enum Step {
    First { n: u64 },
    Second { n: u64 },
}

pub(super) fn first(n: u64) -> Step {
    Step::First { n }
}

/// Tries every order in which a thread is interrupted at most so often.
pub(super) fn check(interruptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound.get_or_insert(interruptions);
    builder.max_branches = 20_000;
    builder.check(model);
}

pub(super) fn emitter(bus: &Bus) -> Emitter<Step> {
    bus.emitter("model", "m")
}

/// What an observer was shown, in order. The lock is held for no step of a model.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<Seen>>>);

#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) step: Step,
    pub(super) id: EventId,
    pub(super) cause: Option<EventId>,
}

impl Log {
    /// Remembers, inline, all that the bus is told from here on.
    pub(super) fn on(bus: &Bus) -> Self {
        let log = Self::default();
        bus.subscribe(log.clone()).detach();
        log
    }

    pub(super) fn add(&self, envelope: &Envelope) {
        let step = envelope.event::<Step>().expect("it has the form of its type");
        let step = Step::clone(&step.expect("the type is known"));
        let (id, cause) = (envelope.id(), envelope.caused_by());
        self.0.lock().unwrap().push(Seen { step, id, cause });
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.0.lock().unwrap().clone()
    }

    pub(super) fn steps(&self) -> Vec<Step> {
        self.seen().into_iter().map(|seen| seen.step).collect()
    }

    /// The sequences of each lane, as they were shown.
    pub(super) fn sequences(&self) -> BTreeMap<Lane, Vec<u64>> {
        let mut lanes: BTreeMap<Lane, Vec<u64>> = BTreeMap::new();
        for seen in self.seen() {
            lanes.entry(seen.id.lane()).or_default().push(seen.id.sequence());
        }
        lanes
    }
}

impl Observer for Log {
    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        self.add(envelope);
        Ok(())
    }

    fn needs_close(&self) -> bool {
        false
    }
}

/// All were accepted, and delivered.
pub(super) fn all_delivered(accepted: u64) -> Counts {
    Counts { accepted, delivered: accepted, ..Counts::default() }
}

/// Fails unless each lane was shown whole and in order.
pub(super) fn assert_gapless(log: &Log) {
    for (lane, sequences) in log.sequences() {
        let whole: Vec<u64> = (0..sequences.len() as u64).collect();
        assert_eq!(sequences, whole, "lane {lane:?} has a gap, a repeat or another order");
    }
}

/// The counts of the only observer of a report.
pub(super) fn counts(report: &Report) -> Counts {
    assert_eq!(report.observers.len(), 1, "{report:?}");
    report.observers[0].counts
}
