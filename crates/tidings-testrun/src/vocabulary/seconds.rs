//! Durations on the wire: a number of seconds.
//!
//! Reading is lenient, because a result is worth more than its duration: what is negative,
//! out of range or no number at all is no duration.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serializer};
use serde_json::Value;

/// Writes seconds; only called for a duration that is there.
#[expect(clippy::ref_option, reason = "this is the signature that serde calls")]
pub(super) fn serialize<S: Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match duration {
        Some(duration) => serializer.serialize_f64(duration.as_secs_f64()),
        None => serializer.serialize_none(),
    }
}

/// Reads seconds.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(value.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<Duration> {
        deserialize(&mut serde_json::Deserializer::from_str(text)).expect("lenient")
    }

    #[test]
    fn what_is_no_duration_is_none() {
        for text in ["-1", "-0.001", "1e300", "null", "\"fast\"", "[]"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read("0"), Some(Duration::ZERO));
        assert_eq!(read("1.5"), Some(Duration::from_millis(1500)));
    }

    proptest! {
        #[test]
        fn a_duration_of_days_reads_back_to_the_nanosecond(nanos in 0..4_000_000_000_000_000_u64) {
            let duration = Duration::from_nanos(nanos);
            let text = serde_json::to_string(&duration.as_secs_f64()).expect("a number");
            prop_assert_eq!(read(&text), Some(duration));
        }
    }
}
