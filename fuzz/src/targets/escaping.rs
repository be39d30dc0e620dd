//! Escaping, and the texts of errors, which show what they refuse.

use tidings_console::escape;
use tidings_core::json::canonicalize;
use tidings_core::wire::read_event;
use tidings_core::{Entity, EventType, Prefix, RawJson};
use tidings_delivery::Redaction;
use tidings_import::Format;

use super::console::is_dangerous;

pub(crate) fn run(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    let safe = escape(text);
    check(&safe);
    assert_eq!(escape(&safe), safe, "what is safe stays as it is");
    if !text.contains(is_dangerous) {
        assert_eq!(safe, text);
    }
    let errors = [
        EventType::parse(text).err().map(|fault| fault.to_string()),
        EventType::foreign(text).err().map(|fault| fault.to_string()),
        Prefix::parse(text).err().map(|fault| fault.to_string()),
        text.parse::<Format>().err().map(|fault| fault.to_string()),
        Redaction::parse([text]).err().map(|fault| fault.to_string()),
        canonicalize(text).err().map(|fault| escape(&fault.to_string()).into_owned()),
        RawJson::parse(text).err().map(|fault| fault.to_string()),
        read_event(text).err().map(|fault| escape(&fault.to_string()).into_owned()),
    ];
    for shown in errors.iter().flatten() {
        check(shown);
        assert!(shown.len() < 4_096 + 8 * text.len(), "{} bytes", shown.len());
    }
    // An entity is shown where it is by whoever shows it.
    check(&escape(&Entity::new(text, text).to_string()));
}

fn check(shown: &str) {
    let raw = shown.chars().find(|&c| is_dangerous(c));
    assert_eq!(raw, None, "{shown:?}");
}
