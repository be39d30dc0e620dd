//! The serde serializer of canonical JSON, with `serde_json`'s data model.
//!
//! Every container adds its own segment to an error that passes through it; that is
//! how an error knows its path.

use std::fmt::{self, Display, Write as _};

use serde::ser::{self, Serialize, Serializer};

use crate::json::error::EncodeError;
use crate::json::key::{DigitsSerializer, KeySerializer, RawSerializer};
use crate::json::number::{push_f32, push_f64, push_integer};
use crate::json::object::Frame;
use crate::json::string::{push_content, push_string, unescaped};
use crate::json::writer::Writer;

/// Names by which `serde_json` asks its own serializer for special treatment.
const RAW_VALUE: &str = "$serde_json::private::RawValue";
const NUMBER: &str = "$serde_json::private::Number";

type Result<T> = std::result::Result<T, EncodeError>;

macro_rules! integers {
    ($($method:ident($kind:ty))*) => {
        $(#[inline] fn $method(self, value: $kind) -> Result<()> {
            push_integer(&mut self.out, value);
            Ok(())
        })*
    };
}

impl<'a> Serializer for &'a mut Writer {
    type Ok = ();
    type Error = EncodeError;
    type SerializeSeq = Array<'a>;
    type SerializeTuple = Array<'a>;
    type SerializeTupleStruct = Array<'a>;
    type SerializeTupleVariant = TupleVariant<'a>;
    type SerializeMap = Map<'a>;
    type SerializeStruct = Struct<'a>;
    type SerializeStructVariant = StructVariant<'a>;

    integers! {
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
    }

    #[inline]
    fn serialize_bool(self, value: bool) -> Result<()> {
        self.out.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    #[inline]
    fn serialize_f32(self, value: f32) -> Result<()> {
        Ok(push_f32(&mut self.out, value)?)
    }

    #[inline]
    fn serialize_f64(self, value: f64) -> Result<()> {
        Ok(push_f64(&mut self.out, value)?)
    }

    #[inline]
    fn serialize_char(self, value: char) -> Result<()> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<()> {
        push_string(&mut self.out, value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<()> {
        self.collect_seq(value)
    }

    #[inline]
    fn serialize_none(self) -> Result<()> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        self.write_wrapped(value)
    }

    #[inline]
    fn serialize_unit(self) -> Result<()> {
        self.out.push_str("null");
        Ok(())
    }

    #[inline]
    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<()> {
        self.serialize_str(variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<()> {
        self.write_wrapped(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        let tag = Tag::begin(self, variant)?;
        value.serialize(&mut *self).map_err(|error| error.within_key(variant))?;
        tag.end(self)
    }

    #[inline]
    fn serialize_seq(self, _: Option<usize>) -> Result<Array<'a>> {
        self.begin_array()?;
        Ok(Array { writer: self, index: 0 })
    }

    #[inline]
    fn serialize_tuple(self, len: usize) -> Result<Array<'a>> {
        self.serialize_seq(Some(len))
    }

    #[inline]
    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Array<'a>> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<TupleVariant<'a>> {
        let tag = Tag::begin(self, variant)?;
        Ok(TupleVariant { tag: Some(tag), array: self.serialize_seq(Some(len))? })
    }

    #[inline]
    fn serialize_map(self, _: Option<usize>) -> Result<Map<'a>> {
        let frame = self.begin_object()?;
        Ok(Map { writer: self, frame })
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Struct<'a>> {
        match name {
            RAW_VALUE => Ok(Struct::Raw(self)),
            NUMBER => Ok(Struct::Number(self)),
            _ => Ok(Struct::Object(self.serialize_map(None)?)),
        }
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<StructVariant<'a>> {
        let tag = Tag::begin(self, variant)?;
        Ok(StructVariant { tag: Some(tag), object: self.serialize_map(None)? })
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<()> {
        push_display(&mut self.out, value).map(drop)
    }
}

/// Appends what `value` displays as a quoted string, and returns whether anything was
/// escaped.
pub(super) fn push_display(out: &mut String, value: &(impl Display + ?Sized)) -> Result<bool> {
    struct Content<'a> {
        out: &'a mut String,
        escaped: bool,
    }
    impl fmt::Write for Content<'_> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.escaped |= push_content(self.out, text);
            Ok(())
        }
    }
    out.push('"');
    let mut content = Content { out, escaped: false };
    write!(content, "{value}").map_err(<EncodeError as ser::Error>::custom)?;
    let escaped = content.escaped;
    out.push('"');
    Ok(escaped)
}

/// The object around the content of a variant, with the variant's name as its key.
struct Tag {
    frame: Frame,
    variant: &'static str,
}

impl Tag {
    fn begin(writer: &mut Writer, variant: &'static str) -> Result<Self> {
        let mut frame = writer.begin_object()?;
        writer.begin_member(&mut frame, variant);
        Ok(Self { frame, variant })
    }

    fn end(self, writer: &mut Writer) -> Result<()> {
        writer.end_member();
        Ok(writer.end_object(&self.frame)?)
    }
}

/// An array that is being written.
pub(super) struct Array<'a> {
    writer: &'a mut Writer,
    index: usize,
}

impl Array<'_> {
    #[inline]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.writer.begin_element(self.index);
        value.serialize(&mut *self.writer).map_err(|error| error.within_index(self.index))?;
        self.index += 1;
        Ok(())
    }
}

/// An object that is being written.
pub(super) struct Map<'a> {
    writer: &'a mut Writer,
    frame: Frame,
}

impl Map<'_> {
    #[inline]
    fn member<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<()> {
        self.writer.begin_member(&mut self.frame, key);
        value.serialize(&mut *self.writer).map_err(|error| error.within_key(key))?;
        self.writer.end_member();
        Ok(())
    }
}

/// A struct that is being written: an object, unless `serde_json` means something else.
pub(super) enum Struct<'a> {
    Object(Map<'a>),
    Raw(&'a mut Writer),
    Number(&'a mut Writer),
}

/// A tuple variant that is being written; without a tag, its content alone.
pub(super) struct TupleVariant<'a> {
    tag: Option<Tag>,
    array: Array<'a>,
}

impl<'a> TupleVariant<'a> {
    pub(super) fn untagged(writer: &'a mut Writer) -> Result<Self> {
        Ok(Self { tag: None, array: writer.serialize_seq(None)? })
    }
}

/// A struct variant that is being written; without a tag, its content alone.
pub(super) struct StructVariant<'a> {
    tag: Option<Tag>,
    object: Map<'a>,
}

impl<'a> StructVariant<'a> {
    pub(super) fn untagged(writer: &'a mut Writer) -> Result<Self> {
        Ok(Self { tag: None, object: writer.serialize_map(None)? })
    }
}

macro_rules! array {
    ($($trait:ident::$method:ident)*) => {
        $(impl ser::$trait for Array<'_> {
            type Ok = ();
            type Error = EncodeError;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.element(value)
            }

            #[inline]
            fn end(self) -> Result<()> {
                self.writer.end_array();
                Ok(())
            }
        })*
    };
}

array! { SerializeSeq::serialize_element SerializeTuple::serialize_element SerializeTupleStruct::serialize_field }

impl ser::SerializeTupleVariant for TupleVariant<'_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let variant = self.tag.as_ref().map(|tag| tag.variant);
        self.array.element(value).map_err(|error| within(error, variant))
    }

    fn end(self) -> Result<()> {
        self.array.writer.end_array();
        self.tag.map_or(Ok(()), |tag| tag.end(self.array.writer))
    }
}

impl ser::SerializeMap for Map<'_> {
    type Ok = ();
    type Error = EncodeError;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        let start = self.writer.begin_key(&self.frame);
        let escaped = key.serialize(KeySerializer(self.writer))?;
        self.writer.end_key(&mut self.frame, start, escaped);
        Ok(())
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let index = self.writer.members.len();
        value
            .serialize(&mut *self.writer)
            .map_err(|error| within_member(error, self.writer, index))?;
        self.writer.end_member();
        Ok(())
    }

    #[inline]
    fn end(self) -> Result<()> {
        Ok(self.writer.end_object(&self.frame)?)
    }
}

impl ser::SerializeStruct for Struct<'_> {
    type Ok = ();
    type Error = EncodeError;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<()> {
        match self {
            Self::Object(object) => object.member(key, value),
            Self::Raw(writer) => value.serialize(RawSerializer(writer)),
            Self::Number(writer) => value.serialize(DigitsSerializer(writer)),
        }
    }

    #[inline]
    fn end(self) -> Result<()> {
        match self {
            Self::Object(object) => ser::SerializeMap::end(object),
            Self::Raw(_) | Self::Number(_) => Ok(()),
        }
    }
}

impl ser::SerializeStructVariant for StructVariant<'_> {
    type Ok = ();
    type Error = EncodeError;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<()> {
        let variant = self.tag.as_ref().map(|tag| tag.variant);
        self.object.member(key, value).map_err(|error| within(error, variant))
    }

    #[inline]
    fn end(self) -> Result<()> {
        let Self { tag, object: Map { writer, frame } } = self;
        writer
            .end_object(&frame)
            .map_err(|fault| within(fault.into(), tag.as_ref().map(|tag| tag.variant)))?;
        tag.map_or(Ok(()), |tag| tag.end(writer))
    }
}

#[cold]
fn within(error: EncodeError, variant: Option<&'static str>) -> EncodeError {
    match variant {
        Some(variant) => error.within_key(variant),
        None => error,
    }
}

#[cold]
fn within_member(error: EncodeError, writer: &Writer, end: usize) -> EncodeError {
    let Some(member) = end.checked_sub(1).and_then(|index| writer.members.get(index)) else {
        return error;
    };
    let key: Vec<u8> = unescaped(member.key(&writer.out)).collect();
    error.within_key(&String::from_utf8_lossy(&key))
}
