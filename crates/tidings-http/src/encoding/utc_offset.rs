//! Offsets from UTC, and moments as they are told there.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use thiserror::Error;
use tidings_core::Timestamp;

const NANOS_PER_MINUTE: i64 = 60_000_000_000;

/// `2026-11-21T08:22:09.216158`: what is kept of a moment that is told to the nanosecond.
const MICROSECONDS_LEN: usize = 26;

/// How far the clocks of a place are ahead of UTC.
///
/// ```
/// use tidings_http::UtcOffset;
///
/// let india: UtcOffset = "+05:30".parse()?;
/// assert_eq!(india.to_string(), "+05:30");
/// assert_eq!("Z".parse(), Ok(UtcOffset::UTC));
/// # Ok::<(), tidings_http::InvalidUtcOffset>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct UtcOffset {
    minutes: i16,
}

/// A text is not an offset from UTC.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{}` is not an offset from UTC: `+05:30`, `-08:00` or `Z` is expected", text.escape_debug())]
pub struct InvalidUtcOffset {
    text: String,
}

impl UtcOffset {
    /// None at all.
    pub const UTC: Self = Self { minutes: 0 };

    /// Appends a moment: ISO 8601, with microseconds and this offset.
    pub(crate) fn push_moment(self, out: &mut String, moment: Timestamp) {
        let there = moment.as_nanos().saturating_add(i64::from(self.minutes) * NANOS_PER_MINUTE);
        let start = out.len();
        write!(out, "{}", Timestamp::from_nanos(there)).expect("a string takes every text");
        out.truncate(start + MICROSECONDS_LEN);
        write!(out, "{self}").expect("a string takes every text");
    }
}

impl FromStr for UtcOffset {
    type Err = InvalidUtcOffset;

    fn from_str(text: &str) -> Result<Self, InvalidUtcOffset> {
        parse(text).ok_or_else(|| InvalidUtcOffset { text: text.chars().take(20).collect() })
    }
}

fn parse(text: &str) -> Option<UtcOffset> {
    if text.eq_ignore_ascii_case("z") || text.eq_ignore_ascii_case("utc") {
        return Some(UtcOffset::UTC);
    }
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = digits.split_once(':')?;
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    (hours < 24 && minutes < 60).then_some(UtcOffset { minutes: sign * (hours * 60 + minutes) })
}

fn two_digits(text: &str) -> Option<i16> {
    let are_digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    are_digits.then(|| text.parse().ok())?
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minutes < 0 { '-' } else { '+' };
        let minutes = self.minutes.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(moment: &str, offset: &str) -> String {
        let mut out = String::new();
        let offset: UtcOffset = offset.parse().unwrap();
        offset.push_moment(&mut out, moment.parse().unwrap());
        out
    }

    #[test]
    fn a_moment_is_told_with_microseconds_and_its_offset() {
        let moment = "2026-11-21T02:52:09.216158999Z";
        assert_eq!(told(moment, "+05:30"), "2026-11-21T08:22:09.216158+05:30");
        assert_eq!(told(moment, "-08:00"), "2026-11-20T18:52:09.216158-08:00");
        assert_eq!(told(moment, "Z"), "2026-11-21T02:52:09.216158+00:00");
        assert_eq!(told("2026-11-21T00:00:00Z", "utc"), "2026-11-21T00:00:00.000000+00:00");
    }

    #[test]
    fn what_is_no_offset_is_refused() {
        for text in ["", "+5:30", "05:30", "+24:00", "+00:60", "+0530", "+1:+1", "é05:30"] {
            assert!(text.parse::<UtcOffset>().is_err(), "{text:?}");
        }
    }
}
