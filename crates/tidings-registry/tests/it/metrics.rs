//! The ready observer that counts: numbers, ends and durations.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidings_core::{ManualClock, Timestamp};
use tidings_derive::Event;
use tidings_registry::{Bus, Metrics, MetricsSnapshot, Subscription, TypeMetrics};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "case", crate = "tidings_core")]
enum Case {
    #[event(begin)]
    Started,
    Note,
    #[event(end(success))]
    Done,
    #[event(end(failure))]
    Failed,
    #[event(end(skipped))]
    Skipped,
}

struct Fixture {
    bus: Bus,
    clock: Arc<ManualClock>,
    metrics: Arc<Metrics>,
    _subscription: Subscription,
}

impl Fixture {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_nanos(0)));
        let bus = Bus::builder().clock(Arc::clone(&clock)).build();
        let metrics = Arc::new(Metrics::new());
        let subscription = bus.subscribe(Arc::clone(&metrics));
        Self { bus, clock, metrics, _subscription: subscription }
    }

    fn emit(&self, id: &str, event: Case) {
        self.bus.emitter("case", id).emit(event);
    }

    /// A case from its beginning to an end.
    fn run(&self, id: &str, seconds: u64, end: Case) {
        self.emit(id, Case::Started);
        self.clock.advance(Duration::from_secs(seconds));
        self.emit(id, end);
    }
}

fn of_starts(snapshot: &MetricsSnapshot) -> &TypeMetrics {
    &snapshot.types[&Case::STARTED]
}

#[test]
fn ends_are_counted_by_their_outcome_and_what_runs_is_what_has_not_ended() {
    let fixture = Fixture::new();
    for (id, end) in [("a", Case::Done), ("b", Case::Done), ("c", Case::Failed)] {
        fixture.run(id, 1, end);
    }
    fixture.run("d", 1, Case::Skipped);
    fixture.emit("e", Case::Started);
    fixture.emit("f", Case::Started);
    fixture.emit("f", Case::Note);
    let found = fixture.metrics.snapshot();
    assert_eq!((found.succeeded, found.failed, found.other, found.running), (2, 1, 1, 2));
    assert_eq!((found.count("case.started"), found.count("case.note")), (6, 1));
    assert_eq!((found.count("case.nothing"), found.total()), (0, 11));
}

#[test]
fn a_duration_is_from_the_beginning_of_an_entity_to_its_end() {
    let fixture = Fixture::new();
    for (id, seconds) in [("a", 4), ("b", 1), ("c", 7)] {
        fixture.run(id, seconds, Case::Done);
    }
    let found = fixture.metrics.snapshot();
    let seconds = Duration::from_secs;
    let starts = of_starts(&found);
    assert_eq!((starts.ended, starts.total), (3, seconds(12)));
    assert_eq!((starts.shortest, starts.longest), (Some(seconds(1)), Some(seconds(7))));
    assert_eq!(starts.mean(), Some(seconds(4)));
    assert_eq!(found.types[&Case::DONE].mean(), None, "an end begins nothing");
    let first = found.to_string().lines().nth(1).map(str::to_owned);
    let wanted = "case.started         3  min 1.0s  mean 4.0s  max 7.0s";
    assert_eq!(first.as_deref(), Some(wanted));
}

#[test]
fn an_end_without_a_beginning_is_counted_and_has_no_duration() {
    let fixture = Fixture::new();
    fixture.emit("a", Case::Failed);
    fixture.run("b", 2, Case::Done);
    fixture.emit("b", Case::Done);
    let found = fixture.metrics.snapshot();
    assert_eq!((found.succeeded, found.failed, found.running), (2, 1, 0));
    assert_eq!(of_starts(&found).ended, 1);
}
