//! One token of a subject for any text.
//!
//! ASCII letters, digits, `-` and `_` stay; every other byte of the UTF-8 form is `%` and two
//! hexadecimal digits. The empty text is `%` alone. What encodes to more than
//! [`TOKEN_BYTES_MAX`] bytes is cut and ends in `%~` and a hash of the whole text, so that two
//! long names stay two tokens; that one form is not decoded.

/// The most bytes of one token. Servers read a line of 4096 bytes at most.
pub(crate) const TOKEN_BYTES_MAX: usize = 600;

/// How a cut token ends: the mark, then a hash of sixteen digits.
const CUT_MARK: &str = "%~";
const CUT_BYTES: usize = CUT_MARK.len() + 16;

/// The digits of bytes that are encoded.
const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

/// Appends the token of `text`.
pub(crate) fn push_token(text: &str, out: &mut String) {
    let start = out.len();
    if text.is_empty() {
        out.push('%');
        return;
    }
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        if out.len() - start > TOKEN_BYTES_MAX {
            cut(text, start, out);
            return;
        }
    }
}

fn cut(text: &str, start: usize, out: &mut String) {
    let mut end = start + TOKEN_BYTES_MAX - CUT_BYTES;
    // An encoded byte stays whole.
    while out[..end].ends_with('%') || out[..end - 1].ends_with('%') {
        end -= 1;
    }
    out.truncate(end);
    out.push_str(CUT_MARK);
    let mut hash = hash_of(text.as_bytes());
    for _ in 0..16 {
        out.push(char::from(DIGITS[(hash >> 60) as usize & 15]));
        hash <<= 4;
    }
}

/// FNV-1a of 64 bits: equal in every process and version.
fn hash_of(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The text of a token; none for a token that no text has, or that was cut.
#[cfg(test)]
pub(crate) fn text_of(token: &str) -> Option<String> {
    if token == "%" {
        return Some(String::new());
    }
    let mut bytes = Vec::with_capacity(token.len());
    let mut rest = token.bytes();
    while let Some(byte) = rest.next() {
        let decoded = match byte {
            b'%' => digit(rest.next()?)? << 4 | digit(rest.next()?)?,
            b'-' | b'_' => byte,
            _ if byte.is_ascii_alphanumeric() => byte,
            _ => return None,
        };
        bytes.push(decoded);
    }
    let text = String::from_utf8(bytes).ok()?;
    // Two spellings of one text would be two subjects for it.
    let mut again = String::with_capacity(token.len());
    push_token(&text, &mut again);
    (again == token).then_some(text)
}

#[cfg(test)]
fn digit(byte: u8) -> Option<u8> {
    DIGITS.iter().position(|digit| *digit == byte).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token(text: &str) -> String {
        let mut out = String::new();
        push_token(text, &mut out);
        out
    }

    #[test]
    fn what_means_something_in_a_subject_is_encoded() {
        for (text, expected) in [
            ("lab-3", "lab-3"),
            ("me@host.example", "me%40host%2Eexample"),
            ("a b\t\r\n", "a%20b%09%0D%0A"),
            ("*", "%2A"),
            (">", "%3E"),
            ("$SYS", "%24SYS"),
            ("100%", "100%25"),
            ("ü", "%C3%BC"),
            ("", "%"),
        ] {
            assert_eq!(token(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_token_that_no_text_has_is_none() {
        for token in ["", "%4", "%zz", "a.b", "%41", "%FF", "%c3%bc", "a%", "é"] {
            assert_eq!(text_of(token), None, "{token}");
        }
    }

    #[test]
    fn long_texts_are_cut_and_stay_apart() {
        let texts = ["a".repeat(2000), "a".repeat(2001), "é.".repeat(700), " ".repeat(201)];
        let tokens: std::collections::BTreeSet<String> = texts.iter().map(|t| token(t)).collect();
        assert_eq!(tokens.len(), texts.len());
        for token in tokens {
            assert!(token.len() <= TOKEN_BYTES_MAX, "{}", token.len());
            assert_eq!(text_of(&token), None, "{token}");
        }
        assert_eq!(text_of(&token(&" ".repeat(200))), Some(" ".repeat(200)));
    }

    proptest! {
        #[test]
        fn every_text_that_is_not_cut_comes_back(text in "\\PC{0,60}|[ .*>%\u{0}-\u{1f}]{0,60}") {
            let token = token(&text);
            let is_clean = |byte: u8| byte.is_ascii_alphanumeric() || b"-_%".contains(&byte);
            prop_assert!(!token.is_empty() && token.bytes().all(is_clean), "{}", token);
            prop_assert_eq!(text_of(&token), Some(text));
        }

        #[test]
        fn what_is_decoded_has_that_token(text in "[a-zA-Z0-9%_-]{1,20}") {
            if let Some(decoded) = text_of(&text) {
                prop_assert_eq!(token(&decoded), text);
            }
        }
    }
}
