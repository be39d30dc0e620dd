//! JSON strings, numbers and ids, straight into bytes.

use std::io::Write as _;

use tidings_core::{EventId, Timestamp};
use uuid::Uuid;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// Appends `text` as a JSON string.
pub(super) fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    push_content(out, text);
    out.push(b'"');
}

/// Appends `text` as the content of a JSON string.
pub(super) fn push_content(out: &mut Vec<u8>, text: &str) {
    let is_plain = |byte: &u8| *byte >= 0x20 && *byte != b'"' && *byte != b'\\';
    if text.as_bytes().iter().all(is_plain) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            0..0x20 => write!(out, "\\u{byte:04x}").expect("a vector takes every byte"),
            _ => out.push(byte),
        }
    }
}

/// Appends a whole number.
pub(super) fn push_integer(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Appends a UUID in its hyphenated form.
pub(super) fn push_uuid(out: &mut Vec<u8>, number: u128) {
    let mut buffer = Uuid::encode_buffer();
    let text = Uuid::from_u128(number).as_hyphenated().encode_lower(&mut buffer);
    out.extend_from_slice(text.as_bytes());
}

/// Appends `<bus>.<lane>.<sequence>`.
pub(super) fn push_event_id(out: &mut Vec<u8>, id: EventId) {
    push_uuid(out, id.bus().as_u128());
    out.push(b'.');
    push_integer(out, u64::from(id.lane().number()));
    out.push(b'.');
    push_integer(out, id.sequence());
}

/// Appends seconds since the Unix epoch with nine decimals, made of integers, so that no
/// digit is lost.
pub(super) fn push_seconds(out: &mut Vec<u8>, time: Timestamp) {
    if time.as_nanos() < 0 {
        out.push(b'-');
    }
    let magnitude = time.as_nanos().unsigned_abs();
    push_integer(out, magnitude / NANOS_PER_SECOND);
    let mut fraction = magnitude % NANOS_PER_SECOND;
    let mut digits = *b".000000000";
    for digit in digits[1..].iter_mut().rev() {
        *digit += u8::try_from(fraction % 10).expect("a decimal digit");
        fraction /= 10;
    }
    out.extend_from_slice(&digits);
}

#[cfg(test)]
mod tests {
    use tidings_core::{BusId, Lane};

    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    #[test]
    fn times_are_exact_on_both_sides_of_the_epoch() {
        for (nanos, text) in [
            (0, "0.000000000"),
            (1, "0.000000001"),
            (-1, "-0.000000001"),
            (1_795_230_202_119_948_123, "1795230202.119948123"),
            (-1_500_000_000, "-1.500000000"),
            (i64::MAX, "9223372036.854775807"),
            (i64::MIN, "-9223372036.854775808"),
        ] {
            assert_eq!(written(|out| push_seconds(out, Timestamp::from_nanos(nanos))), text);
        }
    }

    #[test]
    fn every_text_reads_back_as_it_was() {
        let controls: String = (0..=0x7f_u8).map(char::from).collect();
        for text in ["", "plain", "a \"b\" \\c", "ü\u{2028}😀", &controls] {
            let json = written(|out| push_string(out, text));
            assert_eq!(serde_json::from_str::<String>(&json).expect("a JSON string"), text);
            assert!(json.bytes().all(|byte| byte >= 0x20), "{json:?}");
        }
    }

    #[test]
    fn an_id_is_written_as_it_prints() {
        let id = EventId::new(BusId::from_u128(u128::MAX / 3), Lane::new(u32::MAX), u64::MAX);
        assert_eq!(written(|out| push_event_id(out, id)), id.to_string());
    }
}
