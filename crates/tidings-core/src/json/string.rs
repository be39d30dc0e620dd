//! String escaping: the two-character forms, `\u00xx` for the other controls, and
//! everything else as it is (RFC 8785 §3.2.2.2).
//!
//! One text per string: what needs no escape never gets one.

const ONES: u64 = u64::MAX / 255;
const HIGH_BITS: u64 = ONES * 0x80;

/// Appends `text` as a quoted string, and returns whether anything was escaped.
#[inline]
pub(crate) fn push_string(out: &mut String, text: &str) -> bool {
    out.reserve(text.len() + 2);
    out.push('"');
    let escaped = push_content(out, text);
    out.push('"');
    escaped
}

/// Appends `text` without quotes, and returns whether anything was escaped.
#[inline]
pub(crate) fn push_content(out: &mut String, text: &str) -> bool {
    if is_plain(text.as_bytes()) {
        out.push_str(text);
        return false;
    }
    push_escaping(out, text);
    true
}

/// Returns whether no byte needs an escape.
#[inline]
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    if let Some(last) = bytes.last_chunk::<8>() {
        // The last word overlaps the one before it, so that no byte is looked at alone.
        let (words, _) = bytes.as_chunks::<8>();
        let mut special = special_bytes(u64::from_le_bytes(*last));
        for word in words {
            special |= special_bytes(u64::from_le_bytes(*word));
        }
        return special == 0;
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let word =
            u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last));
        return special_bytes(word) == 0;
    }
    !bytes.iter().any(|&byte| is_special(byte))
}

/// Appends one character as string content, and returns whether it was escaped.
pub(super) fn push_char(out: &mut String, character: char) -> bool {
    let escape = u8::try_from(character).ok().filter(|&byte| is_special(byte));
    match escape {
        Some(byte) => push_escape(out, byte),
        None => out.push(character),
    }
    escape.is_some()
}

/// Returns how many leading bytes need no escape.
#[inline]
pub(crate) fn plain_len(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return index * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    let tail = rest.iter().position(|&byte| is_special(byte)).unwrap_or(rest.len());
    words.len() * 8 + tail
}

/// Undoes the escapes of canonical string content, byte by byte.
pub(super) fn unescaped(content: &[u8]) -> impl Iterator<Item = u8> {
    let mut rest = content.iter().copied();
    std::iter::from_fn(move || match rest.next()? {
        b'\\' => Some(match rest.next()? {
            b'b' => 0x08,
            b't' => b'\t',
            b'n' => b'\n',
            b'f' => 0x0c,
            b'r' => b'\r',
            b'u' => {
                let hex = [rest.nth(2)?, rest.next()?];
                hex.iter().fold(0, |value, &digit| value << 4 | hex_value(digit))
            }
            byte => byte,
        }),
        byte => Some(byte),
    })
}

#[cold]
fn push_escaping(out: &mut String, text: &str) {
    let mut rest = text;
    let mut plain = plain_len(rest.as_bytes());
    while plain < rest.len() {
        out.push_str(&rest[..plain]);
        push_escape(out, rest.as_bytes()[plain]);
        rest = &rest[plain + 1..];
        plain = plain_len(rest.as_bytes());
    }
    out.push_str(rest);
}

fn push_escape(out: &mut String, byte: u8) {
    let short = match byte {
        b'"' => "\\\"",
        b'\\' => "\\\\",
        0x08 => "\\b",
        b'\t' => "\\t",
        b'\n' => "\\n",
        0x0c => "\\f",
        b'\r' => "\\r",
        _ => {
            out.push_str("\\u00");
            out.push(char::from(b'0' + (byte >> 4)));
            out.push(char::from(b"0123456789abcdef"[usize::from(byte & 15)]));
            return;
        }
    };
    out.push_str(short);
}

#[inline]
fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Marks the high bit of bytes that need an escape; the lowest mark is exact.
#[inline]
fn special_bytes(word: u64) -> u64 {
    let quote = word ^ (ONES * 0x22);
    let backslash = word ^ (ONES * 0x5c);
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = quote.wrapping_sub(ONES) & !quote;
    let backslash = backslash.wrapping_sub(ONES) & !backslash;
    (control | quote | backslash) & HIGH_BITS
}

fn hex_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit - b'a' + 10,
    }
}
