//! The `source` attribute: run, node and entity as a URI path.

use std::fmt::Write as _;

use crate::Entity;

/// Writes `/<run>/<node>/<kind>/<id>…`, percent-encoded by RFC 3986 §2.1.
pub(super) fn write_source(run: &str, node: &str, entity: &Entity, out: &mut String) {
    write_segment(run, out);
    write_segment(node, out);
    for (kind, id) in entity.pairs() {
        write_segment(kind, out);
        write_segment(id, out);
    }
}

fn write_segment(segment: &str, out: &mut String) {
    out.push('/');
    // A segment of dots alone would be taken for a step up the path.
    let dots = !segment.is_empty() && segment.bytes().all(|byte| byte == b'.');
    for byte in segment.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            b'.' if !dots => out.push('.'),
            _ => write!(out, "%{byte:02X}").expect("a string takes every text"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_unreserved_is_percent_encoded() {
        let mut text = String::new();
        let entity = Entity::new("suite", "a/b ü").child("case", "..");
        write_source("run-7", "me@host.example", &entity, &mut text);
        assert_eq!(text, "/run-7/me%40host.example/suite/a%2Fb%20%C3%BC/case/%2E%2E");
    }
}
