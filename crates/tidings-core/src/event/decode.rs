//! From (type, data) back into a typed enum.
//!
//! The wire carries a variant's content without serde's tag, so the variant is chosen here
//! by its index among those that serde can read; the index is what a derived
//! `Deserialize` accepts in place of any name, however the variants were renamed.
//!
//! An event may gain its first field, or lose its last: `null` stands for an object
//! without members, and an event without fields ignores the members of an object.

use serde::de::value::U32Deserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IgnoredAny, IntoDeserializer, VariantAccess, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};
use thiserror::Error;

/// Why a JSON text is no value of the event that its type names.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the data does not fit the event: {reason}")]
pub struct DecodeError {
    reason: String,
}

impl DecodeError {
    /// An error with this reason, lower case and without a full stop.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }

    /// Says which event was to be which type.
    pub(crate) fn of(mut self, event_type: &crate::EventType, target: &str) -> Self {
        let target = target.rsplit("::").next().unwrap_or(target);
        self.reason = format!("`{event_type}` as `{target}`: {}", self.reason);
        self
    }

    /// No `From`: it would bind callers to one version of another crate.
    #[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
    fn unread(fault: serde_json::Error) -> Self {
        Self::new(fault.to_string())
    }
}

/// Reads the content of the variant with this index, for `derive(Event)`.
///
/// # Errors
///
/// [`DecodeError`] when `data` is no JSON of that variant's shape.
#[doc(hidden)]
pub fn decode_variant<'de, E: Deserialize<'de>>(
    index: u32,
    data: &'de str,
) -> Result<E, DecodeError> {
    E::deserialize(Variant { index, data }).map_err(DecodeError::unread)
}

/// Reads a struct event, for `derive(Event)`.
///
/// # Errors
///
/// [`DecodeError`] when `data` is no JSON of its shape.
#[doc(hidden)]
pub fn decode_value<'de, E: Deserialize<'de>>(data: &'de str) -> Result<E, DecodeError> {
    let read = serde_json::from_str(data).or_else(|fault| match data {
        // Without fields once, with fields that have defaults now.
        "null" => serde_json::from_str("{}").map_err(|_| fault),
        _ => Err(fault),
    });
    read.map_err(DecodeError::unread)
}

/// Reads an event that is a unit struct, for `derive(Event)`.
///
/// # Errors
///
/// [`DecodeError`] when `data` is neither `null` nor an object.
#[doc(hidden)]
pub fn decode_unit<'de, E: Deserialize<'de>>(data: &'de str) -> Result<E, DecodeError> {
    nothing(data).and_then(|()| serde_json::from_str("null")).map_err(DecodeError::unread)
}

/// Checks the data of an event without fields: `null`, or an object whose members, added
/// since by its author, are ignored as unknown members of any other object are.
fn nothing(data: &str) -> Result<(), serde_json::Error> {
    if is_object(data) {
        serde_json::from_str::<IgnoredAny>(data).map(drop)
    } else {
        serde_json::from_str::<()>(data)
    }
}

fn is_object(data: &str) -> bool {
    data.trim_ascii_start().starts_with('{')
}

/// A variant's content, in the place of an enum with its tag.
struct Variant<'de> {
    index: u32,
    data: &'de str,
}

impl<'de> Deserializer<'de> for Variant<'de> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        option unit unit_struct newtype_struct seq tuple tuple_struct map struct enum
        identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = serde_json::Error;
    type Variant = Content<'de>;

    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, Content<'de>), Self::Error> {
        let index: U32Deserializer<Self::Error> = self.index.into_deserializer();
        Ok((seed.deserialize(index)?, Content(self.data)))
    }
}

struct Content<'de>(&'de str);

impl<'de> Content<'de> {
    /// Reads all of the data, and nothing behind it.
    fn read<T>(
        self,
        read: impl FnOnce(&mut Json<'de>) -> Result<T, serde_json::Error>,
    ) -> Result<T, serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(self.0);
        let value = read(&mut json)?;
        json.end()?;
        Ok(value)
    }
}

type Json<'de> = serde_json::Deserializer<serde_json::de::StrRead<'de>>;

impl<'de> VariantAccess<'de> for Content<'de> {
    type Error = serde_json::Error;

    fn unit_variant(self) -> Result<(), Self::Error> {
        nothing(self.0)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, Self::Error> {
        self.read(|json| seed.deserialize(json))
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.read(|json| json.deserialize_tuple(len, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        mut self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        if self.0 == "null" {
            // Without fields once, with fields that have defaults now.
            self.0 = "{}";
        }
        self.read(|json| json.deserialize_struct("variant", fields, visitor))
    }
}
