//! Events and batches.

use std::ops::Range;
use std::sync::Arc;

use tidings_core::{Attributes, Envelope};
use tidings_delivery::{Load, Outcome};
use tidings_nats::NatsSink;

use super::batches;

/// The event of this number, of this run and node, with this text in its data.
pub(crate) fn event_with(number: u64, place: (&str, &str), text: &str) -> Arc<Envelope> {
    let data = format!("{{\"n\":{number},\"text\":\"{text}\"}}");
    batches::event(number, place, Attributes::new(), &data)
}

fn event(number: u64) -> Arc<Envelope> {
    event_with(number, ("run-7", "lab-3"), "")
}

/// The events of these numbers, encoded.
pub(crate) fn load(sink: &mut NatsSink, numbers: Range<u64>) -> Load {
    batches::load(sink, numbers, event)
}

/// Sends the events of these numbers as one batch, whose number is that of its first event.
pub(crate) fn send(sink: &mut NatsSink, numbers: Range<u64>) -> Outcome {
    batches::send(sink, numbers, event)
}
