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

    /// Writes the text as `Display` does, but without a formatter: it is part of every
    /// event on every wire.
    ///
    /// # Errors
    ///
    /// That of `out`; a `String` has none.
    #[inline]
    pub fn write_to(self, out: &mut impl fmt::Write) -> fmt::Result {
        out.write_str(as_text(&self.rfc_3339()))
    }

    fn rfc_3339(self) -> [u8; 30] {
        let seconds = self.0.div_euclid(NANOS_PER_SECOND);
        let nanos = small(self.0.rem_euclid(NANOS_PER_SECOND));
        let days = seconds.div_euclid(SECONDS_PER_DAY);
        let second_of_day = small(seconds.rem_euclid(SECONDS_PER_DAY));
        let (year, month, day) = civil_from_days(days);
        let mut text = *b"0000-00-00T00:00:00.000000000Z";
        let (front, back) = (nanos / 10_000, nanos % 10_000);
        for (at, pair) in [
            (0, year / 100),
            (2, year % 100),
            (5, month),
            (8, day),
            (11, second_of_day / 3_600),
            (14, second_of_day / 60 % 60),
            (17, second_of_day % 60),
            // Nine digits: the second one stands in two pairs.
            (20, front / 1_000),
            (21, front / 100 % 100),
            (23, front % 100),
            (25, back / 100),
            (27, back % 100),
        ] {
            text[at..at + 2].copy_from_slice(&DIGIT_PAIRS[pair as usize]);
        }
        text
    }
}

/// The low half.
fn low(number: u64) -> u32 {
    u32::try_from(number & u64::from(u32::MAX)).expect("half of the bits")
}

fn small(part: i64) -> u32 {
    u32::try_from(part).expect("a part of a time between 1677 and 2262 is small and positive")
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

/// Days since the epoch, of a [`Timestamp`], to (year, month, day) of the Gregorian calendar.
///
/// Counts in years that begin on 1 March, so that the leap day is a year's last. Quotients
/// by the lengths of years and months are products and shifts: Neri and Schneider,
/// "Euclidean affine functions and their application to calendar algorithms", 2022.
fn civil_from_days(days: i64) -> (u32, u32, u32) {
    // 0000-03-01 is day 0; all days are smaller than 2^20, so that nothing overflows.
    let quarters = 4 * small(days + 719_468) + 3;
    let century = quarters / 146_097;
    let quarters = (quarters % 146_097) | 3;
    let years = 2_939_745 * u64::from(quarters);
    let year = 100 * century + low(years >> 32);
    let day_of_year = low(years) / 2_939_745 / 4;
    let months = 2_141 * day_of_year + 197_913;
    let (month, day) = (months >> 16, (months & 0xffff) / 2_141 + 1);
    if day_of_year >= 306 { (year + 1, month - 12, day) } else { (year, month, day) }
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
        f.pad(as_text(&self.rfc_3339()))
    }
}

fn as_text(ascii: &[u8]) -> &str {
    std::str::from_utf8(ascii).expect("digits and punctuation are ASCII")
}

/// `00` to `99`.
const DIGIT_PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [*b"00"; 100];
    let mut number = 0;
    while number < 100_u8 {
        pairs[number as usize] = [b'0' + number / 10, b'0' + number % 10];
        number += 1;
    }
    pairs
};

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
        assert_eq!(nanos("1970-01-01t01:23:45z"), Some(5_025_000_000_000));
        assert_eq!(nanos("1970-01-01 00:00:00+23:59"), Some(-86_340_000_000_000));
        assert_eq!(nanos("1904-02-29T12:00:00Z"), nanos("1904-03-01T11:00:00+23:00"));
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
            "2026-04-31T00:00:00Z",
            "2026-06-31T00:00:00Z",
            "2026-09-31T00:00:00Z",
            "2026-11-31T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-11-00T00:00:00Z",
            "2026-00-21T00:00:00Z",
            "2026/11-21T00:00:00Z",
            "2026-11/21T00:00:00Z",
            "2026-11-21T00.00:00Z",
            "2026-11-21T00:00.00Z",
            "2026-11-21x00:00:00Z",
            "2026-11-21T00:60:00Z",
            "2026-11-21T00:00:61Z",
            "2026-11-21T00:00:00+24:00",
            "2026-11-21T00:00:00+00:60",
            "2026-11-21T00:00:00+1:00",
            "2026-11-21T00:00:00+001:00",
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

        #[test]
        fn a_text_is_that_of_the_parts(value in any::<i64>()) {
            let (seconds, nanos) = (value.div_euclid(NANOS_PER_SECOND), value.rem_euclid(NANOS_PER_SECOND));
            let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_PER_DAY));
            let second = seconds.rem_euclid(SECONDS_PER_DAY);
            let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
            let expected = format!(
                "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{nanos:09}Z"
            );
            let moment = Timestamp::from_nanos(value);
            prop_assert_eq!(moment.to_string(), &*expected);
            prop_assert_eq!(format!("{moment:>40}"), format!("{expected:>40}"));
            let mut written = String::new();
            moment.write_to(&mut written).expect("a string takes every text");
            prop_assert_eq!(written, expected);
        }
    }

    #[test]
    fn every_day_has_its_date() {
        let (first, last) = (i64::MIN / NANOS_PER_SECOND, i64::MAX / NANOS_PER_SECOND);
        for day in first / SECONDS_PER_DAY - 1..=last / SECONDS_PER_DAY {
            let (year, month, date) = civil_from_days(day);
            assert_eq!(days_from_civil(year.into(), month.into(), date.into()), day);
            assert!((1..=12).contains(&month), "{month} of day {day}");
            let length = days_in_month(year.into(), month.into());
            assert!((1..=length).contains(&date.into()), "{date} of day {day}");
        }
    }

    #[test]
    fn both_ends_have_their_text() {
        let text = |nanos| Timestamp::from_nanos(nanos).to_string();
        assert_eq!(text(i64::MIN), "1677-09-21T00:12:43.145224192Z");
        assert_eq!(text(i64::MAX), "2262-04-11T23:47:16.854775807Z");
    }
}
