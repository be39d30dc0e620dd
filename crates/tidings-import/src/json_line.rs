//! Lines of JSON as real streams have them: behind a prompt or a byte order mark, coloured by
//! a wrapper, with the output of a test glued to them.
//!
//! An object is taken out of such a line only if all behind its beginning is JSON of the
//! format, or if the line begins with it: what merely quotes JSON stays text.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::{Deserializer, Map, Value};

/// How many braces of a line are tried as the beginning of JSON.
const BEGINNINGS_MAX: usize = 16;

/// A JSON object.
pub(crate) type Object = Map<String, Value>;

/// What a line is.
#[derive(Debug)]
pub(crate) enum JsonLine {
    /// Objects of the format, and the text that stands around them.
    Ours { before: String, objects: Vec<Object>, after: String },
    /// Nothing of the format.
    Foreign,
    /// Of the format, and broken: what the parser says.
    Broken(String),
}

/// How a format is recognised.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recognise {
    /// Whether an object is of the format.
    pub(crate) is_ours: fn(&Object) -> bool,
    /// Whether a text that is no JSON was to be an object of the format.
    pub(crate) was_ours: fn(&str) -> bool,
}

impl JsonLine {
    /// Reads a line.
    pub(crate) fn read(text: &str, by: Recognise) -> Self {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if !text.contains('{') {
            return Self::Foreign;
        }
        if let Some(ours) = taken_out(text, by) {
            return ours;
        }
        let plain = without_escapes(text);
        let plain = plain.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if plain != text
            && let Some(ours) = taken_out(plain, by)
        {
            return ours;
        }
        match serde_json::from_str::<Value>(plain) {
            Err(fault) if plain.starts_with('{') && (by.was_ours)(plain) => {
                Self::Broken(fault.to_string())
            }
            _ => Self::Foreign,
        }
    }
}

/// The objects of a line, if it has any that can be told from quoted ones.
fn taken_out(text: &str, by: Recognise) -> Option<JsonLine> {
    let beginnings = text.match_indices('{').map(|(at, _)| at).take(BEGINNINGS_MAX);
    for at in beginnings {
        let (before, rest) = text.split_at(at);
        let (objects, after) = objects_of(rest, by);
        if !objects.is_empty() && (at == 0 || after.trim().is_empty()) {
            let after = after.trim_end().to_owned();
            return Some(JsonLine::Ours { before: before.to_owned(), objects, after });
        }
        // A whole value of something else is not searched for what it quotes.
        if at == 0 && serde_json::from_str::<Value>(text).is_ok() {
            return None;
        }
    }
    None
}

/// The objects of the format that a text begins with, and what follows them.
fn objects_of(text: &str, by: Recognise) -> (Vec<Object>, &str) {
    let mut objects = Vec::new();
    let mut end = 0;
    let mut values = Deserializer::from_str(text).into_iter::<Object>();
    while let Some(Ok(object)) = values.next() {
        if !(by.is_ours)(&object) {
            break;
        }
        objects.push(object);
        end = values.byte_offset();
    }
    (objects, &text[end..])
}

/// A text without terminal escape sequences and other control characters.
pub(crate) fn without_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains(|c: char| c.is_control() && c != '\t' && c != '\n') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_escape(&mut chars),
            '\t' | '\n' => out.push(c),
            _ if c.is_control() => {}
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Passes over what follows an escape character: CSI, OSC, or one character.
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.next() {
        Some('[') => while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
        Some(']') => {
            while let Some(c) = chars.next() {
                if c == '\u{7}' {
                    break;
                }
                if c == '\u{1b}' {
                    chars.next();
                    break;
                }
            }
        }
        _ => {}
    }
}

/// A text field.
pub(crate) fn text_of<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

/// A count, as a number or as text.
pub(crate) fn count_of(object: &Object, name: &str) -> Option<u64> {
    match object.get(name)? {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_u64(),
    }
}

/// A duration in seconds, as a number or as text with or without its unit; what is negative,
/// out of range or no number is none.
pub(crate) fn seconds_of(object: &Object, name: &str) -> Option<Duration> {
    let seconds = match object.get(name)? {
        Value::String(text) => text.trim().trim_end_matches('s').trim().parse().ok()?,
        value => value.as_f64()?,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

/// The beginning of a text, at most this many bytes.
pub(crate) fn beginning(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY: Recognise = Recognise {
        is_ours: |object| object.contains_key("type"),
        was_ours: |text| text.contains("\"type\""),
    };

    fn read(text: &str) -> String {
        match JsonLine::read(text, BY) {
            JsonLine::Ours { before, objects, after } => {
                format!("{before}|{}|{after}", objects.len())
            }
            JsonLine::Foreign => "foreign".to_owned(),
            JsonLine::Broken(_) => "broken".to_owned(),
        }
    }

    #[test]
    fn an_object_is_found_in_what_surrounds_it() {
        for (line, expected) in [
            (r#"{"type":1}"#, "|1|"),
            (" { \"type\": 1 }\r", "|1|"),
            ("\u{feff}{\"type\":1}", "|1|"),
            (r#"{"type":1}{"type":2}"#, "|2|"),
            (r#"$ {"type":1}"#, "$ |1|"),
            (r#"a {b} {"type":1}"#, "a {b} |1|"),
            (r#"{"type":1}tail"#, "|1|tail"),
            ("\u{1b}[32m{\"type\":1}\u{1b}[0m", "|1|"),
            ("{\u{1b}[1m\"type\"\u{1b}[0m:\"a\u{1b}]0;t\u{7}b\"}", "|1|"),
        ] {
            assert_eq!(read(line), expected, "{line}");
        }
    }

    #[test]
    fn what_only_quotes_an_object_stays_text() {
        for line in [
            "plain",
            r#"got {"type":1} as expected"#,
            r#"{"other":{"type":1}}"#,
            r#"["{\"type\":1}"]"#,
            "{ not json }",
            "",
        ] {
            assert_eq!(read(line), "foreign", "{line}");
        }
    }

    #[test]
    fn an_object_that_was_cut_is_broken() {
        assert_eq!(read(r#"{"type":"test","na"#), "broken");
        assert_eq!(read(r#"{"ty"#), "foreign");
    }

    #[test]
    fn a_duration_is_a_number_or_text_and_never_negative() {
        let read = |text: &str| {
            let object: Object = serde_json::from_str(&format!("{{\"t\":{text}}}")).expect("JSON");
            seconds_of(&object, "t")
        };
        assert_eq!(read("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(read("\"0.5s\""), Some(Duration::from_millis(500)));
        assert_eq!(read("0"), Some(Duration::ZERO));
        for text in ["-1", "\"NaN\"", "null", "1e300", "\"\"", "[]", "\"inf\""] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
