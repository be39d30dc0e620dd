//! The order of object members: UTF-16 code units of the unescaped key (RFC 8785 §3.2.3).
//!
//! UTF-8 bytes sort like code points, and code points like UTF-16 except that
//! characters beyond U+FFFF stand before U+E000..U+FFFF. So bytes are compared, with
//! the lead bytes of those two groups exchanged; nothing is decoded.

use std::cmp::Ordering;

use crate::json::string::unescaped;

/// Returns the first eight bytes of a key as a number that sorts as the key does.
///
/// Different prefixes decide; equal ones leave it to [`compare`].
#[inline]
pub(super) fn prefix(key: &[u8], escaped: bool) -> u64 {
    let word = first_bytes(key);
    if escaped || word & 0x8080_8080_8080_8080 != 0 { unusual_prefix(key) } else { word }
}

/// Compares two keys, both given as the content of their canonical strings.
pub(super) fn compare(left: &[u8], right: &[u8], escaped: bool) -> Ordering {
    if escaped {
        return unescaped(left).map(rank).cmp(unescaped(right).map(rank));
    }
    let difference = left.iter().zip(right).find(|(left, right)| left != right);
    match difference {
        Some((&left, &right)) => rank(left).cmp(&rank(right)),
        None => left.len().cmp(&right.len()),
    }
}

/// Reads up to eight bytes, most significant first, with zeros behind them.
///
/// Two reads that overlap take the place of a loop over a key's few bytes.
#[inline]
fn first_bytes(key: &[u8]) -> u64 {
    if let Some(first) = key.first_chunk::<8>() {
        return u64::from_be_bytes(*first);
    }
    let missing_bits = 64 - 8 * key.len();
    if let (Some(first), Some(last)) = (key.first_chunk::<4>(), key.last_chunk::<4>()) {
        let last = u64::from(u32::from_be_bytes(*last)) << missing_bits;
        return u64::from(u32::from_be_bytes(*first)) << 32 | last & 0xffff_ffff;
    }
    let [first, .., last] = key else {
        return key.first().map_or(0, |&only| u64::from(only) << 56);
    };
    let middle = u64::from(key[key.len() / 2]) << (56 - 8 * (key.len() / 2));
    u64::from(*first) << 56 | middle | u64::from(*last) << missing_bits
}

#[cold]
fn unusual_prefix(key: &[u8]) -> u64 {
    let mut first = [0; 8];
    for (slot, byte) in first.iter_mut().zip(unescaped(key).map(rank)) {
        *slot = byte;
    }
    u64::from_be_bytes(first)
}

/// Moves the lead bytes of U+E000..U+FFFF behind those of the characters beyond.
fn rank(byte: u8) -> u8 {
    match byte {
        0xee | 0xef => byte + 5,
        0xf0..=0xf4 => byte - 2,
        _ => byte,
    }
}
