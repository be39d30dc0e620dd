//! How long something took, as people read it.

use std::time::Duration;

/// How finely a duration is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    /// For what is over: `1.234s`.
    Milliseconds,
    /// For what still runs and is redrawn all the time: `1s`.
    Seconds,
}

/// `<1ms`, `12ms`, `1.234s`, `2m 03s`, `1h 02m`; cut off, never rounded up. Nothing at all
/// reads `<1ms` too: no clock is sure enough for a zero.
pub(crate) fn format_duration(duration: Duration, precision: Precision) -> String {
    let seconds = duration.as_secs();
    let millis = duration.subsec_millis();
    match (seconds, precision) {
        (3_600.., _) => format!("{}h {:02}m", seconds / 3_600, seconds / 60 % 60),
        (60.., _) => format!("{}m {:02}s", seconds / 60, seconds % 60),
        (_, Precision::Seconds) => format!("{seconds}s"),
        (1.., _) => format!("{seconds}.{millis:03}s"),
        (0, _) if millis > 0 => format!("{millis}ms"),
        (0, _) => "<1ms".to_owned(),
    }
}

/// `3512` as `3,512`.
pub(crate) fn format_count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_the_unit_that_fits() {
        for (nanos, text) in [
            (0, "<1ms"),
            (999_999, "<1ms"),
            (12_000_000, "12ms"),
            (999_999_999, "999ms"),
            (1_234_567_890, "1.234s"),
            (59_999_999_999, "59.999s"),
            (123_000_000_000, "2m 03s"),
            (3_720_000_000_000, "1h 02m"),
        ] {
            let duration = Duration::from_nanos(nanos);
            assert_eq!(format_duration(duration, Precision::Milliseconds), text);
        }
        let running = Duration::from_millis(3_999);
        assert_eq!(format_duration(running, Precision::Seconds), "3s");
    }

    #[test]
    fn thousands_are_set_apart() {
        for (count, text) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (3_512, "3,512"), (1_234_567, "1,234,567")]
        {
            assert_eq!(format_count(count), text);
        }
    }
}
