//! Text appended piece by piece, without the machinery of `format!`.
//!
//! What every event on every wire is made of goes through here, or through the `write_to`
//! of an id or a time. No part of the public interface: sinks of this workspace share it.

use std::error::Error;
use std::fmt::{self, Write};

use crate::{Attributes, json};

/// As many as the longest `u64` has digits.
const ZEROS: &str = "00000000000000000000";

/// Writes a whole number.
///
/// # Errors
///
/// That of `out`.
#[inline]
pub fn write_integer(out: &mut impl Write, number: u64) -> fmt::Result {
    out.write_str(itoa::Buffer::new().format(number))
}

/// Writes a whole number with zeros before it, `WIDTH` digits long or longer.
///
/// # Errors
///
/// That of `out`.
#[inline]
pub fn write_padded<const WIDTH: usize>(out: &mut impl Write, number: u64) -> fmt::Result {
    const { assert!(WIDTH <= ZEROS.len(), "there are zeros for every digit of a `u64`") };
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(number);
    out.write_str(ZEROS.get(digits.len()..WIDTH).unwrap_or(""))?;
    out.write_str(digits)
}

/// Reads a whole number of digits alone, zeros before it or not.
#[inline]
pub(crate) fn read_digits(text: &str) -> Option<u64> {
    let mut number = 0_u64;
    for byte in text.bytes() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    (!text.is_empty()).then_some(number)
}

/// Appends `text` as a JSON string.
pub fn push_string(out: &mut String, text: &str) {
    json::push_string(out, text);
}

/// Hands the JSON of `attributes` to `take`: canonical, unless they are nested deeper than
/// canonical JSON allows. Any other JSON reads back to the same map.
pub fn with_attributes<R>(attributes: &Attributes, take: impl FnOnce(&str) -> R) -> R {
    let mut encoder = json::Encoder::new();
    if encoder.value(attributes).is_ok() {
        let canonical = encoder.finish();
        let taken = take(canonical.as_str());
        canonical.recycle();
        return taken;
    }
    let text = serde_json::to_string(attributes);
    take(&text.expect("names and JSON values always have a JSON form"))
}

/// Whether a terminal, or a reader of lines, would act on the character instead of showing
/// it: controls, bidirectional marks, overrides and isolates, line and paragraph separators,
/// the byte order mark. All of them are in the basic plane: one `\uXXXX` in JSON.
pub fn is_dangerous(character: char) -> bool {
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

/// Appends the text with every [dangerous](is_dangerous) character but those of `kept` shown
/// by its escape: `\n`, `\u{1b}`.
pub fn push_visible(out: &mut String, text: &str, kept: &[char]) {
    for character in text.chars() {
        if is_dangerous(character) && !kept.contains(&character) {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
    }
}

/// An error and all its causes, in one line: for places that keep texts and no errors.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn padded<const WIDTH: usize>(number: u64) -> String {
        let mut out = String::new();
        write_padded::<WIDTH>(&mut out, number).expect("a string takes every text");
        out
    }

    #[test]
    fn what_a_terminal_acts_on_is_visible_as_its_escape() {
        let visible = |text, kept: &[char]| {
            let mut out = String::new();
            push_visible(&mut out, text, kept);
            out
        };
        assert_eq!(
            visible("\u{1b}[2J\u{202e}\u{feff}é\t\n", &[]),
            r"\u{1b}[2J\u{202e}\u{feff}é\t\n"
        );
        assert_eq!(visible("a\tb\nc", &['\t', '\n']), "a\tb\nc");
    }

    #[test]
    fn an_error_is_told_with_its_causes() {
        #[derive(Debug, thiserror::Error)]
        #[error("{0}")]
        struct Step(&'static str, #[source] Option<Box<Step>>);
        let full = Step("the disk is full", None);
        assert_eq!(with_causes(&full), "the disk is full");
        let lost = Step("it is not kept", Some(Box::new(Step("no write", Some(Box::new(full))))));
        assert_eq!(with_causes(&lost), "it is not kept: no write: the disk is full");
    }

    #[test]
    fn what_is_no_whole_number_of_digits_is_not_read() {
        for bad in ["", "-1", "+1", "1.0", " 1", "18446744073709551616", "99999999999999999999"] {
            assert_eq!(read_digits(bad), None, "{bad}");
        }
        assert_eq!(read_digits("0000000000000000000000018446744073709551615"), Some(u64::MAX));
    }

    proptest! {
        #[test]
        fn numbers_are_written_as_they_print(number in any::<u64>(), shift in 0..64_u32) {
            let number = number >> shift;
            let mut out = String::new();
            write_integer(&mut out, number).expect("a string takes every text");
            prop_assert_eq!(out, number.to_string());
            prop_assert_eq!(padded::<20>(number), format!("{number:020}"));
            prop_assert_eq!(padded::<9>(number), format!("{number:09}"));
            prop_assert_eq!(padded::<0>(number), number.to_string());
            prop_assert_eq!(read_digits(&padded::<20>(number)), Some(number));
        }
    }
}
