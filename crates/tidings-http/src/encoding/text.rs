//! JSON texts and values, appended to a string.

use serde_json::Value;
use tidings_core::Attributes;

/// Appends a JSON string.
pub(crate) fn push_text(out: &mut String, text: &str) {
    if text.bytes().any(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\')) {
        out.push_str(&Value::from(text).to_string());
    } else {
        out.push('"');
        out.push_str(text);
        out.push('"');
    }
}

/// Appends any JSON value.
pub(crate) fn push_value(out: &mut String, value: &Value) {
    match value {
        Value::String(text) => push_text(out, text),
        other => out.push_str(&other.to_string()),
    }
}

/// Appends `"name":value`, behind a comma unless it is the first member of its object.
pub(crate) fn push_member(out: &mut String, name: &str, value: &Value) {
    push_name(out, name);
    push_value(out, value);
}

/// Appends `"name":`, behind a comma unless it is the first member of its object.
pub(crate) fn push_name(out: &mut String, name: &str) {
    if !out.ends_with('{') {
        out.push(',');
    }
    push_text(out, name);
    out.push(':');
}

/// Appends attributes as one object.
pub(crate) fn push_attributes(out: &mut String, attributes: &Attributes) {
    out.push('{');
    for (name, value) in attributes.iter() {
        push_member(out, name, value);
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_escaped_where_json_demands_it() {
        let mut out = String::new();
        for text in ["plain ä", "a\"b\\c\n\u{1}"] {
            push_text(&mut out, text);
        }
        assert_eq!(out, r#""plain ä""a\"b\\c\n\u0001""#);
    }

    #[test]
    fn attributes_read_back() {
        let attributes = Attributes::new().with("a\"b", "c").with("n", 1.5).with("l", json!([1]));
        let mut out = String::new();
        push_attributes(&mut out, &attributes);
        let read: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(read, json!({"a\"b": "c", "n": 1.5, "l": [1]}));
    }
}
