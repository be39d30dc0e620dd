//! Plain objects: what an event is, in as few words as possible.

use std::fmt::Write as _;

use tidings_core::Envelope;
use tidings_delivery::Unencodable;

use super::Encoder;
use super::contract::unencodable;
use super::text::{push_attributes, push_name, push_text};

/// One flat object per event, see [`Encoding::Json`](super::Encoding::Json).
#[derive(Debug)]
pub(crate) struct Json;

impl Encoder for Json {
    fn content_type(&self) -> &'static str {
        "application/json; charset=UTF-8"
    }

    fn encode(
        &mut self,
        envelope: &Envelope,
        position: u64,
        out: &mut String,
    ) -> Result<(), Unencodable> {
        let data = envelope.data().map_err(unencodable)?;
        out.reserve(data.len() + 320);
        out.push('{');
        push_name(out, "type");
        push_text(out, envelope.event_type().as_str());
        write!(out, ",\"id\":\"{}\",\"time\":\"{}\"", envelope.id(), envelope.time())
            .and_then(|()| write!(out, ",\"position\":{position}"))
            .expect("a string takes every text");
        if let Ok(content_id) = envelope.content_id() {
            write!(out, ",\"contentid\":\"{content_id}\"").expect("a string takes every text");
        }
        push_name(out, "run");
        push_text(out, envelope.run());
        push_name(out, "node");
        push_text(out, envelope.node());
        push_name(out, "entity");
        out.push_str(envelope.entity().canonical_json());
        if let Some(cause) = envelope.caused_by() {
            write!(out, ",\"causedby\":\"{cause}\"").expect("a string takes every text");
        }
        push_name(out, "attributes");
        push_attributes(out, envelope.attributes());
        push_name(out, "data");
        out.push_str(data);
        out.push('}');
        Ok(())
    }
}
