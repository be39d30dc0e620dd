//! The id of one bus instance.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;
use uuid::Uuid;

/// The id of one bus instance: a `UUIDv7` (RFC 9562 §5.7) unless one was injected.
///
/// Its text is the hyphenated form; capitals are read too, other spellings are not.
///
/// ```
/// use tidings_core::BusId;
///
/// let id = BusId::from_u128(7);
/// assert_eq!(id.to_string(), "00000000-0000-0000-0000-000000000007");
/// assert_eq!(id.to_string().parse(), Ok(id));
/// assert!("7".parse::<BusId>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BusId(Uuid);

impl BusId {
    /// How long the text of every id is.
    pub(crate) const TEXT_BYTES: usize = uuid::fmt::Hyphenated::LENGTH;

    /// A new id, later ones sorting after earlier ones.
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }

    /// An injected id, for tests that compare texts.
    pub const fn from_u128(value: u128) -> Self {
        Self(Uuid::from_u128(value))
    }

    /// The id as a number.
    pub const fn as_u128(self) -> u128 {
        self.0.as_u128()
    }

    /// Writes the text as `Display` does, but without a formatter: it is part of every
    /// event on every wire.
    ///
    /// # Errors
    ///
    /// That of `out`; a `String` has none.
    #[inline]
    pub fn write_to(self, out: &mut impl fmt::Write) -> fmt::Result {
        out.write_str(self.0.as_hyphenated().encode_lower(&mut Uuid::encode_buffer()))
    }
}

impl fmt::Display for BusId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to(f)
    }
}

impl FromStr for BusId {
    type Err = InvalidBusId;

    fn from_str(text: &str) -> Result<Self, InvalidBusId> {
        let is_hyphenated = text.len() == Self::TEXT_BYTES;
        let uuid = Uuid::try_parse(text).ok().filter(|_| is_hyphenated);
        uuid.map(Self).ok_or_else(|| InvalidBusId { text: text.chars().take(80).collect() })
    }
}

/// Why a text is no bus id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{}` is not a bus id: a UUID in hyphenated form is expected", text.escape_debug())]
pub struct InvalidBusId {
    text: String,
}

impl Serialize for BusId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BusId {
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
    fn only_the_hyphenated_form_is_a_bus_id() {
        let id = BusId::from_u128(0xabc);
        let text = id.to_string();
        assert_eq!(text.to_uppercase().parse(), Ok(id));
        for other in [
            String::new(),
            text.replace('-', ""),
            format!("{{{text}}}"),
            format!("urn:uuid:{text}"),
            text.replace('a', "g"),
        ] {
            assert!(other.parse::<BusId>().is_err(), "{other}");
        }
    }

    #[test]
    fn generated_ids_are_of_version_seven_and_differ() {
        let (first, second) = (BusId::generate(), BusId::generate());
        assert_eq!(first.as_u128() >> 76 & 0xf, 7);
        assert!(first < second, "{first} {second}");
    }

    proptest! {
        #[test]
        fn the_text_is_that_of_the_uuid(number in any::<u128>()) {
            let (id, uuid) = (BusId::from_u128(number), Uuid::from_u128(number));
            prop_assert_eq!(id.to_string(), format!("{uuid}"));
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }
    }
}
