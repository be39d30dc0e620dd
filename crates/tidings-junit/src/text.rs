//! Text of events as text of XML 1.0: whatever came in, a legal document goes out.
//!
//! Escape sequences of terminals are taken away; every other character that XML 1.0 §2.2
//! forbids or advises against is U+FFFD, so that a reader sees that something was there.
//!
//! What writes the document takes tabs away and leaves line breaks in attributes as they
//! are, which a parser reads as blanks (XML 1.0 §3.3.3). Both therefore travel through it as
//! [`BREAK`] and [`TAB`], which no cleaned text contains, and [`restore`] makes references of
//! them.

use std::iter::Peekable;
use std::str::Chars;

use quick_junit::XmlString;

/// A line break in an attribute.
const BREAK: char = '\u{fffe}';

/// A tab anywhere.
const TAB: char = '\u{ffff}';

/// The most characters that one escape sequence may take away. A sequence that does not end
/// is no sequence, and what follows its first character is text.
const SEQUENCE_CHARS_MAX: usize = 512;

/// The value of an attribute.
pub(crate) fn attribute(text: &str) -> XmlString {
    XmlString::new(clean(text).replace('\n', "\u{fffe}").replace('\t', "\u{ffff}"))
}

/// The content of an element.
pub(crate) fn content(text: &str) -> XmlString {
    XmlString::new(clean(text).replace('\t', "\u{ffff}"))
}

/// A whole document, with references where tabs and line breaks had to hide.
pub(crate) fn restore(document: &str) -> String {
    let mut restored = String::with_capacity(document.len());
    let mut rest = document;
    while let Some(place) = rest.find([BREAK, TAB]) {
        let (before, from) = rest.split_at(place);
        restored.push_str(before);
        restored.push_str(if from.starts_with(BREAK) { "&#10;" } else { "&#9;" });
        // Both have three bytes.
        rest = &from[BREAK.len_utf8()..];
    }
    restored.push_str(rest);
    restored
}

/// Text without escape sequences, of characters that XML allows; line breaks are line feeds.
pub(crate) fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '\u{1b}' => match after_escape(rest.clone()) {
                Some(after) => rest = after,
                None => cleaned.push(char::REPLACEMENT_CHARACTER),
            },
            '\u{9b}' => match after_control(rest.clone()) {
                Some(after) => rest = after,
                None => cleaned.push(char::REPLACEMENT_CHARACTER),
            },
            '\r' => {
                rest.next_if_eq(&'\n');
                cleaned.push('\n');
            }
            '\t' | '\n' => cleaned.push(next),
            _ if next.is_control() || is_noncharacter(next) => {
                cleaned.push(char::REPLACEMENT_CHARACTER);
            }
            _ => cleaned.push(next),
        }
    }
    cleaned
}

/// What no text is ever made of: XML forbids two of them and advises against the others.
fn is_noncharacter(character: char) -> bool {
    let code = u32::from(character);
    code & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&code)
}

/// What follows an escape sequence (ECMA-48 §5) whose escape character is passed.
fn after_escape(mut rest: Peekable<Chars<'_>>) -> Option<Peekable<Chars<'_>>> {
    match rest.next()? {
        '[' => after_control(rest),
        // Strings: operating system command, device control and the like.
        ']' | 'P' | 'X' | '^' | '_' => after_string(rest),
        intermediate @ ' '..='/' => {
            let mut last = intermediate;
            while matches!(last, ' '..='/') {
                last = rest.next()?;
            }
            matches!(last, '0'..='~').then_some(rest)
        }
        '0'..='~' => Some(rest),
        _ => None,
    }
}

/// What follows a control sequence: parameters, intermediates, one final character.
fn after_control(mut rest: Peekable<Chars<'_>>) -> Option<Peekable<Chars<'_>>> {
    for _ in 0..SEQUENCE_CHARS_MAX {
        match rest.next()? {
            ' '..='?' => {}
            '@'..='~' => return Some(rest),
            _ => return None,
        }
    }
    None
}

/// What follows a string, which a bell or a string terminator ends.
fn after_string(mut rest: Peekable<Chars<'_>>) -> Option<Peekable<Chars<'_>>> {
    for _ in 0..SEQUENCE_CHARS_MAX {
        match rest.next()? {
            '\u{7}' | '\u{9c}' => return Some(rest),
            '\u{1b}' => return rest.next_if_eq(&'\\').map(|_| rest),
            '\n' => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escape_sequences_go_and_their_text_stays() {
        let cases = [
            ("\u{1b}[1;31mred\u{1b}[0m", "red"),
            ("\u{9b}31mred", "red"),
            ("\u{1b}]8;;http://a\u{7}link\u{1b}]8;;\u{1b}\\ on", "link on"),
            ("\u{1b}(Bplain\u{1b}7", "plain"),
            ("a\r\nb\rc\td", "a\nb\nc\td"),
        ];
        for (text, expected) in cases {
            assert_eq!(clean(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_sequence_that_does_not_end_swallows_nothing() {
        assert_eq!(clean("\u{1b}]0;title\nthe failure"), "\u{fffd}]0;title\nthe failure");
        assert_eq!(clean("\u{1b}[31"), "\u{fffd}[31");
        assert_eq!(clean("end\u{1b}"), "end\u{fffd}");
        let endless = format!("\u{1b}]{}", "x".repeat(2 * SEQUENCE_CHARS_MAX));
        assert_eq!(clean(&endless).chars().count(), endless.chars().count());
    }

    #[test]
    fn what_xml_forbids_is_seen_as_missing() {
        assert_eq!(clean("a\u{0}\u{8}\u{7f}\u{85}\u{fffe}\u{ffff}b"), {
            let missing = "\u{fffd}".repeat(6);
            format!("a{missing}b")
        });
        assert_eq!(clean("\u{1f600}é\u{fdd0}\u{10ffff}"), "\u{1f600}é\u{fffd}\u{fffd}");
    }

    proptest! {
        #[test]
        fn cleaned_text_passes_the_writer_unchanged(text in any::<String>()) {
            let cleaned = clean(&text);
            let passed = restore(content(&text).as_str()).replace("&#9;", "\t");
            prop_assert_eq!(&passed, &cleaned.replace("&#9;", "\t"));
            let passed = restore(attribute(&text).as_str());
            prop_assert_eq!(passed, cleaned.replace('\n', "&#10;").replace('\t', "&#9;"));
            prop_assert_eq!(clean(&cleaned), cleaned);
        }
    }
}
