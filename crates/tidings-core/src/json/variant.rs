//! The serializer for the outermost value of an event: an enum without its tag.
//!
//! It takes only variants apart and hands everything else, and everything inside, to
//! the ordinary serializer.

use std::fmt::Display;

use serde::ser::{Serialize, Serializer};

use crate::json::error::EncodeError;
use crate::json::serializer::{Array, Map, Struct, StructVariant, TupleVariant};
use crate::json::writer::Writer;

type Result<T> = std::result::Result<T, EncodeError>;

/// Writes the content of a variant.
pub(super) struct VariantSerializer<'a>(pub(super) &'a mut Writer);

macro_rules! hand_on {
    ($($method:ident($($name:ident: $kind:ty),*) -> $answer:ty;)*) => {
        $(#[inline] fn $method(self, $($name: $kind),*) -> Result<$answer> { self.0.$method($($name),*) })*
    };
}

impl<'a> Serializer for VariantSerializer<'a> {
    type Ok = ();
    type Error = EncodeError;
    type SerializeSeq = Array<'a>;
    type SerializeTuple = Array<'a>;
    type SerializeTupleStruct = Array<'a>;
    type SerializeTupleVariant = TupleVariant<'a>;
    type SerializeMap = Map<'a>;
    type SerializeStruct = Struct<'a>;
    type SerializeStructVariant = StructVariant<'a>;

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<()> {
        self.0.serialize_unit()
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<()> {
        value.serialize(self.0)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<TupleVariant<'a>> {
        TupleVariant::untagged(self.0)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<StructVariant<'a>> {
        StructVariant::untagged(self.0)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        self.0.serialize_some(value)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<()> {
        self.0.serialize_newtype_struct(name, value)
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<()> {
        self.0.collect_str(value)
    }

    hand_on! {
        serialize_bool(value: bool) -> ();
        serialize_i8(value: i8) -> ();
        serialize_i16(value: i16) -> ();
        serialize_i32(value: i32) -> ();
        serialize_i64(value: i64) -> ();
        serialize_i128(value: i128) -> ();
        serialize_u8(value: u8) -> ();
        serialize_u16(value: u16) -> ();
        serialize_u32(value: u32) -> ();
        serialize_u64(value: u64) -> ();
        serialize_u128(value: u128) -> ();
        serialize_f32(value: f32) -> ();
        serialize_f64(value: f64) -> ();
        serialize_char(value: char) -> ();
        serialize_str(value: &str) -> ();
        serialize_bytes(value: &[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(name: &'static str) -> ();
        serialize_seq(len: Option<usize>) -> Array<'a>;
        serialize_tuple(len: usize) -> Array<'a>;
        serialize_tuple_struct(name: &'static str, len: usize) -> Array<'a>;
        serialize_map(len: Option<usize>) -> Map<'a>;
        serialize_struct(name: &'static str, len: usize) -> Struct<'a>;
    }
}
