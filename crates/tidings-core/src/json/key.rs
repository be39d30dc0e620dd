//! Serializers for the two places where only text may stand: map keys, and the inside
//! of `serde_json`'s raw values and arbitrary-precision numbers.
//!
//! Keys follow `serde_json`: characters, integers, bools and unit variants become
//! strings. Floats do not; a float is a bad key in every language that reads this.

use std::fmt::Display;

use serde::ser::{Impossible, Serialize, Serializer};

use crate::json::canonicalize::Reader;
use crate::json::error::{EncodeError, EncodeFault};
use crate::json::number::{push_f64, push_integer};
use crate::json::serializer::push_display;
use crate::json::string::push_string;
use crate::json::writer::Writer;

type Result<T> = std::result::Result<T, EncodeError>;

/// Writes a map key, and returns whether anything in it was escaped.
pub(super) struct KeySerializer<'a>(pub(super) &'a mut Writer);

/// Writes the JSON text inside a raw value.
pub(super) struct RawSerializer<'a>(pub(super) &'a mut Writer);

/// Writes the digits inside an arbitrary-precision number.
pub(super) struct DigitsSerializer<'a>(pub(super) &'a mut Writer);

macro_rules! refuse {
    ($fault:expr => $($method:ident($($kind:ty),*))*) => {
        $(fn $method(self, $(_: $kind),*) -> Result<Self::Ok> { Err($fault.into()) })*
    };
}

macro_rules! refuse_compounds {
    ($fault:expr) => {
        type SerializeSeq = Impossible<Self::Ok, EncodeError>;
        type SerializeTuple = Impossible<Self::Ok, EncodeError>;
        type SerializeTupleStruct = Impossible<Self::Ok, EncodeError>;
        type SerializeTupleVariant = Impossible<Self::Ok, EncodeError>;
        type SerializeMap = Impossible<Self::Ok, EncodeError>;
        type SerializeStruct = Impossible<Self::Ok, EncodeError>;
        type SerializeStructVariant = Impossible<Self::Ok, EncodeError>;

        refuse! { $fault =>
            serialize_f32(f32) serialize_f64(f64) serialize_bytes(&[u8])
            serialize_none() serialize_unit() serialize_unit_struct(&'static str)
        }
        fn serialize_newtype_variant<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: &T,
        ) -> Result<Self::Ok> {
            Err($fault.into())
        }
        fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq> {
            Err($fault.into())
        }
        fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple> {
            Err($fault.into())
        }
        fn serialize_tuple_struct(
            self,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeTupleStruct> {
            Err($fault.into())
        }
        fn serialize_tuple_variant(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeTupleVariant> {
            Err($fault.into())
        }
        fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap> {
            Err($fault.into())
        }
        fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct> {
            Err($fault.into())
        }
        fn serialize_struct_variant(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeStructVariant> {
            Err($fault.into())
        }
    };
}

macro_rules! quote_integers {
    ($($method:ident($kind:ty))*) => {
        $(fn $method(self, value: $kind) -> Result<bool> {
            self.0.out.push('"');
            push_integer(&mut self.0.out, value);
            self.0.out.push('"');
            Ok(false)
        })*
    };
}

impl Serializer for KeySerializer<'_> {
    type Ok = bool;
    type Error = EncodeError;

    #[inline]
    fn serialize_str(self, key: &str) -> Result<bool> {
        Ok(push_string(&mut self.0.out, key))
    }

    fn serialize_char(self, key: char) -> Result<bool> {
        Ok(push_string(&mut self.0.out, key.encode_utf8(&mut [0; 4])))
    }

    fn serialize_bool(self, key: bool) -> Result<bool> {
        self.0.out.push_str(if key { "\"true\"" } else { "\"false\"" });
        Ok(false)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<bool> {
        Ok(push_string(&mut self.0.out, variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<bool> {
        value.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<bool> {
        value.serialize(self)
    }

    fn collect_str<T: Display + ?Sized>(self, key: &T) -> Result<bool> {
        push_display(&mut self.0.out, key)
    }

    quote_integers! {
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
    }
    refuse_compounds!(EncodeFault::KeyNotText);
}

macro_rules! text_only {
    () => {
        type Ok = ();
        type Error = EncodeError;

        refuse! { EncodeFault::RawNotText =>
            serialize_bool(bool) serialize_char(char)
            serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
            serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
            serialize_unit_variant(&'static str, u32, &'static str)
        }
        fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<()> {
            value.serialize(self)
        }
        fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
            value.serialize(self)
        }
        refuse_compounds!(EncodeFault::RawNotText);
    };
}

impl Serializer for RawSerializer<'_> {
    fn serialize_str(self, text: &str) -> Result<()> {
        Ok(Reader::new(text).document(self.0).map_err(EncodeFault::Raw)?)
    }

    text_only!();
}

impl Serializer for DigitsSerializer<'_> {
    fn serialize_str(self, digits: &str) -> Result<()> {
        let is_integer =
            digits.strip_prefix('-').unwrap_or(digits).bytes().all(|byte| byte.is_ascii_digit());
        match digits.parse() {
            Ok(value) if !is_integer || digits == "-0" => Ok(push_f64(&mut self.0.out, value)?),
            _ => RawSerializer(self.0).serialize_str(digits),
        }
    }

    text_only!();
}
