//! Numbered events and batches of them, for the tests of the crates that are sinks.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tidings_core::{
    Attributes, BusId, Context, Entity, Envelope, EventId, EventType, Head, Lane, RawJson,
    RawPayload, Timestamp,
};
use tidings_delivery::{Load, Outcome, Sink, Then};

/// The event of this number, of this run and node, with these attributes and these data.
pub(crate) fn event(
    number: u64,
    (run, node): (&str, &str),
    attributes: Attributes,
    data: &str,
) -> Arc<Envelope> {
    let entity = Entity::new("suite", "a").child("case", &format!("t{number}"));
    let context = Context::new(run.into(), node.into(), entity, attributes);
    let head = Head::new(
        EventId::new(BusId::from_u128(7), Lane::new(0), number),
        EventType::parse("quick_test.started").expect("a type"),
        Arc::new(context),
        Timestamp::from_nanos(1_795_230_202_119_948_123),
        Duration::ZERO,
    );
    let data = RawJson::parse(data).expect("JSON");
    Arc::new(Envelope::new(head, RawPayload::new(data)))
}

pub(crate) fn id(number: u64) -> String {
    EventId::new(BusId::from_u128(7), Lane::new(0), number).to_string()
}

/// The events of these numbers, encoded.
pub(crate) fn load(
    sink: &mut impl Sink,
    numbers: Range<u64>,
    event: impl Fn(u64) -> Arc<Envelope>,
) -> Load {
    let mut load = Load::new();
    for number in numbers {
        load.push(sink, event(number), number).expect("it has a form");
    }
    load
}

/// Sends the events of these numbers as one batch, whose number is that of its first event.
pub(crate) fn send(
    sink: &mut impl Sink,
    numbers: Range<u64>,
    event: impl Fn(u64) -> Arc<Envelope>,
) -> Outcome {
    let number = numbers.start;
    let load = load(sink, numbers, event);
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
