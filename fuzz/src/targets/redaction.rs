//! Redaction against an oracle on values: what is named is gone, and nothing else is.
//!
//! The first line has paths, separated by blanks; what follows is the data.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tidings_core::json::canonicalize;
use tidings_core::{
    Attributes, BusId, Context, Entity, Envelope, EventId, EventType, Head, Lane, RawJson,
    RawPayload, Timestamp,
};
use tidings_delivery::{REDACTED, Redaction};

pub(crate) fn run(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    let (paths, json) = text.split_once('\n').unwrap_or((text, "null"));
    let paths: Vec<&str> = paths.split(' ').filter(|path| !path.is_empty()).collect();
    let (Ok(redaction), Ok(json)) = (Redaction::parse(&paths), RawJson::parse(json)) else {
        return;
    };
    let before = envelope(json.clone());
    let after = redaction.apply(&before);
    let raw = after.payload().as_raw().expect("a raw payload stays one").data().clone();
    assert!(RawJson::parse(raw.as_str()).is_ok(), "{}", raw.as_str());
    let again = redaction.apply(&after);
    assert_eq!(again.payload().as_raw().expect("still raw").data(), &raw);
    if canonicalize(json.as_str()).is_err() {
        return;
    }
    let Ok(mut expected) = serde_json::from_str::<Value>(json.as_str()) else { return };
    for path in paths {
        let mut keys = path.split('.');
        if keys.next() == Some("data") {
            blank(&mut expected, &keys.collect::<Vec<_>>());
        }
    }
    let found: Value = serde_json::from_str(raw.as_str()).expect("JSON, as before");
    assert_eq!(found, expected, "{text}");
}

fn blank(value: &mut Value, keys: &[&str]) {
    let Some((key, deeper)) = keys.split_first() else {
        *value = Value::String(REDACTED.to_owned());
        return;
    };
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                if *key == "*" || name == key {
                    blank(member, deeper);
                }
            }
        }
        Value::Array(list) => {
            for (index, element) in list.iter_mut().enumerate() {
                if *key == "*" || index.to_string() == *key {
                    blank(element, deeper);
                }
            }
        }
        _ => {}
    }
}

fn envelope(data: RawJson) -> Arc<Envelope> {
    let context = Context::new("r".into(), "n".into(), Entity::new("case", "t"), Attributes::new());
    let id = EventId::new(BusId::from_u128(5), Lane::new(0), 0);
    let event_type = EventType::from_static("case.noted");
    let head =
        Head::new(id, event_type, Arc::new(context), Timestamp::from_nanos(0), Duration::ZERO);
    Arc::new(Envelope::new(head, RawPayload::new(data)))
}
