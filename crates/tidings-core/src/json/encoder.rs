//! The encoder: what callers hold while a value becomes canonical text.
//!
//! Each call writes the value from the beginning, so an encoder holds the latest
//! value or, after an error, none of it.

use serde::Serialize;

use crate::json::canonical::Canonical;
use crate::json::error::EncodeError;
use crate::json::variant::VariantSerializer;
use crate::json::writer::Writer;

/// Returns the canonical text of a value.
///
/// # Errors
///
/// See [`EncodeError`]: a float that is no number, a key twice in one object, a map
/// key that is no text, more than [`DEPTH_MAX`](crate::json::DEPTH_MAX) levels, or
/// what the value's own `Serialize` says.
///
/// # Examples
///
/// ```
/// use std::collections::HashMap;
///
/// let seeds = HashMap::from([("b", 9_007_199_254_740_993_u64), ("a", 1)]);
/// assert_eq!(tidings_core::json::to_string(&seeds)?, r#"{"a":1,"b":9007199254740993}"#);
/// # Ok::<(), tidings_core::json::EncodeError>(())
/// ```
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, EncodeError> {
    let mut encoder = Encoder::new();
    encoder.value(value)?;
    Ok(encoder.finish().into_string())
}

/// Writes one value as canonical JSON, in one pass.
///
/// # Examples
///
/// ```
/// use tidings_core::json::Encoder;
///
/// #[derive(serde::Serialize)]
/// enum QuickTest {
///     Started { test_name: String, attempt: u32 },
/// }
///
/// let mut encoder = Encoder::new();
/// encoder.variant(&QuickTest::Started { test_name: "t1".into(), attempt: 2 })?;
/// assert_eq!(encoder.finish().as_str(), r#"{"attempt":2,"test_name":"t1"}"#);
/// # Ok::<(), tidings_core::json::EncodeError>(())
/// ```
#[derive(Debug)]
pub struct Encoder {
    writer: Writer,
}

impl Encoder {
    /// Creates an encoder that holds `null`.
    pub fn new() -> Self {
        Self { writer: Writer::new() }
    }

    /// Writes a value; what was written before is gone.
    ///
    /// # Errors
    ///
    /// As [`to_string`]; the encoder then holds `null`.
    pub fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.write(|writer| value.serialize(writer))
    }

    /// Writes the content of an enum's variant, without the variant's name; what was
    /// written before is gone.
    ///
    /// A unit variant is `null`, a newtype variant its inner value, a tuple variant an
    /// array, a struct variant an object. Enums further down, and a value that is no
    /// enum, are written as [`value`](Self::value) writes them.
    ///
    /// # Errors
    ///
    /// As [`to_string`]; the encoder then holds `null`.
    pub fn variant<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.write(|writer| value.serialize(VariantSerializer(writer)))
    }

    /// Returns the text.
    pub fn finish(self) -> Canonical {
        let Writer { mut out, members, .. } = self.writer;
        if out.is_empty() {
            out.push_str("null");
        }
        Canonical::new(out, members)
    }

    #[inline]
    fn write(
        &mut self,
        value: impl FnOnce(&mut Writer) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.writer.clear();
        value(&mut self.writer)
            .and_then(|()| Ok(self.writer.check_complete()?))
            .inspect_err(|_| self.writer.clear())
    }
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}
