//! What an event says in words: why something failed, and its fields on one line.
//!
//! Both read the JSON of the event, so that they come out the same live and replayed. An
//! event without a JSON form is shown by its `Debug` text. Nothing is escaped here but by
//! [`fields_line`]; the renderer escapes what the tree keeps.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde_json::Value;
use serde_json::value::RawValue;
use tidings_core::Envelope;

use crate::escape::escape;

/// The most bytes that are kept of a failure's text.
pub const TEXT_BYTES_MAX: usize = 4_096;

/// Names of fields that say what went wrong, the plainest first.
const REASON_NAMES: [&str; 10] = [
    "error_message",
    "message",
    "reason",
    "error",
    "failure",
    "cause",
    "panic",
    "details",
    "detail",
    "stderr",
];

/// How deep a reason may be nested: `failure.cause.message`.
const REASON_DEPTH_MAX: usize = 3;

/// Why something failed or was skipped, from the event that says so; empty when it does
/// not say.
pub(crate) fn reason_of(envelope: &Envelope) -> String {
    let text = match envelope.data() {
        Ok(data) => serde_json::from_str(data).ok().and_then(|data: Value| reason_in(&data)),
        Err(_) => Some(debug_fields(envelope)),
    };
    cut_bytes(text.unwrap_or_default())
}

fn reason_in(data: &Value) -> Option<String> {
    if let Value::String(text) = data {
        return Some(text.clone());
    }
    named_reason(data, REASON_DEPTH_MAX).or_else(|| {
        let texts: Vec<String> = data
            .as_object()?
            .iter()
            .filter_map(|(name, value)| Some(format!("{name}: {}", value.as_str()?)))
            .collect();
        Some(texts.join("\n"))
    })
}

/// The first text under a name that tells of an error, the plainest name first.
fn named_reason(data: &Value, depth: usize) -> Option<String> {
    let object = match data {
        Value::Object(object) => object,
        Value::Array(list) => return named_reason(list.first()?, depth.checked_sub(1)?),
        _ => return None,
    };
    let plain = REASON_NAMES.iter().filter_map(|name| object.get(*name));
    let similar = object.iter().filter(|(name, _)| is_similar(name)).map(|(_, value)| value);
    plain.chain(similar).find_map(|value| match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::String(_) => None,
        nested => named_reason(nested, depth.checked_sub(1)?),
    })
}

fn is_similar(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let tells = ["message", "reason", "error", "failure"].iter().any(|part| name.contains(part));
    let classifies = ["type", "kind", "code", "class"].iter().any(|part| name.ends_with(part));
    tells && !classifies
}

/// At most [`TEXT_BYTES_MAX`], with a mark where it was cut.
pub(crate) fn cut_bytes(mut text: String) -> String {
    if text.len() > TEXT_BYTES_MAX {
        text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
        text.push('…');
    }
    text
}

/// The fields of an event as `name=value`, sorted by name and escaped; strings without
/// spaces stand bare.
pub(crate) fn fields_line(envelope: &Envelope) -> String {
    let Ok(data) = envelope.data() else {
        return escape(&debug_fields(envelope).replace('\n', " ")).into_owned();
    };
    let Ok(fields) = serde_json::from_str::<BTreeMap<String, &RawValue>>(data) else {
        let only = if data == "null" { "" } else { data };
        return one_line(only);
    };
    let shown: Vec<String> = fields
        .into_iter()
        .map(|(name, value)| format!("{}={}", escape(&name), shown_value(value.get())))
        .collect();
    shown.join(" ")
}

fn shown_value(json: &str) -> String {
    let bare = serde_json::from_str::<String>(json).ok().filter(|text| {
        let plain = |c: char| c.is_alphanumeric() || "_-./:+@%".contains(c);
        !text.is_empty() && text.chars().all(plain)
    });
    bare.unwrap_or_else(|| one_line(json))
}

fn one_line(json: &str) -> String {
    crate::escape::escape_json(json).into_owned()
}

fn debug_fields(envelope: &Envelope) -> String {
    let mut fields = Vec::new();
    let mut visit = |name: &str, value: &dyn fmt::Debug| {
        let mut text = Bounded(format!("{name}: "));
        if write!(text, "{value:?}").is_err() {
            text.0.push('…');
        }
        fields.push(text.0);
    };
    envelope.payload().fields(&mut visit);
    fields.join("\n")
}

/// Takes [`TEXT_BYTES_MAX`] bytes and then refuses: a value that nests without end is left
/// there, long before the stack is full.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = TEXT_BYTES_MAX.saturating_sub(self.0.len());
        self.0.push_str(&text[..text.floor_char_boundary(room)]);
        if text.len() > room { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixture::Script;

    fn reason(data: Value) -> String {
        reason_of(&Script::new().raw("case/t1", "case.failed", data))
    }

    #[test]
    fn the_plainest_name_says_why() {
        assert_eq!(reason(json!({"error_type": "E", "error_message": "boom"})), "boom");
        assert_eq!(reason(json!({"a": "x", "reason": "no network"})), "no network");
        assert_eq!(reason(json!({"lastErrorText": "late"})), "late");
        assert_eq!(
            reason(json!({"failure": {"kind": "assertion", "message": "1 != 2"}})),
            "1 != 2"
        );
        assert_eq!(reason(json!({"failures": [{"message": "first"}, {}]})), "first");
    }

    #[test]
    fn without_such_a_name_every_text_counts() {
        assert_eq!(reason(json!({"b": "two", "a": "one", "n": 3})), "a: one\nb: two");
        assert_eq!(reason(json!("plain")), "plain");
        assert_eq!(reason(json!({"n": 3})), "");
        assert_eq!(reason(Value::Null), "");
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let text = reason(json!({"message": "ü".repeat(TEXT_BYTES_MAX)}));
        assert!(text.len() <= TEXT_BYTES_MAX + '…'.len_utf8());
        assert!(text.ends_with("ü…"));
    }

    #[test]
    fn fields_stand_on_one_line() {
        let line = |data| fields_line(&Script::new().raw("case/t1", "case.failed", data));
        assert_eq!(
            line(json!({"name": "t1", "text": "two words\n", "n": 1.5, "list": [1, "a b"]})),
            r#"list=[1,"a b"] n=1.5 name=t1 text="two words\n""#
        );
        assert_eq!(line(json!({"esc": "\u{1b}[31m\u{9b}"})), r#"esc="\u001b[31m\u009b""#);
        assert_eq!(line(json!({"": ""})), r#"="""#);
        assert_eq!(line(Value::Null), "");
        assert_eq!(line(json!([1, 2])), "[1,2]");
    }
}
