//! Names and ids: what is read says itself again, and what is refused is so everywhere.

use std::fmt::Display;
use std::str::FromStr;

use tidings_core::{
    BusId, ContentId, EVENT_TYPE_BYTES_MAX, Entity, EventId, EventType, Role, Timestamp,
};

pub(crate) const WORDS: &[&str] = &[
    "tidings",
    "tidings.",
    ".",
    "a",
    "_",
    "0",
    "é",
    "\u{202e}",
    "\0",
    "01890a5d-ac96-774b-bcce-b302099a8057",
    ".0.0",
    ".4294967295.18446744073709551615",
    "5c146b14-3c52-8afd-938a-375d0df1fbf6",
    "+",
    "-",
    "T",
    "Z",
    "t",
    "z",
    "2026-11-21T08:49:30.123456789Z",
    "1969-12-31T23:59:59.999999999+23:59",
    "9999-12-31T23:59:60Z",
    "+00:00",
    "[[\"case\",\"t1\"]]",
    "[[\"a\",\"b\"],[\"c\",\"d\"]]",
    "[]",
    "end:success",
    "begin",
    "end:",
    "end",
];

pub(crate) fn run(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    event_types(text);
    reads_back::<BusId>(text);
    reads_back::<EventId>(text);
    reads_back::<ContentId>(text);
    reads_back::<Timestamp>(text);
    if let Ok(role) = text.parse::<Role>() {
        drop(format!("{role:?}"));
    }
    if let Ok(entity) = Entity::from_json(text) {
        assert_eq!(Entity::from_json(entity.canonical_json()).as_ref(), Ok(&entity));
        assert_eq!(entity.parent().map_or(1, |parent| parent.depth() + 1), entity.depth());
        let again = Entity::from_path(entity.pairs()).expect("as deep as it was");
        assert_eq!(again, entity);
    }
}

/// What is read prints as something that reads as the same.
fn reads_back<T: FromStr + Display + PartialEq + std::fmt::Debug>(text: &str) {
    let Ok(value) = text.parse::<T>() else { return };
    let printed = value.to_string();
    let again = printed.parse::<T>().unwrap_or_else(|_| panic!("{printed:?} of {text:?}"));
    assert_eq!(again, value, "{text:?}");
    assert_eq!(again.to_string(), printed);
}

fn event_types(text: &str) {
    let (own, foreign) = (EventType::parse(text), EventType::foreign(text));
    let is_plain = |segment: &str| {
        let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
        !segment.is_empty() && segment.bytes().all(fits)
    };
    let is_own = text.len() <= EVENT_TYPE_BYTES_MAX
        && text.split('.').all(is_plain)
        && text.split('.').next() != Some("tidings");
    assert_eq!(own.is_ok(), is_own, "{text:?}");
    assert!(own.is_err() || foreign.is_ok(), "{text:?}");
    if let Ok(foreign) = foreign {
        assert_eq!(foreign.as_str(), text);
        assert_eq!(foreign.segments().collect::<Vec<_>>().join("."), text);
        let json = serde_json::to_string(&foreign).expect("a text");
        assert_eq!(serde_json::from_str::<EventType>(&json).expect("its own form"), foreign);
        assert_eq!(
            text.chars().find(|&c| super::console::is_dangerous(c)
                && !matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}')),
            None
        );
    }
}
