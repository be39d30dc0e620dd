//! From an envelope to one line of JSON.

use std::fmt::Write as _;

use super::SPEC_VERSION;
use super::source::write_source;
use crate::event::Payload;
use crate::json::EncodeError;
use crate::{Envelope, json};

/// Appends the envelope to `out` as one CloudEvent in JSON, without a line break in it.
///
/// `position` is the gapless count of the journal or delivery that writes. Raw data keeps
/// its bytes, but for line breaks between its tokens, which become spaces; raw data that
/// has no canonical form (duplicate keys) is written without a `contentid`.
///
/// # Errors
///
/// [`EncodeError`] when the payload has no JSON form; `out` is then as it was.
pub fn write_event<P: Payload + ?Sized>(
    envelope: &Envelope<P>,
    position: Option<u64>,
    out: &mut String,
) -> Result<(), EncodeError> {
    let data = envelope.data().map_err(Clone::clone)?;
    out.reserve(data.len() + 640);
    write_identity(envelope, out);
    out.push_str(",\"datacontenttype\":\"application/json\"");
    if let Ok(content_id) = envelope.content_id() {
        put(out, format_args!(",\"contentid\":\"{content_id}\""));
    }
    write_context(envelope, position, out);
    out.push_str(",\"data\":");
    if data.contains(['\n', '\r']) {
        out.extend(data.chars().map(|c| if matches!(c, '\n' | '\r') { ' ' } else { c }));
    } else {
        out.push_str(data);
    }
    out.push('}');
    Ok(())
}

/// Appends everything but the data to `out`, as one CloudEvent without a line break in it.
///
/// It is what can be said of an event whose payload has no JSON form: the payload is not
/// asked for one, and there is no `contentid`, which nobody could recompute. It reads back
/// with the data `null`.
///
/// ```
/// use tidings_core::wire::{read_event, write_event, write_head};
///
/// let line = concat!(
///     r#"{"specversion":"1.0","id":"01890a5d-ac96-774b-bcce-b302099a8057.0.7","#,
///     r#""source":"/r/n","type":"lab.warm","time":"2026-01-01T00:00:00Z","runid":"r","#,
///     r#""node":"n","entity":"[[\"lab\",\"3\"]]","data":{"celsius":21}}"#,
/// );
/// let envelope = read_event(line)?.envelope;
/// let mut head = String::new();
/// write_head(&*envelope, None, &mut head);
/// let read = read_event(&head)?.envelope;
/// assert_eq!((read.id(), read.time()), (envelope.id(), envelope.time()));
/// assert_eq!(read.data(), Ok("null"));
/// # Ok::<(), tidings_core::wire::InvalidCloudEvent>(())
/// ```
pub fn write_head<P: Payload + ?Sized>(
    envelope: &Envelope<P>,
    position: Option<u64>,
    out: &mut String,
) {
    out.reserve(640);
    write_identity(envelope, out);
    write_context(envelope, position, out);
    out.push('}');
}

/// Which event it is, of what, and when; with the brace that opens it.
fn write_identity<P: Payload + ?Sized>(envelope: &Envelope<P>, out: &mut String) {
    let id = envelope.id();
    put(out, format_args!("{{\"specversion\":\"{SPEC_VERSION}\",\"id\":\"{id}\",\"source\":\""));
    write_source(envelope.run(), envelope.node(), envelope.entity(), out);
    out.push('"');
    text_member(out, "type", envelope.event_type().as_str());
    put(out, format_args!(",\"time\":\"{}\"", envelope.time()));
    // CloudEvents leaves an empty subject out.
    if !envelope.entity().id().is_empty() {
        text_member(out, "subject", envelope.entity().id());
    }
}

/// The extension attributes but for the content id.
fn write_context<P: Payload + ?Sized>(
    envelope: &Envelope<P>,
    position: Option<u64>,
    out: &mut String,
) {
    let id = envelope.id();
    put(
        out,
        format_args!(
            ",\"busid\":\"{}\",\"lane\":{},\"sequence\":\"{:020}\"",
            id.bus(),
            id.lane(),
            id.sequence()
        ),
    );
    if let Some(position) = position {
        put(out, format_args!(",\"position\":\"{position:020}\""));
    }
    text_member(out, "runid", envelope.run());
    text_member(out, "node", envelope.node());
    put(out, format_args!(",\"elapsedns\":\"{}\"", envelope.elapsed().as_nanos()));
    text_member(out, "entity", envelope.entity().canonical_json());
    write_optional(envelope, out);
}

fn write_optional<P: Payload + ?Sized>(envelope: &Envelope<P>, out: &mut String) {
    let volatile: Vec<&str> = envelope.payload().volatile().iter().collect();
    if !volatile.is_empty() {
        text_member(out, "volatile", &volatile.join(","));
    }
    if let Some(role) = envelope.role().as_str() {
        text_member(out, "role", role);
    }
    if let Some(cause) = envelope.caused_by() {
        put(out, format_args!(",\"causedby\":\"{cause}\""));
    }
    if !envelope.attributes().is_empty() {
        let attributes = json::to_string(envelope.attributes())
            // Nested deeper than canonical JSON allows: any JSON reads back to the same map.
            .or_else(|_| serde_json::to_string(envelope.attributes()))
            .expect("names and JSON values always have a JSON form");
        text_member(out, "attributes", &attributes);
    }
}

fn text_member(out: &mut String, name: &str, text: &str) {
    put(out, format_args!(",\"{name}\":"));
    json::push_string(out, text);
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string takes every text");
}
