//! What the encoder writes, byte for byte.

use std::sync::Arc;
use std::time::Duration;

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use tidings_core::{
    Attributes, BusId, Context, Entity, Envelope, EventId, EventType, Head, Lane, Outcome, RawJson,
    RawPayload, Role, Timestamp, wire,
};

use super::{Encoder, Labels};

fn labels() -> Labels {
    Labels { host: None, source: None, sourcetype: "tidings:event".to_owned(), index: None }
}

fn context(entity: Entity, attributes: Attributes) -> Arc<Context> {
    Arc::new(Context::new("run-7".into(), "lab-3".into(), entity, attributes))
}

fn case() -> Entity {
    Entity::new("suite", "a").child("case", "t1")
}

fn head(name: &str, context: &Arc<Context>) -> Head {
    Head::new(
        EventId::new(BusId::from_u128(7), Lane::new(2), 41),
        EventType::foreign(name).expect("a type"),
        Arc::clone(context),
        Timestamp::from_nanos(1_795_230_202_119_948_123),
        Duration::from_millis(5),
    )
}

fn raw(data: &str) -> RawPayload {
    RawPayload::new(RawJson::parse(data).expect("JSON"))
}

fn event(name: &str, context: &Arc<Context>, data: &str) -> Envelope<RawPayload> {
    Envelope::new(head(name, context), raw(data))
}

fn encoded(labels: Labels, envelope: &Envelope) -> String {
    let mut out = Vec::new();
    Encoder::new(labels).encode(envelope, 12, &mut out).expect("it has a form");
    String::from_utf8(out).expect("JSON is UTF-8")
}

fn check(labels: Labels, envelope: &Envelope, expected: &Expect) {
    let json = encoded(labels, envelope);
    let _: Value = serde_json::from_str(&json).expect("JSON");
    // One member of the outer object a line reads better.
    let lines = [",\"source", ",\"index", ",\"event", ",\"entity\"", ",\"attributes", ",\"fields"];
    let text = lines.iter().fold(json, |text, at| text.replace(at, &format!("\n{at}")));
    expected.assert_eq(&text);
}

#[test]
fn an_event_is_one_envelope_of_the_collector() {
    let context = context(case(), Attributes::new().with("application", "MyApp"));
    let envelope = event("quick_test.started", &context, r#"{"n":1,"test_name":"t1"}"#);
    check(
        labels(),
        &envelope,
        &expect![[r#"
        {"time":1795230202.119948123,"host":"lab-3"
        ,"source":"/run-7/lab-3/suite/a/case/t1"
        ,"sourcetype":"tidings:event"
        ,"event":{"type":"quick_test.started","id":"00000000-0000-0000-0000-000000000007.2.41","contentid":"82365b16-7358-852f-a62d-b60e7925c167","position":12,"run":"run-7","node":"lab-3"
        ,"entity":{"suite":"a","case":"t1"}
        ,"attributes":{"application":"MyApp"},"data":{"n":1,"test_name":"t1"}}
        ,"fields":{"type":"quick_test.started","run":"run-7","node":"lab-3"}}"#]],
    );
}

#[test]
fn what_is_configured_stands_where_the_events_own_would() {
    let labels = Labels {
        host: Some("h\"1".to_owned()),
        source: Some("nightly".to_owned()),
        sourcetype: "_json".to_owned(),
        index: Some("tests".to_owned()),
    };
    let context = context(case(), Attributes::new());
    check(
        labels,
        &event("a.b", &context, "null"),
        &expect![[r#"
        {"time":1795230202.119948123,"host":"h\"1"
        ,"source":"nightly"
        ,"sourcetype":"_json"
        ,"index":"tests"
        ,"event":{"type":"a.b","id":"00000000-0000-0000-0000-000000000007.2.41","contentid":"21a4f0b3-06de-8220-9d4e-8556b40a0287","position":12,"run":"run-7","node":"lab-3"
        ,"entity":{"suite":"a","case":"t1"}
        ,"attributes":{},"data":null}
        ,"fields":{"type":"a.b","run":"run-7","node":"lab-3"}}"#]],
    );
}

#[test]
fn an_event_may_name_its_index_by_an_attribute() {
    let labels = || Labels { index: Some("tests".to_owned()), ..labels() };
    let index = |value: Value| {
        let attributes = Attributes::new().with("splunk.index", value);
        let json = encoded(labels(), &event("a.b", &context(case(), attributes), "1"));
        serde_json::from_str::<Value>(&json).expect("JSON")["index"].clone()
    };
    assert_eq!(index(json!("theirs")), "theirs");
    assert_eq!(index(json!("")), "tests");
    assert_eq!(index(json!(5)), "tests");
}

#[test]
fn role_and_cause_are_told_where_there_are_any() {
    let context = context(case(), Attributes::new());
    let cause = EventId::new(BusId::from_u128(9), Lane::new(0), 3);
    let payload = raw("{}").with_role(Role::End(Outcome::Failure));
    let envelope = Envelope::new(head("a.b", &context).with_cause(Some(cause)), payload);
    check(
        labels(),
        &envelope,
        &expect![[r#"
        {"time":1795230202.119948123,"host":"lab-3"
        ,"source":"/run-7/lab-3/suite/a/case/t1"
        ,"sourcetype":"tidings:event"
        ,"event":{"type":"a.b","id":"00000000-0000-0000-0000-000000000007.2.41","contentid":"b1222eae-ee40-8976-9c7a-b48fb2a54c49","position":12,"run":"run-7","node":"lab-3"
        ,"entity":{"suite":"a","case":"t1"}
        ,"attributes":{},"role":"end:failure","causedby":"00000000-0000-0000-0000-000000000009.0.3","data":{}}
        ,"fields":{"type":"a.b","run":"run-7","node":"lab-3"}}"#]],
    );
}

#[test]
fn kinds_that_repeat_lose_neither_an_id_nor_their_order() {
    let entity = Entity::new("group", "g1").child("case", "x").child("group", "g2");
    let entity = entity.child("group", "g\n3");
    let json = encoded(labels(), &event("a.b", &context(entity.clone(), Attributes::new()), "{}"));
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let expected = json!({ "group": ["g1", "g2", "g\n3"], "case": "x" });
    assert_eq!(json["event"]["entity"], expected);
    assert_eq!(json["event"]["entitypath"].to_string(), entity.canonical_json());
}

#[test]
fn hostile_texts_stay_inside_their_strings() {
    let controls: String = (0..0x20_u8).chain([0x7f]).map(char::from).collect();
    let hostile = format!("\"}}{{\\{controls}ü\u{2028}😀");
    let entity = Entity::new(&hostile, &hostile).child("..", "a/b");
    let attributes = Attributes::new().with(&hostile, hostile.as_str());
    let context = Arc::new(Context::new((*hostile).into(), (*hostile).into(), entity, attributes));
    let data = json!({ &hostile: [&hostile] }).to_string();
    let json = encoded(labels(), &event("Ev\"il.Type\\", &context, &data));
    assert!(json.bytes().all(|byte| byte >= 0x20), "no control character is left: {json:?}");
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["host"], *hostile);
    assert_eq!(json["event"]["type"], "Ev\"il.Type\\");
    assert_eq!(json["fields"]["type"], "Ev\"il.Type\\");
    assert_eq!(json["fields"]["run"], *hostile);
    assert_eq!(json["event"]["entity"], json!({ &hostile: hostile, "..": "a/b" }));
    assert_eq!(json["event"]["attributes"], json!({ &hostile: hostile }));
    assert_eq!(json["event"]["data"], json!({ &hostile: [&hostile] }));
}

#[test]
fn numbers_keep_all_their_digits() {
    let data = r#"{"f":1.50,"i":18446744073709551616123,"e":-1E+400,"z":-0.0}"#;
    let json = encoded(labels(), &event("a.b", &context(case(), Attributes::new()), data));
    assert!(json.contains(&format!("\"data\":{data}}}")), "{json}");
    let attributes = Attributes::new().with("seed", u64::MAX).with("ratio", 0.1);
    let json = encoded(labels(), &event("a.b", &context(case(), attributes), "{}"));
    assert!(json.contains(r#""attributes":{"ratio":0.1,"seed":18446744073709551615}"#), "{json}");
}

#[test]
fn the_source_is_that_of_the_cloud_event() {
    let entity = Entity::new("suite", "a/b ü").child("case", "..").child("k", ".x.").child("", "");
    let context =
        Arc::new(Context::new("run \"7\"".into(), "me@host".into(), entity, Attributes::new()));
    let envelope = event("a.b", &context, "{}");
    let (mut line, erased): (_, &Envelope) = (String::new(), &envelope);
    wire::write_event(erased, None, &mut line).expect("it has a form");
    let line: Value = serde_json::from_str(&line).expect("JSON");
    let json: Value = serde_json::from_str(&encoded(labels(), &envelope)).expect("JSON");
    assert_eq!(json["source"], line["source"]);
    assert_eq!(json["event"]["id"], line["id"]);
    assert_eq!(json["event"]["contentid"], line["contentid"]);
}

#[test]
fn data_without_a_canonical_form_goes_without_a_content_id() {
    let context = context(case(), Attributes::new());
    let json = encoded(labels(), &event("a.b", &context, r#"{"a":1,"a":2}"#));
    assert!(json.contains(r#""data":{"a":1,"a":2}"#), "{json}");
    assert!(!json.contains("contentid"), "{json}");
}

#[test]
fn fields_are_flat_texts() {
    let attributes = Attributes::new().with("nested", json!({ "a": [1] }));
    let json = encoded(labels(), &event("a.b", &context(case(), attributes), "{}"));
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["fields"], json!({ "type": "a.b", "run": "run-7", "node": "lab-3" }));
}

#[test]
fn what_is_remembered_of_a_context_never_reaches_another() {
    let mut encoder = Encoder::new(labels());
    let mut contexts = Vec::new();
    for number in 0..200 {
        // Equal last bytes and lengths share a place in memory.
        let entity = Entity::new("suite", &format!("{number:03}")).child("case", "the same end");
        let of = |run: &str, node: &str, attributes: &Attributes| {
            Arc::new(Context::new(run.into(), node.into(), entity.clone(), attributes.clone()))
        };
        let (none, one) = (Attributes::new(), Attributes::new().with("a", number));
        // Neighbours differ in one thing only.
        contexts.extend([
            of("run-7", "lab-3", &none),
            of("run-8", "lab-3", &none),
            of("run-8", "lab-4", &none),
            of("run-8", "lab-4", &one),
            of("run-8", "lab-4", &one.clone().with("b", 1)),
            of("run-8", "lab-4", &one.with("a", number + 1)),
        ]);
    }
    for context in contexts.iter().chain(contexts.iter().rev()) {
        let envelope = event("a.b", context, "{}");
        let mut out = Vec::new();
        encoder.encode(&envelope, 12, &mut out).expect("it has a form");
        assert_eq!(String::from_utf8(out).expect("UTF-8"), encoded(labels(), &envelope));
    }
}

#[test]
fn envelopes_stand_one_after_the_other_and_what_was_there_stays() {
    let context = context(case(), Attributes::new());
    let (mut encoder, mut out) = (Encoder::new(labels()), b"before".to_vec());
    encoder.encode(&event("a.b", &context, "{}"), 0, &mut out).expect("it has a form");
    encoder.encode(&event("a.c", &context, "{}"), 1, &mut out).expect("it has a form");
    let text = String::from_utf8(out).expect("UTF-8");
    let json = text.strip_prefix("before").expect("it is still there");
    let stream = serde_json::Deserializer::from_str(json).into_iter::<Value>();
    let positions: Vec<_> =
        stream.map(|value| value.expect("JSON")["event"]["position"].clone()).collect();
    assert_eq!(positions, [json!(0), json!(1)]);
}
