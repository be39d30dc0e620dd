//! What comes out of a stream: an event, or something that is none.

use std::sync::Arc;

use async_nats::jetstream;
use tidings_core::Envelope;
use tidings_core::wire::EventReader;

use crate::server::shown;

use super::plan::Plan;

/// Where something stands in a stream, and in what was delivered of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Which consumer delivered it: each reconnection makes another one.
    pub(crate) epoch: u32,
    /// Its number in the stream.
    pub(crate) sequence: u64,
    /// Its number among what this consumer delivered.
    pub(crate) delivery: u64,
}

/// An event of the stream.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) envelope: Arc<Envelope>,
    /// Its position in the delivery that sent it.
    pub(crate) position: Option<u64>,
    pub(crate) place: Place,
    /// Whether it is one of those that were asked for.
    pub(crate) is_wanted: bool,
}

/// What was taken out of a stream.
#[derive(Debug, Clone)]
pub(crate) enum Taken {
    Event(Arrived),
    /// No event; a redelivery would not make it one.
    Unreadable {
        place: Place,
        reason: String,
    },
}

/// Where a message stands; none when it is not one of a consumer.
pub(super) fn place_of(message: &jetstream::Message, epoch: u32) -> Option<(Place, u64)> {
    let info = message.info().ok()?;
    let place = Place { epoch, sequence: info.stream_sequence, delivery: info.consumer_sequence };
    Some((place, info.pending))
}

/// Reads a message. What its subject says of it counts for nothing.
pub(super) fn read(
    events: &mut EventReader,
    message: &jetstream::Message,
    place: Place,
    plan: &Plan,
) -> Taken {
    let text = std::str::from_utf8(&message.payload).map_err(|_| "it is not UTF-8".to_owned());
    let read = text.and_then(|text| events.read(text).map_err(|fault| shown(&fault.to_string())));
    match read {
        Ok(received) => Taken::Event(Arrived {
            is_wanted: plan.wants(&received.envelope),
            envelope: received.envelope,
            position: received.position,
            place,
        }),
        Err(fault) => {
            let subject = shown(message.subject.as_str());
            let reason = format!("message {} on `{subject}`: {fault}", place.sequence);
            Taken::Unreadable { place, reason }
        }
    }
}
