//! What is written without a formatter is what a formatter would write, byte for byte.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::Value;

use super::{write_event, write_head, write_source};
use crate::{
    Attributes, BusId, ContentId, Context, Entity, Envelope, EventId, EventType, Head, Lane,
    Outcome, RawJson, RawPayload, Role, Timestamp, json,
};

/// Of an envelope, all that is on the wire, as a formatter and other writers of JSON put it.
#[derive(Debug)]
struct Formatted {
    identity: String,
    content_id: String,
    context: String,
    data: String,
}

impl Formatted {
    fn of(envelope: &Envelope<RawPayload>, position: Option<u64>) -> Self {
        let content_id = envelope.content_id().map(|id| format!(",\"contentid\":\"{id}\""));
        Self {
            identity: identity(envelope),
            content_id: content_id.unwrap_or_default(),
            context: context(envelope, position),
            data: envelope.data().expect("raw").replace(['\n', '\r'], " "),
        }
    }

    fn event(&self) -> String {
        let Self { identity, content_id, context, data } = self;
        let media = ",\"datacontenttype\":\"application/json\"";
        format!("{identity}{media}{content_id}{context},\"data\":{data}}}")
    }

    fn head(&self) -> String {
        format!("{}{}}}", self.identity, self.context)
    }
}

fn identity(envelope: &Envelope<RawPayload>) -> String {
    let (id, time) = (envelope.id(), envelope.time());
    let (source, name) = (source(envelope), quoted(envelope.event_type().as_str()));
    let mut text = format!(
        "{{\"specversion\":\"1.0\",\"id\":\"{}.{}.{}\",\"source\":\"{source}\",\"type\":{name},\"time\":\"{time}\"",
        id.bus(),
        id.lane(),
        id.sequence(),
    );
    if !envelope.entity().id().is_empty() {
        write!(text, ",\"subject\":{}", quoted(envelope.entity().id())).expect("a string");
    }
    text
}

fn context(envelope: &Envelope<RawPayload>, position: Option<u64>) -> String {
    let (bus, lane) = (envelope.id().bus(), envelope.id().lane());
    let volatile: Vec<&str> = crate::Payload::volatile(envelope.payload()).iter().collect();
    let attributes = json::to_string(envelope.attributes()).expect("not too deep");
    let members = [
        Some(("busid", format!("\"{bus}\""))),
        Some(("lane", format!("{lane}"))),
        Some(("sequence", format!("\"{:020}\"", envelope.id().sequence()))),
        position.map(|position| ("position", format!("\"{position:020}\""))),
        Some(("runid", quoted(envelope.run()))),
        Some(("node", quoted(envelope.node()))),
        Some(("elapsedns", format!("\"{}\"", envelope.elapsed().as_nanos()))),
        Some(("entity", quoted(envelope.entity().canonical_json()))),
        (!volatile.is_empty()).then(|| ("volatile", quoted(&volatile.join(",")))),
        envelope.role().as_str().map(|role| ("role", quoted(role))),
        envelope.caused_by().map(|cause| ("causedby", format!("\"{cause}\""))),
        (attributes != "{}").then(|| ("attributes", quoted(&attributes))),
    ];
    let members = members.iter().flatten().map(|(name, value)| format!(",\"{name}\":{value}"));
    members.collect::<Vec<_>>().concat()
}

fn source(envelope: &Envelope<RawPayload>) -> String {
    let pairs = envelope.entity().pairs().flat_map(|(kind, id)| [kind, id]);
    let segments = [envelope.run(), envelope.node()].into_iter().chain(pairs);
    segments.flat_map(|segment| ["/".to_owned(), percent_encoded(segment)]).collect()
}

fn percent_encoded(segment: &str) -> String {
    let dots = segment.bytes().all(|byte| byte == b'.');
    let encoded = |byte: u8| match char::from(byte) {
        plain @ ('a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '~') => plain.to_string(),
        '.' if !dots => ".".to_owned(),
        _ => format!("%{byte:02X}"),
    };
    segment.bytes().map(encoded).collect()
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("every text has a JSON form")
}

/// Plain ones, which most are, and those that every medium escapes in another way.
fn texts() -> impl Strategy<Value = String> {
    let nasty = prop_oneof![
        any::<char>(),
        prop::sample::select(vec![
            '\0', '\u{1b}', '\u{7f}', '\n', '"', '\\', '/', '%', '.', '\u{2028}', '\u{fffd}', '😀',
            'a', ' ',
        ]),
    ];
    prop_oneof![
        "[a-zA-Z0-9_.~ -]{0,24}",
        "[.]{0,3}",
        prop::collection::vec(nasty, 0..20).prop_map(String::from_iter),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        texts().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        prop::collection::vec(texts(), 0..3).prop_map(Value::from),
    ]
}

fn attributes() -> impl Strategy<Value = Attributes> {
    prop::collection::vec((texts(), values()), 0..4).prop_map(Attributes::from_iter)
}

fn entities() -> impl Strategy<Value = Entity> {
    prop::collection::vec((texts(), texts()), 1..5)
        .prop_map(|pairs| Entity::from_path(pairs).expect("at least one pair"))
}

fn ids() -> impl Strategy<Value = EventId> {
    let sequence = (any::<u64>(), 0..64_u32).prop_map(|(number, shift)| number >> shift);
    (any::<u128>(), any::<u32>(), sequence).prop_map(|(bus, lane, sequence)| {
        EventId::new(BusId::from_u128(bus), Lane::new(lane), sequence)
    })
}

fn contexts() -> impl Strategy<Value = Context> {
    (texts(), texts(), entities(), attributes()).prop_map(|(run, node, entity, attributes)| {
        Context::new(run.into(), node.into(), entity, attributes)
    })
}

fn heads() -> impl Strategy<Value = Head> {
    let elapsed = prop_oneof![
        any::<u64>().prop_map(Duration::from_nanos),
        (any::<u64>(), 0..1_000_000_000_u32).prop_map(|(s, nanos)| Duration::new(s, nanos)),
    ];
    let types = prop::sample::select(vec!["quick_test.started", "Foreign.\"type\"", "a.ü\\b"]);
    let times = any::<i64>().prop_map(Timestamp::from_nanos);
    (ids(), types, contexts(), times, elapsed, prop::option::of(ids())).prop_map(
        |(id, name, context, time, elapsed, cause)| {
            let event_type = EventType::foreign(name).expect("printable");
            Head::new(id, event_type, Arc::new(context), time, elapsed).with_cause(cause)
        },
    )
}

fn payloads() -> impl Strategy<Value = RawPayload> {
    let spaces = prop::sample::select(vec!["", " ", "\n", "\r\n", "\t", "\n\n                 "]);
    let names = prop::collection::vec(texts(), 0..4);
    let roles = prop::sample::select(vec![Role::Point, Role::Begin, Role::End(Outcome::Failure)]);
    (texts(), spaces, names, roles, prop::option::of(any::<u128>())).prop_map(
        |(text, space, names, role, id)| {
            let data = format!("{{{space}\"a\":{space}[1,{space}{}{space}]}}", quoted(&text));
            let data = RawJson::parse(&data).expect("JSON");
            let payload = RawPayload::new(data).with_volatile(names).with_role(role);
            let id = id.map(ContentId::from_u128);
            id.map_or(payload.clone(), |id| payload.with_content_id(id))
        },
    )
}

proptest! {
    #[test]
    fn an_event_is_written_as_a_formatter_would(
        head in heads(),
        payload in payloads(),
        position in any::<Option<u64>>(),
    ) {
        let envelope = Envelope::new(head, payload);
        let expected = Formatted::of(&envelope, position);
        let mut line = "before".to_owned();
        write_event(&envelope, position, &mut line).expect("raw");
        prop_assert_eq!(line, format!("before{}", expected.event()));
        let mut line = "before".to_owned();
        write_head(&envelope, position, &mut line);
        prop_assert_eq!(line, format!("before{}", expected.head()));
        let mut path = "before".to_owned();
        write_source(&envelope, &mut path);
        prop_assert_eq!(path, format!("before{}", source(&envelope)));
    }
}

#[test]
fn attributes_are_in_the_order_of_canonical_json() {
    // By UTF-16 the surrogates of the first sort before the second, by UTF-8 behind it.
    let names = BTreeMap::from([("\u{1f600}", 1), ("\u{fffd}", 2), ("a", 3)]);
    let attributes: Attributes = names.into_iter().collect();
    let context = Context::new("r".into(), "n".into(), Entity::new("k", "i"), attributes);
    let head = Head::new(
        EventId::new(BusId::from_u128(5), Lane::new(3), 9),
        EventType::from_static("raw.x"),
        Arc::new(context),
        Timestamp::from_nanos(0),
        Duration::ZERO,
    );
    let mut line = String::new();
    write_head(&Envelope::new(head, RawPayload::new(RawJson::null())), None, &mut line);
    let expected = ",\"attributes\":\"{\\\"a\\\":3,\\\"\u{1f600}\\\":1,\\\"\u{fffd}\\\":2}\"}";
    assert!(line.ends_with(expected), "{line}");
}

#[test]
fn line_breaks_are_found_wherever_they_stand() {
    for length in 1..80 {
        for place in 1..=length {
            let data = format!("[{}\n{}1]", " ".repeat(place - 1), " ".repeat(length - place));
            let mut out = String::new();
            super::write::push_on_one_line(&data, &mut out);
            assert_eq!(out, data.replace('\n', " "));
        }
    }
}
