//! `Retry-After`, RFC 9110 §10.2.3: seconds, or a date in one of the three forms that HTTP
//! has had.

use std::time::Duration;

use tidings_core::Timestamp;

/// The longest pause that a server can ask for; what is more is taken as a mistake.
pub const RETRY_AFTER_MAX: Duration = Duration::from_hours(24);

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// How long a server asks to wait, at most [`RETRY_AFTER_MAX`]; `now` is for dates.
///
/// `None` when the value is neither a number of seconds nor a date. A date that is over
/// asks for no pause.
///
/// ```
/// use std::time::Duration;
/// use tidings_core::Timestamp;
/// use tidings_http_client::retry_after;
///
/// let now: Timestamp = "2026-11-21T08:49:30Z".parse()?;
/// assert_eq!(retry_after("4", now), Some(Duration::from_secs(4)));
/// let date = "Sat, 21 Nov 2026 08:49:37 GMT";
/// assert_eq!(retry_after(date, now), Some(Duration::from_secs(7)));
/// assert_eq!(retry_after("soon", now), None);
/// # Ok::<(), tidings_core::InvalidTimestamp>(())
/// ```
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    let pause = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // So many digits that they are no number are a very long time.
        value.parse().map_or(RETRY_AFTER_MAX, Duration::from_secs)
    } else {
        http_date(value)?.saturating_since(now)
    };
    Some(pause.min(RETRY_AFTER_MAX))
}

/// A date in any of the forms of RFC 9110 §5.6.7.
pub(crate) fn http_date(value: &str) -> Option<Timestamp> {
    let words: Vec<&str> = value.split_ascii_whitespace().collect();
    match words[..] {
        [_, day, month, year, time, "GMT"] | [_, month, day, time, year] => {
            date(year, month, day, time)
        }
        [_, date_850, time, "GMT"] => {
            let mut parts = date_850.split('-');
            let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
            // RFC 850 has two digits: those of this century, for a pause.
            date(&format!("20{year}"), month, day, time)
        }
        _ => None,
    }
}

fn date(year: &str, month: &str, day: &str, time: &str) -> Option<Timestamp> {
    let month = 1 + MONTHS.iter().position(|name| *name == month)?;
    format!("{year}-{month:02}-{day:0>2}T{time}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "1994-11-06T08:49:30Z".parse().unwrap()
    }

    #[test]
    fn seconds_are_taken_as_they_are() {
        assert_eq!(retry_after(" 121 ", now()), Some(Duration::from_secs(121)));
        assert_eq!(retry_after("0", now()), Some(Duration::ZERO));
    }

    #[test]
    fn all_three_forms_of_a_date_are_read() {
        let later: Timestamp = "2094-11-06T08:49:30Z".parse().unwrap();
        for (date, now) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", now()),
            ("Sunday, 06-Nov-94 08:49:37 GMT", later),
            ("Sun Nov  6 08:49:37 1994", now()),
        ] {
            assert_eq!(retry_after(date, now), Some(Duration::from_secs(7)), "{date}");
        }
    }

    #[test]
    fn a_date_that_is_over_asks_for_no_pause() {
        let date = "Sun, 06 Nov 1994 08:49:29 GMT";
        assert_eq!(retry_after(date, now()), Some(Duration::ZERO));
    }

    #[test]
    fn a_pause_has_an_upper_bound() {
        for value in ["86401", "99999999999999999999999", "Sun, 06 Nov 2094 08:49:37 GMT"] {
            assert_eq!(retry_after(value, now()), Some(RETRY_AFTER_MAX), "{value}");
        }
    }

    #[test]
    fn what_is_neither_asks_for_nothing() {
        for value in ["", "-1", "1.5", "soon", "Sun, 06 Foo 1994 08:49:37 GMT", "a b c d e"] {
            assert_eq!(retry_after(value, now()), None, "{value}");
        }
    }
}
