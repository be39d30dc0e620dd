//! From an envelope to one line of JSON.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use super::SPEC_VERSION;
use super::source::write_source;
use crate::event::Payload;
use crate::json::EncodeError;
use crate::text::{with_attributes, write_integer, write_padded};
use crate::{Attributes, BusId, Entity, Envelope, json};

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
    let bus = write_identity(envelope, out);
    out.push_str(",\"datacontenttype\":\"application/json\"");
    if let Ok(content_id) = envelope.content_id() {
        out.push_str(",\"contentid\":\"");
        written(content_id.write_to(out));
        out.push('"');
    }
    write_context(envelope, bus, position, out);
    out.push_str(",\"data\":");
    push_on_one_line(data, out);
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
    let bus = write_identity(envelope, out);
    write_context(envelope, bus, position, out);
    out.push('}');
}

/// Which event it is, of what, and when; with the brace that opens it. Returns where the
/// text of the bus id stands, which is said again.
fn write_identity<P: Payload + ?Sized>(envelope: &Envelope<P>, out: &mut String) -> Range<usize> {
    for part in ["{\"specversion\":\"", SPEC_VERSION, "\",\"id\":\""] {
        out.push_str(part);
    }
    let bus = out.len()..out.len() + BusId::TEXT_BYTES;
    written(envelope.id().write_to(out));
    out.push_str("\",\"source\":\"");
    write_source(envelope, out);
    push_member("\",\"type\":", envelope.event_type().as_str(), out);
    out.push_str(",\"time\":\"");
    written(envelope.time().write_to(out));
    out.push('"');
    // CloudEvents leaves an empty subject out.
    if !envelope.entity().id().is_empty() {
        push_member(",\"subject\":", envelope.entity().id(), out);
    }
    bus
}

/// The extension attributes but for the content id.
fn write_context<P: Payload + ?Sized>(
    envelope: &Envelope<P>,
    bus: Range<usize>,
    position: Option<u64>,
    out: &mut String,
) {
    let id = envelope.id();
    out.push_str(",\"busid\":\"");
    out.extend_from_within(bus);
    out.push_str("\",\"lane\":");
    written(write_integer(out, u64::from(id.lane().number())));
    out.push_str(",\"sequence\":\"");
    written(write_padded::<20>(out, id.sequence()));
    if let Some(position) = position {
        out.push_str("\",\"position\":\"");
        written(write_padded::<20>(out, position));
    }
    push_member("\",\"runid\":", envelope.run(), out);
    push_member(",\"node\":", envelope.node(), out);
    out.push_str(",\"elapsedns\":\"");
    push_nanos(envelope.elapsed(), out);
    out.push_str("\",\"entity\":\"");
    push_entity(envelope.entity(), out);
    out.push('"');
    write_optional(envelope, out);
}

/// Half a millennium fits in 64 bits, which are written faster than 128.
fn push_nanos(elapsed: Duration, out: &mut String) {
    let nanos = elapsed.as_nanos();
    match u64::try_from(nanos) {
        Ok(nanos) => written(write_integer(out, nanos)),
        Err(_) => out.push_str(itoa::Buffer::new().format(nanos)),
    }
}

fn write_optional<P: Payload + ?Sized>(envelope: &Envelope<P>, out: &mut String) {
    let mut before = ",\"volatile\":\"";
    for name in envelope.payload().volatile().iter() {
        out.push_str(before);
        json::push_content(out, name);
        before = ",";
    }
    if before == "," {
        out.push('"');
    }
    if let Some(role) = envelope.role().as_str() {
        push_member(",\"role\":", role, out);
    }
    if let Some(cause) = envelope.caused_by() {
        out.push_str(",\"causedby\":\"");
        written(cause.write_to(out));
        out.push('"');
    }
    if !envelope.attributes().is_empty() {
        out.push_str(",\"attributes\":\"");
        push_attributes(envelope.attributes(), out);
        out.push('"');
    }
}

/// `[[\"kind\",\"id\"],…]`: the canonical JSON of the path inside a JSON string.
fn push_entity(entity: &Entity, out: &mut String) {
    let canonical = entity.canonical_json();
    // Escapes only make a text longer, so that one which is no longer than its parts and
    // what stands around them, `["` `","` `"],`, has none.
    let unescaped: usize = entity.pairs().map(|(kind, id)| kind.len() + id.len() + 8).sum();
    if unescaped + 1 < canonical.len() {
        json::push_content(out, canonical);
        return;
    }
    let mut before = "[[\\\"";
    for (kind, id) in entity.pairs() {
        out.push_str(before);
        out.push_str(kind);
        out.push_str("\\\",\\\"");
        out.push_str(id);
        before = "\\\"],[\\\"";
    }
    out.push_str("\\\"]]");
}

/// `{\"name\":\"value\",…}`: the canonical JSON of the attributes inside a JSON string.
fn push_attributes(attributes: &Attributes, out: &mut String) {
    let start = out.len();
    if push_plain_attributes(attributes, out).is_none() {
        out.truncate(start);
        with_attributes(attributes, |json| json::push_content(out, json));
    }
}

/// Most are texts and integers without anything to escape, under ASCII names, whose order
/// is the canonical one. Of others there is `None`, and a part of them in `out`.
fn push_plain_attributes(attributes: &Attributes, out: &mut String) -> Option<()> {
    let plain = |text: &str| json::is_plain(text.as_bytes()).then_some(());
    let mut before = "{\\\"";
    for (name, value) in attributes.iter() {
        plain(name).filter(|()| name.is_ascii())?;
        out.push_str(before);
        out.push_str(name);
        out.push_str("\\\":");
        if let Some(text) = value.as_str() {
            plain(text)?;
            for part in ["\\\"", text, "\\\""] {
                out.push_str(part);
            }
        } else {
            written(write_integer(out, value.as_u64()?));
        }
        before = ",\\\"";
    }
    out.push('}');
    Some(())
}

/// Line breaks, which JSON has only between tokens, become spaces.
pub(super) fn push_on_one_line(data: &str, out: &mut String) {
    if !has_control(data.as_bytes()) {
        out.push_str(data);
        return;
    }
    let mut before = "";
    for line in data.split(['\n', '\r']) {
        out.push_str(before);
        out.push_str(line);
        before = " ";
    }
}

/// Canonical JSON has none, and is most of what is written.
fn has_control(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk::<16>() else {
        return bytes.iter().any(|&byte| byte < b' ');
    };
    // The last block overlaps the one before it, so that no byte is looked at alone.
    let (blocks, _) = bytes.as_chunks::<16>();
    let mut lowest = *last;
    for block in blocks {
        for (lowest, byte) in lowest.iter_mut().zip(block) {
            *lowest = (*lowest).min(*byte);
        }
    }
    lowest.iter().any(|&byte| byte < b' ')
}

fn push_member(name: &str, text: &str, out: &mut String) {
    out.push_str(name);
    json::push_string(out, text);
}

fn written(outcome: fmt::Result) {
    outcome.expect("a string takes every text");
}
