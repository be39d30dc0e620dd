//! The wire: what is written reads back the same, whatever stands in it.

use proptest::prelude::*;
use serde_json::{Value, json};
use tidings_core::wire::{read_event, write_event};
use tidings_core::{
    ATTRIBUTE_DEPTH_MAX, Attributes, Context, ENTITY_DEPTH_MAX, EVENT_TYPE_BYTES_MAX, Entity,
    Envelope, EventType, Outcome, RawJson, RawPayload, Role,
};

use crate::support::{context, done, envelope, head, line, received, started};

fn raw(data: &str) -> RawPayload {
    RawPayload::new(RawJson::parse(data).expect("JSON"))
}

fn plain(payload: RawPayload) -> Envelope<RawPayload> {
    let context = context(&Entity::new("case", "t1"), &Attributes::new());
    Envelope::new(head(EventType::from_static("raw.x"), context), payload)
}

/// Writes, reads and writes again; both lines are the same.
fn there_and_back(envelope: &Envelope<RawPayload>) -> String {
    let first = line(envelope);
    let received = received(&first);
    let again = &received.envelope;
    assert_eq!(line(&**again), first);
    assert_eq!(again.id(), envelope.id());
    assert_eq!(again.event_type(), envelope.event_type());
    assert_eq!(again.entity(), envelope.entity());
    assert_eq!((again.run(), again.node()), (envelope.run(), envelope.node()));
    assert_eq!(again.attributes(), envelope.attributes());
    assert_eq!((again.time(), again.elapsed()), (envelope.time(), envelope.elapsed()));
    assert_eq!((again.role(), again.caused_by()), (envelope.role(), envelope.caused_by()));
    assert_eq!(again.content_id().ok(), envelope.content_id().ok());
    first
}

#[test]
fn names_of_the_greatest_length_and_depth_go_there_and_back() {
    let mut entity = Entity::new("suite", "a");
    for level in 1..ENTITY_DEPTH_MAX {
        entity = entity.child("group", &level.to_string());
    }
    let name = "a".repeat(EVENT_TYPE_BYTES_MAX);
    let event_type = EventType::parse(&name).expect("fits");
    let head = head(event_type, context(&entity, &Attributes::new()));
    let text = there_and_back(&Envelope::new(head, raw("1")));
    let longer = text.replace(&name, &format!("{name}a"));
    assert!(read_event(&longer).expect_err("too long").to_string().contains("`type`"));
}

#[test]
fn every_role_survives() {
    let outcomes = [Outcome::Success, Outcome::Failure, Outcome::Skipped, Outcome::Unknown];
    let ends = outcomes.map(Role::End);
    for role in [Role::Point, Role::Begin].into_iter().chain(ends) {
        there_and_back(&plain(raw("{}").with_role(role)));
    }
    let text = line(&envelope(started("boot"), &Entity::new("case", "t1")));
    assert_eq!(received(&text).envelope.role(), Role::Begin);
    let text = line(&envelope(done("boot", 1.0), &Entity::new("case", "t1")));
    assert_eq!(received(&text).envelope.role(), Role::End(Outcome::Success));
}

#[test]
fn number_tokens_and_white_space_of_raw_data_survive_byte_for_byte() {
    for data in [
        "123456789012345678901234567890",
        "-0",
        "1E400",
        "0.10",
        r#"{ "a" : 1.0 ,	"b":[ 1e+2, 1E2 ] }"#,
        r#""é \u00e9 \/ 😀""#,
    ] {
        let text = there_and_back(&plain(raw(data)));
        assert!(text.ends_with(&format!(",\"data\":{data}}}")), "{text}");
    }
}

#[test]
fn data_without_a_canonical_form_passes_without_an_id() {
    for data in [r#"{"a":1,"a":2}"#, r#"{"b":{"a":1,"\u0061":2}}"#, r#""\ud800""#] {
        let envelope = plain(raw(data));
        assert!(envelope.content_id().is_err(), "{data}");
        let text = there_and_back(&envelope);
        assert!(!text.contains("contentid"), "{text}");
        assert!(text.ends_with(&format!(",\"data\":{data}}}")), "{text}");
        assert!(received(&text).recomputed_content_id().is_err());
    }
}

#[test]
fn data_nested_deeper_than_canonical_json_passes_too() {
    let data = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let text = there_and_back(&plain(raw(&data)));
    assert!(text.ends_with(&format!(",\"data\":{data}}}")));
}

#[test]
fn deep_attributes_stay_readable() {
    let nested = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    let attributes =
        Attributes::new().with("kept", nested(ATTRIBUTE_DEPTH_MAX)).with("as text", nested(200));
    let context = context(&Entity::new("case", "t1"), &attributes);
    let envelope = Envelope::new(head(EventType::from_static("raw.x"), context), raw("1"));
    let again = received(&there_and_back(&envelope)).envelope;
    assert_eq!(again.attributes().text("as text"), Some(&*nested(200).to_string()));
}

#[test]
fn the_line_is_a_cloud_event_without_an_empty_subject() {
    let entity = Entity::new("case", "");
    let head = head(EventType::from_static("raw.x"), context(&entity, &Attributes::new()));
    let text = there_and_back(&Envelope::new(head, raw("1")));
    let event: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(event.get("subject"), None);
    for name in ["specversion", "id", "source", "type"] {
        assert!(event[name].as_str().is_some_and(|value| !value.is_empty()), "{name}");
    }
    assert_eq!(event["sequence"], "00000000000000000009");
    assert_eq!(event["lane"], 3);
}

#[test]
fn the_bus_of_the_id_and_busid_are_one_in_any_case() {
    let text = line(&plain(raw("1")));
    let bus = "00000000-0000-0000-0000-000000000005";
    let (capital, other) = (bus.replace('5', "F"), bus.replace('5', "f"));
    assert_eq!(text.matches(bus).count(), 2, "{text}");
    let mixed = text.replacen(bus, &capital, 1).replace(bus, &other);
    assert!(read_event(&mixed).is_ok(), "{mixed}");
    let lies = text.replacen(bus, &other, 1);
    let fault = read_event(&lies).expect_err("two buses").to_string();
    assert!(fault.contains("`busid`") && fault.contains("disagrees"), "{fault}");
}

fn texts() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        any::<char>(),
        prop::sample::select(vec![
            '\0', '\u{1b}', '\n', '"', '\\', '/', '%', '\u{2028}', '😀', 'a'
        ]),
    ];
    prop::collection::vec(character, 0..12).prop_map(String::from_iter)
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        texts().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(texts(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_anywhere_goes_there_and_back(
        run in texts(),
        node in texts(),
        pairs in prop::collection::vec((texts(), texts()), 1..4),
        attributes in prop::collection::vec((texts(), values()), 0..4),
        data in values(),
        position in any::<Option<u64>>(),
    ) {
        let entity = Entity::from_path(pairs).expect("at least one pair");
        let context = Context::new(
            run.as_str().into(),
            node.as_str().into(),
            entity,
            attributes.into_iter().collect(),
        );
        let payload = RawPayload::new(RawJson::from(data));
        let envelope = Envelope::new(head(EventType::from_static("raw.x"), context), payload);
        let text = there_and_back(&envelope);
        prop_assert_eq!(text.lines().count(), 1);
        let mut placed = String::new();
        write_event(&envelope, position, &mut placed).expect("raw");
        prop_assert_eq!(read_event(&placed).expect("its own line").position, position);
    }

    #[test]
    fn a_typed_event_and_its_line_have_one_content_id(name in texts(), seconds in any::<f64>()) {
        prop_assume!(seconds.is_finite());
        let typed = envelope(done(&name, seconds), &Entity::new("case", &name));
        let received = received(&line(&typed));
        let id = *typed.content_id().as_ref().expect("finite");
        prop_assert_eq!(received.recorded_content_id(), Some(id));
        prop_assert_eq!(received.recomputed_content_id(), Ok(id));
        prop_assert_eq!(received.envelope.data(), typed.data());
    }

    #[test]
    fn no_text_makes_the_reader_panic(noise in "[\\[\\]{}\",:0-9eE+.ntfrualsd\\\\ -]{0,60}") {
        let text = line(&plain(raw("1")));
        let cut = text.len().min(noise.len() * 7);
        if let Some(start) = text.get(..cut) {
            let _outcome = read_event(&format!("{start}{noise}"));
        }
        let _outcome = read_event(&noise);
    }
}
