//! Durations, by the unit that their key ends with.

use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, Unexpected};

/// The longest duration, in seconds: ten years.
const SECONDS_MAX: u64 = 10 * 365 * 24 * 3600;

/// A duration in whole milliseconds, at least `LEAST` of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Millis<const LEAST: u64 = 0>(pub(crate) Duration);

/// A duration in whole seconds, at least `LEAST` of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seconds<const LEAST: u64 = 0>(pub(crate) Duration);

impl<'de, const LEAST: u64> Deserialize<'de> for Millis<LEAST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let millis = bounded(deserializer, LEAST, SECONDS_MAX * 1000)?;
        Ok(Self(Duration::from_millis(millis)))
    }
}

impl<'de, const LEAST: u64> Deserialize<'de> for Seconds<LEAST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Duration::from_secs(bounded(deserializer, LEAST, SECONDS_MAX)?)))
    }
}

fn bounded<'de, D: Deserializer<'de>>(
    deserializer: D,
    least: u64,
    most: u64,
) -> Result<u64, D::Error> {
    let number = u64::deserialize(deserializer)?;
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    let expected = format!("an integer from {least} to {most}");
    Err(D::Error::invalid_value(Unexpected::Unsigned(number), &expected.as_str()))
}
