//! Texts for a terminal: cut, on one line, without control characters.

use std::fmt::Write;

use tidings_core::Envelope;

/// The most characters of one value that are shown.
const VALUE_CHARS_MAX: usize = 120;
/// The most characters of one event that are shown.
const EVENT_CHARS_MAX: usize = 160;

/// A value's Debug text, fit to be shown.
pub(crate) fn value(debug: &str) -> String {
    cut(&escaped(debug), VALUE_CHARS_MAX)
}

/// The text with what would move a cursor or reorder a line written out.
pub(crate) fn escaped(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unprintable(character) {
            clean.extend(character.escape_default());
        } else {
            clean.push(character);
        }
    }
    clean
}

fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// The first `limit` characters; a cut text says so.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    if text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(limit.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// `#3 quick_test.done case/t1 { seconds: 3 }`; the entity only where asked for.
pub(crate) fn event(number: usize, envelope: &Envelope, with_entity: bool) -> String {
    let mut text = format!("#{number} {}", escaped(envelope.event_type().as_str()));
    if with_entity {
        let entity = escaped(&envelope.entity().to_string());
        write!(text, " {entity}").expect("writing to a String cannot fail");
    }
    text.push_str(&content(envelope));
    cut(&text, EVENT_CHARS_MAX)
}

fn content(envelope: &Envelope) -> String {
    let mut fields = String::new();
    envelope.payload().fields(&mut |name, field| {
        if !fields.is_empty() {
            fields.push_str(", ");
        }
        let shown = value(&format!("{field:?}"));
        write!(fields, "{}: {shown}", escaped(name)).expect("writing to a String cannot fail");
    });
    if !fields.is_empty() {
        return format!(" {{ {fields} }}");
    }
    match envelope.payload().as_raw().map(|raw| raw.data().as_str()) {
        None | Some("{}" | "null") => String::new(),
        Some(json) => format!(" {}", value(json)),
    }
}

/// `1 event`, `3 events`.
pub(crate) fn counted(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_a_cursor_gets_through() {
        assert_eq!(escaped("a\u{1b}[2Jb\nc\u{202e}d"), "a\\u{1b}[2Jb\\nc\\u{202e}d");
        assert_eq!(escaped("Größe ✓"), "Größe ✓");
    }

    #[test]
    fn a_cut_text_is_no_longer_than_its_limit_and_says_so() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 3), "äö…");
    }
}
