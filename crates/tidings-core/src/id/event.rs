//! The id of one occurrence.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use super::BusId;
use crate::text;

/// A single-writer stream on one bus, leased to the thread that emits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lane(u32);

impl Lane {
    /// The lane of this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// Its number, from 0 on.
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Which saying of it: bus, lane, and the place in that lane.
///
/// The sequence starts at 0 and has no gap over the envelopes this bus made in the lane;
/// events that nobody hears, and suppressed ones, take none. The text is
/// `<bus>.<lane>.<sequence>`:
///
/// ```
/// use tidings_core::{BusId, EventId, Lane};
///
/// let id = EventId::new(BusId::from_u128(7), Lane::new(2), 41);
/// assert_eq!(id.to_string(), "00000000-0000-0000-0000-000000000007.2.41");
/// assert_eq!(id.to_string().parse::<EventId>()?, id);
/// # Ok::<(), tidings_core::InvalidEventId>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId {
    bus: BusId,
    lane: Lane,
    sequence: u64,
}

impl EventId {
    /// Puts an id together.
    pub const fn new(bus: BusId, lane: Lane, sequence: u64) -> Self {
        Self { bus, lane, sequence }
    }

    /// The bus instance that made the envelope.
    pub const fn bus(self) -> BusId {
        self.bus
    }

    /// The lane it was emitted on.
    pub const fn lane(self) -> Lane {
        self.lane
    }

    /// Its place in that lane, from 0 on.
    pub const fn sequence(self) -> u64 {
        self.sequence
    }

    /// Writes the text as `Display` does, but without a formatter: it is part of every
    /// event on every wire.
    ///
    /// ```
    /// use tidings_core::{BusId, EventId, Lane};
    ///
    /// let id = EventId::new(BusId::from_u128(7), Lane::new(2), 41);
    /// let mut line = "id: ".to_owned();
    /// id.write_to(&mut line)?;
    /// assert_eq!(line, "id: 00000000-0000-0000-0000-000000000007.2.41");
    /// # Ok::<(), std::fmt::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// That of `out`; a `String` has none.
    #[inline]
    pub fn write_to(self, out: &mut impl fmt::Write) -> fmt::Result {
        self.bus.write_to(out)?;
        out.write_str(".")?;
        text::write_integer(out, u64::from(self.lane.0))?;
        out.write_str(".")?;
        text::write_integer(out, self.sequence)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to(f)
    }
}

impl FromStr for EventId {
    type Err = InvalidEventId;

    fn from_str(text: &str) -> Result<Self, InvalidEventId> {
        Self::parse_with(text, |bus| bus.parse().ok())
    }
}

impl EventId {
    /// As `from_str`, for a caller that may know the bus by its text.
    #[inline]
    pub(crate) fn parse_with(
        text: &str,
        bus: impl FnOnce(&str) -> Option<BusId>,
    ) -> Result<Self, InvalidEventId> {
        parse(text, bus).ok_or_else(|| InvalidEventId { text: text.chars().take(120).collect() })
    }
}

#[inline]
fn parse(text: &str, bus: impl FnOnce(&str) -> Option<BusId>) -> Option<EventId> {
    // A dot anywhere else is no digit.
    let (bus_text, rest) = text.split_at_checked(BusId::TEXT_BYTES)?;
    let (lane, sequence) = rest.strip_prefix('.')?.split_once('.')?;
    let (lane, sequence) = (number(lane)?.try_into().ok()?, number(sequence)?);
    Some(EventId::new(bus(bus_text)?, Lane::new(lane), sequence))
}

/// Decimal digits only: `+1` and `01` would give two texts to one id.
#[inline]
fn number(text: &str) -> Option<u64> {
    let padded = text.len() > 1 && text.starts_with('0');
    text::read_digits(text).filter(|_| !padded)
}

/// Why a text is no event id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{}` is not an event id: `<bus>.<lane>.<sequence>` is expected", text.escape_debug())]
pub struct InvalidEventId {
    text: String,
}

impl Serialize for EventId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_has_one_text_only() {
        let bus = BusId::from_u128(1);
        for bad in ["", "x.1.2", "1.2", &format!("{bus}.1"), &format!("{bus}.1.2.3")] {
            assert!(bad.parse::<EventId>().is_err(), "{bad}");
        }
        for bad in ["+1.2", "01.2", "1.-2", "4294967296.1", "1.18446744073709551616", "1."] {
            assert!(format!("{bus}.{bad}").parse::<EventId>().is_err(), "{bad}");
        }
        let largest = EventId::new(bus, Lane::new(u32::MAX), u64::MAX);
        assert_eq!(largest.to_string().parse(), Ok(largest));
    }

    proptest! {
        #[test]
        fn the_text_is_that_of_the_parts(bus: u128, lane: u32, sequence: u64, shift in 0..64_u32) {
            let (bus, sequence) = (BusId::from_u128(bus), sequence >> shift);
            let id = EventId::new(bus, Lane::new(lane), sequence);
            prop_assert_eq!(id.to_string(), format!("{bus}.{lane}.{sequence}"));
        }
    }
}
