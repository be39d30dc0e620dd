//! Lines of the wire where a fault would hide: texts of every short length, and one reader
//! for the lines of many.

use std::time::Duration;

use tidings_core::wire::{EventReader, read_event};
use tidings_core::{Attributes, BusId, Entity, Envelope, EventId, EventType, Head, Lane};
use tidings_core::{RawJson, RawPayload, Timestamp};

use crate::support::{context, head, line, received};

fn envelope(attributes: &Attributes) -> Envelope<RawPayload> {
    let context = context(&Entity::new("case", "t1"), attributes);
    let payload = RawPayload::new(RawJson::parse("1").expect("JSON"));
    Envelope::new(head(EventType::from_static("raw.x"), context), payload)
}

#[test]
fn an_attribute_with_a_special_character_at_any_place_goes_there_and_back() {
    for special in ['"', '\\', '\n', '\u{1f}', '\u{7f}', 'é', ' '] {
        for length in 1..=20 {
            for place in 0..length {
                let mut text = "x".repeat(place);
                text.push(special);
                text.push_str(&"y".repeat(length - place - 1));
                let name = format!("n{text}");
                let attributes = Attributes::new().with("v", &*text).with(&name, 1);
                let first = line(&envelope(&attributes));
                assert_eq!(received(&first).envelope.attributes(), &attributes, "{first}");
            }
        }
    }
}

#[test]
fn every_escape_of_json_is_understood() {
    let plain = line(&envelope(&Attributes::new()));
    assert!(plain.contains(r#""node":"lab-3""#), "{plain}");
    let escaped = plain.replace(r#""node":"lab-3""#, r#""node":"\b\f\n\r\t\/\\\"\u0041\u00e9""#);
    let read = read_event(&escaped).expect("it is JSON");
    assert_eq!(read.envelope.node(), "\u{8}\u{c}\n\r\t/\\\"Aé");
    let mut reader = EventReader::new();
    for _ in 0..2 {
        let read = reader.read(&escaped).expect("it is JSON");
        assert_eq!(read.envelope.node(), "\u{8}\u{c}\n\r\t/\\\"Aé");
    }
}

#[test]
fn a_reader_tells_the_lines_of_two_buses_apart() {
    let of_bus = |bus: u128, sequence: u64| {
        let id = EventId::new(BusId::from_u128(bus), Lane::new(0), sequence);
        let context = context(&Entity::new("case", "t1"), &Attributes::new());
        let event_type = EventType::from_static("raw.x");
        let (time, elapsed) = (Timestamp::from_nanos(0), Duration::ZERO);
        let head = Head::new(id, event_type, context.into(), time, elapsed);
        let payload = RawPayload::new(RawJson::parse("1").expect("JSON"));
        (id, line(&Envelope::new(head, payload)))
    };
    let mut reader = EventReader::new();
    for (sequence, bus) in [5, 5, 6, 6, 5, 7].into_iter().enumerate() {
        let (id, text) = of_bus(bus, sequence as u64);
        assert_eq!(reader.read(&text).expect("its own line").envelope.id(), id);
    }
}
