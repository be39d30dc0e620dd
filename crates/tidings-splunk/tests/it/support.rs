//! Events, sinks and batches for the tests.

use std::sync::Arc;
use std::time::Duration;

use tidings_core::{
    Attributes, BusId, Context, Entity, Envelope, EventId, EventType, Head, Lane, RawJson,
    RawPayload, Timestamp,
};
use tidings_delivery::{Load, Outcome, Secret, Sink, Then};
use tidings_fault_server::FaultServer;
use tidings_splunk::{SplunkSink, SplunkSinkBuilder, TokenSource};

pub(crate) const TOKEN: &str = "a1b2c3d4-hunter2-TOKEN";

/// A builder for this server that nothing around the test can change.
pub(crate) fn builder(server: &FaultServer) -> SplunkSinkBuilder {
    SplunkSink::builder(&server.url())
        .token(TokenSource::Fixed(Secret::new(TOKEN)))
        .environment(|_| None)
        .timeout(Duration::from_secs(20))
}

pub(crate) fn sink(server: &FaultServer) -> SplunkSink {
    builder(server).build().expect("the settings are in order")
}

/// The event of this number, with these attributes.
pub(crate) fn event_with(number: u64, attributes: Attributes) -> Arc<Envelope> {
    let entity = Entity::new("suite", "a").child("case", &format!("t{number}"));
    let context = Context::new("run-7".into(), "lab-3".into(), entity, attributes);
    let head = Head::new(
        EventId::new(BusId::from_u128(7), Lane::new(0), number),
        EventType::parse("quick_test.started").expect("a type"),
        Arc::new(context),
        Timestamp::from_nanos(1_795_230_202_119_948_123),
        Duration::ZERO,
    );
    let data = RawJson::parse(&format!("{{\"n\":{number}}}")).expect("JSON");
    Arc::new(Envelope::new(head, RawPayload::new(data)))
}

pub(crate) fn id(number: u64) -> String {
    EventId::new(BusId::from_u128(7), Lane::new(0), number).to_string()
}

pub(crate) fn ids(numbers: std::ops::Range<u64>) -> Vec<String> {
    numbers.map(id).collect()
}

/// The events of these numbers, encoded.
pub(crate) fn load(sink: &mut SplunkSink, numbers: std::ops::Range<u64>) -> Load {
    let mut load = Load::new();
    for number in numbers {
        let event = event_with(number, Attributes::new());
        load.push(sink, event, number).expect("it has a form");
    }
    load
}

/// Sends the events of these numbers as one batch, whose number is that of its first event.
pub(crate) fn send(sink: &mut SplunkSink, numbers: std::ops::Range<u64>) -> Outcome {
    let number = numbers.start;
    let load = load(sink, numbers);
    sink.send(&load.batch(number, 1))
}

/// The reason that an outcome gives.
pub(crate) fn reason(outcome: &Outcome) -> &str {
    match outcome.then() {
        Then::Retry { reason, .. }
        | Then::SetAside { reason, .. }
        | Then::Split { reason }
        | Then::Hold { reason }
        | Then::Stop { reason } => reason,
        other => unreachable!("a reason is expected of {other:?}"),
    }
}
