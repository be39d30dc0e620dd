//! A moment in UTC, written as RFC 3339 with nanoseconds.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

const NANOS_PER_SECOND: i64 = 1_000_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// A moment: nanoseconds since 1970-01-01T00:00:00Z, from the year 1677 to 2262.
///
/// Its text, also in serde, is RFC 3339 in UTC with nine digits of a second. Arithmetic
/// stops at both ends of the range.
///
/// ```
/// use tidings_core::Timestamp;
///
/// let moment: Timestamp = "2026-11-21T08:30:02.119948123+05:30".parse()?;
/// assert_eq!(moment.to_string(), "2026-11-21T03:00:02.119948123Z");
///
/// let later = moment.saturating_add(std::time::Duration::from_secs(2));
/// assert_eq!(later.saturating_since(moment).as_secs(), 2);
/// # Ok::<(), tidings_core::InvalidTimestamp>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment this many nanoseconds after the Unix epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// The wall time of this machine.
    pub fn now() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is where wall time comes from")]
        let now = SystemTime::now();
        now.into()
    }

    /// The moment `by` later, or the last one there is.
    #[must_use]
    #[inline]
    pub fn saturating_add(self, by: Duration) -> Self {
        // A duration of more than 584 years ends at the last moment from everywhere.
        let nanos = by
            .as_secs()
            .checked_mul(1_000_000_000)
            .and_then(|nanos| nanos.checked_add(u64::from(by.subsec_nanos())));
        let sum = nanos.and_then(|nanos| self.0.checked_add_unsigned(nanos));
        Self(sum.unwrap_or(i64::MAX))
    }

    /// The time from `earlier` to this moment; zero when it was not earlier.
    pub fn saturating_since(self, earlier: Self) -> Duration {
        let nanos = i128::from(self.0) - i128::from(earlier.0);
        Duration::from_nanos(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX))
    }
}

impl From<SystemTime> for Timestamp {
    /// The moment, or the first or last one there is.
    fn from(time: SystemTime) -> Self {
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Self(0).saturating_add(after),
            Err(before) => Self(0_i64.saturating_sub(nanos_of(before.duration()))),
        }
    }
}

fn nanos_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

/// Days since the epoch to (year, month, day) of the proleptic Gregorian calendar.
///
/// Counts in eras of 400 years that begin on 1 March, so that the leap day is a year's last.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// The inverse of [`civil_from_days`].
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, always with nine digits of a second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(NANOS_PER_SECOND);
        let nanos = self.0.rem_euclid(NANOS_PER_SECOND);
        let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_PER_DAY));
        let second_of_day = seconds.rem_euclid(SECONDS_PER_DAY);
        let (hour, minute) = (second_of_day / 3_600, second_of_day / 60 % 60);
        let mut text = *b"0000-00-00T00:00:00.000000000Z";
        for (at, digits, value) in [
            (0, 4, year),
            (5, 2, month),
            (8, 2, day),
            (11, 2, hour),
            (14, 2, minute),
            (17, 2, second_of_day % 60),
            (20, 9, nanos),
        ] {
            put_digits(&mut text[at..at + digits], value);
        }
        f.pad(std::str::from_utf8(&text).expect("digits and punctuation are ASCII"))
    }
}

fn put_digits(place: &mut [u8], mut value: i64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(value % 10).expect("a digit of a positive number");
        value /= 10;
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    /// Reads RFC 3339 §5.6 with any offset; digits beyond nanoseconds are cut off, and a
    /// leap second counts as the first second of the next minute.
    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        parse(text.as_bytes())
            .ok_or_else(|| InvalidTimestamp { text: text.chars().take(60).collect() })
    }
}

fn parse(text: &[u8]) -> Option<Timestamp> {
    let (date_time, rest) = text.split_at_checked(19)?;
    let field = |from: usize, to: usize| digits(&date_time[from..to]);
    let (year, month, day) = (field(0, 4)?, field(5, 7)?, field(8, 10)?);
    let (hour, minute, second) = (field(11, 13)?, field(14, 16)?, field(17, 19)?);
    let marks = [date_time[4], date_time[7], date_time[13], date_time[16]];
    let in_range = marks == *b"--::"
        && matches!(date_time[10], b'T' | b't' | b' ')
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !in_range {
        return None;
    }
    let (nanos, zone) = fraction(rest)?;
    let seconds =
        days_from_civil(year, month, day) * SECONDS_PER_DAY + hour * 3_600 + minute * 60 + second
            - offset_seconds(zone)?;
    let total = i128::from(seconds) * i128::from(NANOS_PER_SECOND) + i128::from(nanos);
    i64::try_from(total).ok().map(Timestamp)
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0_i64, |value, byte| {
        byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0'))
    })
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Splits `.123…` off as nanoseconds.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some(after_dot) = text.strip_prefix(b".") else {
        return Some((0, text));
    };
    let length = after_dot.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (fraction, zone) = after_dot.split_at(length);
    let kept = &fraction[..length.min(9)];
    let scale = 10_i64.pow(9 - u32::try_from(kept.len()).ok()?);
    (length > 0).then_some(())?;
    Some((digits(kept)? * scale, zone))
}

fn offset_seconds(zone: &[u8]) -> Option<i64> {
    match zone {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), hours @ .., b':', ten, one] if hours.len() == 2 => {
            let (hours, minutes) = (digits(hours)?, digits(&[*ten, *one])?);
            let seconds = hours * 3_600 + minutes * 60;
            (hours < 24 && minutes < 60).then_some(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

/// Why a text is no moment.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{}` is not a time: RFC 3339 between the years 1677 and 2262 is expected",
    text.escape_debug()
)]
pub struct InvalidTimestamp {
    text: String,
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn nanos(text: &str) -> Option<i64> {
        text.parse::<Timestamp>().ok().map(Timestamp::as_nanos)
    }

    #[test]
    fn known_moments_have_known_numbers() {
        assert_eq!(nanos("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(nanos("2000-02-29T00:00:00Z"), Some(951_782_400_000_000_000));
        assert_eq!(nanos("1969-12-31T23:59:59.5Z"), Some(-500_000_000));
        assert_eq!(nanos("2026-11-21T00:00:00-00:30"), nanos("2026-11-21T00:30:00Z"));
        assert_eq!(nanos("2016-12-31T23:59:60Z"), nanos("2017-01-01T00:00:00Z"));
        assert_eq!(nanos("1970-01-01T00:00:00.1234567899Z"), Some(123_456_789));
    }

    #[test]
    fn a_system_time_is_the_same_moment() {
        let (epoch, step) = (SystemTime::UNIX_EPOCH, Duration::from_nanos(1_500));
        assert_eq!(Timestamp::from(epoch + step), Timestamp::from_nanos(1_500));
        assert_eq!(Timestamp::from(epoch - step), Timestamp::from_nanos(-1_500));
    }

    #[test]
    fn arithmetic_stops_at_both_ends() {
        let (first, last) = (Timestamp::from_nanos(i64::MIN), Timestamp::from_nanos(i64::MAX));
        assert_eq!(last.saturating_add(Duration::from_nanos(1)), last);
        assert_eq!(first.saturating_add(Duration::MAX), last);
        assert_eq!(last.saturating_since(first), Duration::from_nanos(u64::MAX));
        assert_eq!(first.saturating_since(last), Duration::ZERO);
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for bad in [
            "",
            "2026-11-21",
            "2026-11-21T00:00:00",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T00:00:00.Z",
            "2026-11-21T00:00:00+0530",
            "2026-11-21T00:00:00+99:00",
            "9999-01-01T00:00:00Z",
            "2026-11-21T00:00:0\u{e9}Z",
        ] {
            assert_eq!(nanos(bad), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn a_text_reads_back_to_its_moment(value in any::<i64>()) {
            let moment = Timestamp::from_nanos(value);
            prop_assert_eq!(moment.to_string().parse(), Ok(moment));
        }
    }
}
