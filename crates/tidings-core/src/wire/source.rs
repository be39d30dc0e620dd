//! The `source` attribute: run, node and entity as a URI path.

use crate::event::Payload;
use crate::{Entity, Envelope};

/// Appends the `source` of the envelope to `out`: `/<run>/<node>/<kind>/<id>…`, the entity
/// outermost first, percent-encoded by RFC 3986 §2.1.
///
/// It is plain ASCII without a character that JSON would escape.
///
/// ```
/// use tidings_core::wire::{read_event, write_source};
///
/// let line = concat!(
///     r#"{"specversion":"1.0","id":"01890a5d-ac96-774b-bcce-b302099a8057.0.7","#,
///     r#""type":"lab.warm","time":"2026-01-01T00:00:00Z","runid":"r 7","#,
///     r#""node":"n","entity":"[[\"lab\",\"3/a\"]]"}"#,
/// );
/// let mut source = String::new();
/// write_source(&*read_event(line)?.envelope, &mut source);
/// assert_eq!(source, "/r%207/n/lab/3%2Fa");
/// # Ok::<(), tidings_core::wire::InvalidCloudEvent>(())
/// ```
pub fn write_source<P: Payload + ?Sized>(envelope: &Envelope<P>, out: &mut String) {
    push_path(envelope.run(), envelope.node(), envelope.entity(), out);
}

fn push_path(run: &str, node: &str, entity: &Entity, out: &mut String) {
    push_segment(run, out);
    push_segment(node, out);
    for (kind, id) in entity.pairs() {
        push_segment(kind, out);
        push_segment(id, out);
    }
}

fn push_segment(segment: &str, out: &mut String) {
    out.push('/');
    // All are looked at, so that the loop has no branch; segments are short.
    if segment.bytes().fold(true, |all, byte| all & UNRESERVED[usize::from(byte)])
        && !is_dots(segment)
    {
        out.push_str(segment);
    } else {
        push_encoded(segment, out);
    }
}

/// RFC 3986 §2.3.
const UNRESERVED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] =
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        byte += 1;
    }
    table
};

/// A segment of dots alone would be taken for a step up the path.
fn is_dots(segment: &str) -> bool {
    segment.starts_with('.') && segment.bytes().all(|byte| byte == b'.')
}

#[cold]
fn push_encoded(segment: &str, out: &mut String) {
    let dots = is_dots(segment);
    let is_clean = |byte: u8| UNRESERVED[usize::from(byte)] && !dots;
    let mut clean_from = 0;
    for (at, byte) in segment.bytes().enumerate() {
        if !is_clean(byte) {
            // Clean bytes are ASCII, so that a stretch of them begins and ends with a
            // character; between two bytes of one there is none.
            if clean_from < at {
                out.push_str(&segment[clean_from..at]);
            }
            push_percent(byte, out);
            clean_from = at + 1;
        }
    }
    if clean_from < segment.len() {
        out.push_str(&segment[clean_from..]);
    }
}

fn push_percent(byte: u8, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    out.push(char::from(DIGITS[usize::from(byte >> 4)]));
    out.push(char::from(DIGITS[usize::from(byte & 15)]));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(run: &str, node: &str, entity: &Entity) -> String {
        let mut text = String::new();
        push_path(run, node, entity, &mut text);
        text
    }

    #[test]
    fn what_is_not_unreserved_is_percent_encoded() {
        let entity = Entity::new("suite", "a/b ü").child("case", "..");
        assert_eq!(
            path("run-7", "me@host.example", &entity),
            "/run-7/me%40host.example/suite/a%2Fb%20%C3%BC/case/%2E%2E"
        );
    }
}
