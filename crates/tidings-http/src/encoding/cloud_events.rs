//! CloudEvents 1.0 in JSON, the batched content mode of its HTTP binding.

use tidings_core::Envelope;
use tidings_core::wire::write_event;
use tidings_delivery::Unencodable;

use super::Encoder;
use super::contract::unencodable;

/// One CloudEvent per event, as a journal has it.
#[derive(Debug)]
pub(crate) struct CloudEvents;

impl Encoder for CloudEvents {
    fn content_type(&self) -> &'static str {
        "application/cloudevents-batch+json; charset=UTF-8"
    }

    fn encode(
        &mut self,
        envelope: &Envelope,
        position: u64,
        out: &mut String,
    ) -> Result<(), Unencodable> {
        write_event(envelope, Some(position), out).map_err(|fault| unencodable(&fault))
    }
}
