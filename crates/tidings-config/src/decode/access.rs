//! What is inside of lists, tables and enums.

use std::slice;
use std::vec;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::error::DecodeError;
use super::node::{NodeReader, Scope, unknown_key};
use crate::source::{Entry, Node, Span, Table, Value};

/// The items of a list.
pub(super) struct Items<'a> {
    pub(super) items: slice::Iter<'a, Node>,
    pub(super) scope: &'a Scope<'a>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let next = self.items.next();
        next.map(|node| read(seed, node, self.scope)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The members of a table.
pub(super) struct Members<'a> {
    entries: vec::IntoIter<&'a Entry>,
    value: Option<&'a Node>,
    scope: &'a Scope<'a>,
}

impl<'a> Members<'a> {
    pub(super) fn new(entries: Vec<&'a Entry>, scope: &'a Scope<'a>) -> Self {
        Self { entries: entries.into_iter(), value: None, scope }
    }

    pub(super) fn all(table: &'a Table, scope: &'a Scope<'a>) -> Self {
        Self::new(table.entries.iter().collect(), scope)
    }

    /// Reports what else is unknown to a type that has no other keys than these.
    fn report_unknown(&mut self, known: &[&str]) {
        for entry in self.entries.by_ref().filter(|entry| !known.contains(&entry.key.as_str())) {
            self.scope.source.report(unknown_key(entry, known));
        }
    }
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        let Some(entry) = self.entries.next() else { return Ok(None) };
        self.value = Some(&entry.node);
        let word = Word { text: &entry.key, span: &entry.key_span, scope: self.scope };
        let key = seed.deserialize(word);
        key.map(Some).inspect_err(|error| {
            if let Some(known) = error.known {
                self.report_unknown(known);
            }
        })
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DecodeError> {
        let node = self.value.take().expect("a key is asked for before its value");
        read(seed, node, self.scope)
    }
}

/// Reads a value; what its type finds wrong after reading has a place, too.
fn read<'de, T: DeserializeSeed<'de>>(
    seed: T,
    node: &Node,
    scope: &Scope<'_>,
) -> Result<T::Value, DecodeError> {
    let read = seed.deserialize(NodeReader { node, scope });
    read.map_err(|error| scope.note(error, &node.span))
}

/// A key or the name of a variant.
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) span: &'a Span,
    pub(super) scope: &'a Scope<'a>,
}

impl<'de> Deserializer<'de> for Word<'_> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_str(self.text).map_err(|error| self.scope.note(error, self.span))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct identifier option enum
        ignored_any
    }
}

/// A variant: its name alone, or a table with its name as the only key.
pub(super) struct Variant<'a> {
    name: &'a str,
    span: &'a Span,
    content: Option<&'a Node>,
    scope: &'a Scope<'a>,
}

impl<'a> Variant<'a> {
    pub(super) fn of(node: &'a Node, scope: &'a Scope<'a>) -> Option<Self> {
        match &node.value {
            Value::Text(name) => Some(Self { name, span: &node.span, content: None, scope }),
            Value::Table(table) => match table.entries.as_slice() {
                [entry] => Some(Self {
                    name: &entry.key,
                    span: &entry.key_span,
                    content: Some(&entry.node),
                    scope,
                }),
                _ => None,
            },
            _ => None,
        }
    }
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = DecodeError;
    type Variant = VariantContent<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, VariantContent<'a>), DecodeError> {
        let word = Word { text: self.name, span: self.span, scope: self.scope };
        let name = seed.deserialize(word)?;
        Ok((name, VariantContent { content: self.content, scope: self.scope }))
    }
}

/// What comes with the name of a variant.
pub(super) struct VariantContent<'a> {
    content: Option<&'a Node>,
    scope: &'a Scope<'a>,
}

impl<'a> VariantContent<'a> {
    fn reader(self, what: &str) -> Result<NodeReader<'a>, DecodeError> {
        let Some(node) = self.content else {
            return Err(serde::de::Error::custom(format!("expected {what} with this name")));
        };
        Ok(NodeReader { node, scope: self.scope })
    }
}

impl<'de> VariantAccess<'de> for VariantContent<'_> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        match self.content {
            None => Ok(()),
            Some(_) => Err(serde::de::Error::custom("expected the name alone")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, DecodeError> {
        seed.deserialize(self.reader("a value")?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.reader("a list")?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.reader("a table")?.deserialize_struct("", fields, visitor)
    }
}
