//! Sinks, events and batches that the tests have in common.

use std::sync::Arc;
use std::time::Duration;

use tidings_core::{
    Attributes, BusId, Context, Entity, Envelope, EventId, EventType, Head, Lane, RawJson,
    RawPayload,
};
use tidings_delivery::{Load, Outcome, Sink, Then};
use tidings_fault_server::{CloudEvents, FaultServer};
use tidings_http::{HttpSink, HttpSinkBuilder};

/// What no text may show.
pub(crate) const TOKEN: &str = "hunter2-0123456789";

/// A server that takes CloudEvents.
pub(crate) fn server() -> FaultServer {
    FaultServer::start(CloudEvents::new()).expect("there is a port")
}

/// A sink for this URL that knows nothing of the environment it runs in.
pub(crate) fn sink(url: &str) -> HttpSinkBuilder {
    HttpSink::builder(url).environment(|_| None)
}

/// The event of this number.
pub(crate) fn event(number: u64) -> Arc<Envelope> {
    let context = Context::new(
        "run-7".into(),
        "lab-3".into(),
        Entity::new("case", "boot"),
        Attributes::new().with("applicationName", "MyApp"),
    );
    let head = Head::new(
        EventId::new(BusId::from_u128(7), Lane::new(0), number),
        EventType::parse("quick_test.started").expect("a type"),
        Arc::new(context),
        "2026-11-21T08:30:02Z".parse().expect("a time"),
        Duration::from_millis(5),
    );
    let data = RawJson::parse(&format!("{{\"n\":{number}}}")).expect("JSON");
    Arc::new(Envelope::new(head, RawPayload::new(data)))
}

/// The ids of the events of these numbers.
pub(crate) fn ids(numbers: std::ops::Range<u64>) -> Vec<String> {
    numbers.map(|number| event(number).id().to_string()).collect()
}

/// The events of these numbers, encoded by `sink`.
pub(crate) fn load(sink: &mut HttpSink, numbers: std::ops::Range<u64>) -> Load {
    let mut load = Load::new();
    for number in numbers {
        load.push(sink, event(number), number).expect("it has a form");
    }
    load
}

/// Sends the events of these numbers once.
pub(crate) fn send(sink: &mut HttpSink, numbers: std::ops::Range<u64>) -> Outcome {
    let load = load(sink, numbers);
    sink.send(&load.batch(1, 1))
}

/// Why they are on hold, or are not what was expected.
pub(crate) fn hold_reason(outcome: &Outcome) -> String {
    match outcome.then() {
        Then::Hold { reason } => reason.clone(),
        other => format!("not a hold but {other:?}"),
    }
}
