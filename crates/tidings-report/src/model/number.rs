//! Moments and durations as numbers: milliseconds since the Unix epoch, and seconds.
//!
//! Both are rounded down to microseconds: nobody reads more, and it halves their length.

use std::time::Duration;

use tidings_core::Timestamp;

/// Milliseconds since the Unix epoch.
#[expect(clippy::cast_precision_loss, reason = "microseconds fit until the year 2255")]
pub(super) fn millis(moment: Timestamp) -> f64 {
    moment.as_nanos().div_euclid(1_000) as f64 / 1_000.0
}

/// Seconds.
#[expect(clippy::cast_precision_loss, reason = "microseconds of 285 years fit")]
pub(super) fn seconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1_000_000.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "this is the signature that serde calls")]
pub(super) fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "this is the signature that serde calls")]
pub(super) fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_and_a_duration_keep_their_microseconds() {
        let moment: Timestamp = "2026-11-21T03:00:02.119948123Z".parse().expect("a moment");
        assert_eq!(serde_json::json!(millis(moment)).to_string(), "1795230002119.948");
        let duration = Duration::from_nanos(12_345_678);
        assert_eq!(serde_json::json!(seconds(duration)).to_string(), "0.012345");
    }
}
