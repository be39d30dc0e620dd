//! Text from events, made safe to show.
//!
//! Whatever comes out of an event (type, entity, field, attribute) passes through here
//! before it reaches a terminal, so that no payload can move the cursor, change colours,
//! end a line or turn the reading direction.
//!
//! Where a log is read by the runner of GitHub Actions, a line can also be a command to that
//! runner. No line that comes from here is one, wherever it is written: see [`disarm`].

use std::borrow::Cow;
use std::fmt::Write as _;

pub(crate) use tidings_core::text::is_dangerous;
use unicode_width::UnicodeWidthChar;

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
    if !text.contains(is_dangerous) && !text.contains(OLD_COMMAND) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '[' if safe.ends_with("##") => {
                safe.pop();
                safe.push_str("\\u0023[");
            }
            '\n' | '\r' | '\t' => safe.push(' '),
            other if is_dangerous(other) => {
                write!(safe, "\\u{:04x}", u32::from(other)).expect("a string takes every text");
            }
            other => safe.push(other),
        }
    }
    Cow::Owned(safe)
}

/// What begins a command of the older form, anywhere in a line.
const OLD_COMMAND: &str = "##[";

/// Makes one line harmless to the runner of GitHub Actions, which takes a line for a command
/// if it begins with `::`, spaces aside, or holds `##[` anywhere.
///
/// The character that makes it one is shown by its escape, as [`escape`] does.
pub(crate) fn disarm(line: &str) -> Cow<'_, str> {
    let places = command_places(line.chars());
    if places.is_empty() { Cow::Borrowed(line) } else { Cow::Owned(escape_at(line, 0, &places)) }
}

/// Which characters of a line have to be shown by their escapes, so that it is no command.
pub(crate) fn command_places(line: impl Iterator<Item = char>) -> Vec<usize> {
    let mut places = Vec::new();
    let mut is_blank = true;
    let mut before = ['\0'; 2];
    for (place, character) in line.enumerate() {
        match (before, character) {
            ([_, ':'], ':') if is_blank => places.push(place - 1),
            (['#', '#'], '[') => places.push(place - 1),
            _ => {}
        }
        if before[1] == ':' {
            is_blank = false;
        }
        // What takes no column is blank as well: nobody would see that it is there.
        is_blank &= character == ':' || character.is_whitespace() || character.width() == Some(0);
        before = [before[1], character];
    }
    places
}

/// Shows the characters at these places by their escapes; the first of `text` is at `start`.
pub(crate) fn escape_at(text: &str, start: usize, places: &[usize]) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for (place, character) in text.chars().enumerate() {
        if places.contains(&(start + place)) {
            write!(safe, "\\u{{{:x}}}", u32::from(character)).expect("a string takes every text");
        } else {
            safe.push(character);
        }
    }
    safe
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

    #[test]
    fn a_line_that_would_be_a_command_is_shown_as_none() {
        for (line, shown) in [
            ("::error::x", r"\u{3a}:error::x"),
            ("  \u{a0}\u{200b}::set-env name=A::b", "  \u{a0}\u{200b}\\u{3a}:set-env name=A::b"),
            (":::x", r"\u{3a}::x"),
            ("a ##[error]b ###[c]", r"a #\u{23}[error]b ##\u{23}[c]"),
            (": ::x", ": ::x"),
            ("a::b #[c] ## [d]", "a::b #[c] ## [d]"),
            ("", ""),
        ] {
            assert_eq!(disarm(line), shown);
            assert!(!is_command(&disarm(line)));
        }
        assert_eq!(escape_json("[\"###[x\"]"), "[\"##\\u0023[x\"]");
    }

    /// As the runner decides.
    fn is_command(line: &str) -> bool {
        line.trim_start().starts_with("::") || line.contains(OLD_COMMAND)
    }

    proptest! {
        #[test]
        fn no_line_is_left_a_command(line in "[ :#\\[a\u{200b}\u{3000}]{0,12}") {
            prop_assert!(!is_command(&disarm(&line)), "{:?}", line);
            prop_assert!(!escape_json(&line).contains(OLD_COMMAND));
        }

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
