//! What the encoders write, byte for byte, and what the Optics client wrote.

use std::sync::Arc;
use std::time::Duration;

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use tidings_core::{
    Attributes, BusId, Context, Entity, Envelope, EventId, EventType, Head, Lane, RawJson,
    RawPayload,
};

use super::{CloudEvents, Encoder, Json, Optics};

/// A body that the Python client of Optics has sent, without token and URL.
const RECORDED: &str = include_str!("../../tests/data/optics_recorded.json");

fn attributes() -> Attributes {
    Attributes::new()
        .with("applicationName", "MyApp")
        .with("appVersion", "1.0.0")
        .with("testCaseName", "test_login")
}

fn event(name: &str, time: &str, attributes: Attributes, data: &str) -> Arc<Envelope> {
    let entity = Entity::new("suite", "smoke").child("step", "1").child("step", "2");
    let head = Head::new(
        EventId::new(BusId::from_u128(7), Lane::new(2), 41),
        EventType::foreign(name).expect("a type"),
        Arc::new(Context::new("run-7".into(), "lab-3".into(), entity, attributes)),
        time.parse().expect("a time"),
        Duration::from_millis(5),
    );
    Arc::new(Envelope::new(head, RawPayload::new(RawJson::parse(data).expect("JSON"))))
}

fn encoded(encoder: &mut dyn Encoder, envelope: &Envelope) -> String {
    let mut out = "before".to_owned();
    encoder.encode(envelope, 12, &mut out).expect("it has a form");
    let text = out.strip_prefix("before").expect("what is there stays").to_owned();
    let _: Value = serde_json::from_str(&text).expect("JSON");
    text
}

fn check(encoder: &mut dyn Encoder, envelope: &Envelope, expected: &Expect) {
    expected.assert_eq(&encoded(encoder, envelope).replace(",\"", "\n,\""));
}

fn optics(name: &str, attributes: Attributes, data: &str) -> Value {
    let envelope = event(name, "2026-11-21T08:30:02Z", attributes, data);
    serde_json::from_str(&encoded(&mut Optics::new(), &envelope)).expect("JSON")
}

#[test]
fn json_is_a_plain_object() {
    let cause = EventId::new(BusId::from_u128(7), Lane::new(2), 40);
    let mut head = Head::new(
        EventId::new(BusId::from_u128(7), Lane::new(2), 41),
        EventType::foreign("quick_test.\"started\"").expect("a type"),
        Arc::new(Context::new(
            "run \"7\"".into(),
            "lab-3".into(),
            Entity::new("a", "b"),
            attributes(),
        )),
        "2026-11-21T08:30:02.5Z".parse().expect("a time"),
        Duration::ZERO,
    );
    head.caused_by = Some(Box::new(cause));
    let data = RawJson::parse(r#"{"n":1}"#).expect("JSON");
    check(
        &mut Json,
        &Envelope::new(head, RawPayload::new(data)),
        &expect![[r#"
        {"type":"quick_test.\"started\""
        ,"id":"00000000-0000-0000-0000-000000000007.2.41"
        ,"time":"2026-11-21T08:30:02.500000000Z"
        ,"position":12
        ,"contentid":"ed05ccb4-5e93-8535-a188-4401b8305815"
        ,"run":"run \"7\""
        ,"node":"lab-3"
        ,"entity":[["a"
        ,"b"]]
        ,"causedby":"00000000-0000-0000-0000-000000000007.2.40"
        ,"attributes":{"appVersion":"1.0.0"
        ,"applicationName":"MyApp"
        ,"testCaseName":"test_login"}
        ,"data":{"n":1}}"#]],
    );
}

#[test]
fn an_entity_in_json_keeps_a_kind_that_stands_in_it_twice() {
    let envelope = event("a.b", "2026-11-21T08:30:02Z", Attributes::new(), "[1, 2]");
    let json: Value = serde_json::from_str(&encoded(&mut Json, &envelope)).expect("JSON");
    assert_eq!(json["entity"], json!([["suite", "smoke"], ["step", "1"], ["step", "2"]]));
    assert_eq!((&json["data"], &json["attributes"]), (&json!([1, 2]), &json!({})));
    assert!(json.get("causedby").is_none());
}

#[test]
fn a_cloud_event_reads_back() {
    let envelope = event("a.b", "2026-11-21T08:30:02Z", attributes(), r#"{"n":1}"#);
    let text = encoded(&mut CloudEvents, &envelope);
    let read = tidings_core::wire::read_event(&text).expect("a CloudEvent");
    assert_eq!((read.envelope.id(), read.position), (envelope.id(), Some(12)));
    assert_eq!(read.envelope.attributes(), envelope.attributes());
}

#[test]
fn optics_gets_what_its_own_client_sends() {
    let recorded: Value = serde_json::from_str(RECORDED).expect("JSON");
    let mut encoder = Optics::new()
        .utc_offset("+05:30".parse().expect("an offset"))
        .static_attributes(Attributes::new().with("appVersion", "1.0.0"));
    let events = [
        event(
            "my_app.button_clicked",
            "2026-11-21T02:52:09.216158Z",
            attributes(),
            r#"{"button_id":"submit","screen":"login"}"#,
        ),
        event("my_app.next", "2026-11-21T02:52:09.216359Z", attributes(), r#"{"n":2}"#),
    ];
    let sent: Vec<Value> = events
        .iter()
        .map(|event| serde_json::from_str(&encoded(&mut encoder, event)).expect("JSON"))
        .collect();
    assert_eq!(Value::from(sent), recorded);
    // Field for field, in the same order.
    let compact: String = RECORDED.split_ascii_whitespace().collect();
    let written: Vec<String> = events.iter().map(|event| encoded(&mut encoder, event)).collect();
    assert_eq!(format!("[{}]", written.join(",")), compact);
}

#[test]
fn the_name_for_optics_is_the_type_without_its_namespace() {
    for (event_type, name) in [
        ("quick_test.started", "started"),
        ("test.case.finished", "case.finished"),
        ("started", "started"),
    ] {
        assert_eq!(optics(event_type, Attributes::new(), "{}")["eventName"], name);
    }
}

#[test]
fn data_that_is_no_object_stands_under_data_for_optics() {
    let date_time = "2026-11-21T08:30:02.000000+00:00";
    for (data, expected) in [
        ("[1]", json!({"data": [1], "dateTime": date_time})),
        ("\"x\"", json!({"data": "x", "dateTime": date_time})),
        ("null", json!({"dateTime": date_time})),
        (" { } ", json!({"dateTime": date_time})),
        ("{ \"a\" : {\"b\": 1} }", json!({"a": {"b": 1}, "dateTime": date_time})),
    ] {
        let event = optics("a.b", Attributes::new(), data);
        assert_eq!(event["eventAttributes"], expected, "{data}");
        assert_eq!(event["mozarkEventAttributes"], json!({}));
    }
}

#[test]
fn no_name_stands_twice_in_what_optics_gets() {
    let data = r#"{"a":1.50,"applicationName":"x","\u0064ateTime":"y","testCaseName":"z"}"#;
    let attributes = Attributes::new().with("applicationName", "MyApp");
    let envelope = event("a.b", "2026-11-21T08:30:02Z", attributes, data);
    check(
        &mut Optics::new(),
        &envelope,
        &expect![[r#"
        {"eventName":"b"
        ,"eventAttributes":{"a":1.50
        ,"testCaseName":"z"
        ,"dateTime":"2026-11-21T08:30:02.000000+00:00"
        ,"applicationName":"MyApp"}
        ,"mozarkEventAttributes":{"applicationName":"MyApp"}}"#]],
    );
}

#[test]
fn what_is_configured_for_optics_goes_before_the_attributes_of_the_event() {
    let own = Attributes::new().with("applicationName", "Static").with("device", 7);
    let envelope = event("a.b", "2026-11-21T08:30:02Z", attributes(), "{}");
    let text = encoded(&mut Optics::new().static_attributes(own), &envelope);
    let json: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(json["mozarkEventAttributes"], json!({"applicationName": "Static", "device": 7}));
    assert_eq!(json["eventAttributes"]["applicationName"], "MyApp");
}

#[test]
fn the_version_for_optics_has_two_names() {
    let both = Attributes::new().with("appVersion", "1").with("applicationVersion", "2");
    for (attributes, version) in
        [(Attributes::new().with("appVersion", "1"), json!("1")), (both, json!("2"))]
    {
        let event = optics("a.b", attributes, "{}");
        assert_eq!(event["eventAttributes"]["applicationVersion"], version);
    }
}

#[test]
fn attributes_that_were_named_for_optics_stand_behind_all_others_once() {
    let names = ["device", "n", "dateTime", "testCaseName", "device", "absent"];
    let mut optics = Optics::new().event_attributes(names).event_attributes(["a\"b"]);
    let own = Attributes::new()
        .with("a\"b", json!([1]))
        .with("device", "Pixel")
        .with("n", 7)
        .with("nobody", "asked")
        .with("testCaseName", "t");
    let data = r#"{"m":1,"device":"x","a\"b":2}"#;
    check(
        &mut optics,
        &event("a.b", "2026-11-21T08:30:02Z", own, data),
        &expect![[r#"
        {"eventName":"b"
        ,"eventAttributes":{"m":1
        ,"dateTime":"2026-11-21T08:30:02.000000+00:00"
        ,"testCaseName":"t"
        ,"device":"Pixel"
        ,"n":7
        ,"a\"b":[1]}
        ,"mozarkEventAttributes":{}}"#]],
    );
    // A field of the data stays where the event has no such attribute.
    let bare = event("a.b", "2026-11-21T08:30:02Z", Attributes::new(), data);
    let sent: Value = serde_json::from_str(&encoded(&mut optics, &bare)).expect("JSON");
    assert_eq!(sent["eventAttributes"]["device"], "x");
    // Its name is seen although it is escaped.
    let one = Attributes::new().with("a\"b", 1);
    let text = encoded(&mut optics, &event("a.b", "2026-11-21T08:30:02Z", one, r#"{"a\"b":2}"#));
    assert_eq!(text.matches(r#""a\"b":"#).count(), 1, "{text}");
}
