//! Text from events, made safe to show.
//!
//! Whatever comes out of an event (type, entity, field, attribute) passes through here
//! before it reaches a terminal, so that no payload can move the cursor, change colours,
//! end a line or turn the reading direction.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Shows every character that a terminal would act on by its escape: `\n`, `\t`,
/// `\u{1b}`, …
///
/// These are the control characters (C0, DEL, C1), the bidirectional marks, overrides and
/// isolates, the line and paragraph separators and the byte order mark. Everything else
/// is kept, backslashes too.
///
/// ```
/// use tidings_console::escape;
///
/// assert_eq!(escape("plain ✓"), "plain ✓");
/// assert_eq!(escape("\u{1b}[2Jgone\n"), r"\u{1b}[2Jgone\n");
/// ```
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            other if is_dangerous(other) => {
                write!(safe, "\\u{{{:x}}}", u32::from(other)).expect("a string takes every text");
            }
            other => safe.push(other),
        }
    }
    Cow::Owned(safe)
}

/// As [`escape`], for a JSON text: the result is one line and means the same.
///
/// Between tokens JSON allows line breaks and tabs only, which become spaces; everything
/// else that is dangerous can stand in a string only, where `\u001b` says the same.
pub(crate) fn escape_json(text: &str) -> Cow<'_, str> {
    if !text.contains(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => safe.push(' '),
            other if is_dangerous(other) => {
                write!(safe, "\\u{:04x}", u32::from(other)).expect("a string takes every text");
            }
            other => safe.push(other),
        }
    }
    Cow::Owned(safe)
}

/// Whether a terminal, or a reader of lines, would act on the character instead of showing
/// it. All of them are in the basic plane: one `\uXXXX` in JSON.
pub(crate) fn is_dangerous(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_terminal_acts_on_is_shown_instead() {
        for (text, shown) in [
            ("\u{1b}]0;title\u{7}", r"\u{1b}]0;title\u{7}"),
            ("a\r\n\tb", r"a\r\n\tb"),
            ("\u{7f}\u{9b}31m", r"\u{7f}\u{9b}31m"),
            ("\u{202e}live\u{2066}", r"\u{202e}live\u{2066}"),
            ("one\u{2028}two\u{2029}", r"one\u{2028}two\u{2029}"),
            ("C:\\temp", "C:\\temp"),
        ] {
            assert_eq!(escape(text), shown);
        }
    }

    #[test]
    fn json_keeps_its_meaning_on_one_line() {
        let text = "{\n\t\"a\": \"\u{7f}\u{202e}\u{85}\" }";
        let safe = escape_json(text);
        assert_eq!(safe, r#"{  "a": "\u007f\u202e\u0085" }"#);
        let (before, after): (serde_json::Value, serde_json::Value) =
            (serde_json::from_str(text).unwrap(), serde_json::from_str(&safe).unwrap());
        assert_eq!(before, after);
    }

    proptest! {
        #[test]
        fn nothing_dangerous_is_left(text in any::<String>()) {
            prop_assert!(!escape(&text).contains(is_dangerous));
            prop_assert!(!escape_json(&text).contains(is_dangerous));
        }

        #[test]
        fn a_json_string_reads_back_to_itself(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            let again: String = serde_json::from_str(&escape_json(&json)).unwrap();
            prop_assert_eq!(again, text);
        }
    }
}
