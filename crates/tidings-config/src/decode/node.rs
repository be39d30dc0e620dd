//! The deserializer of one value.

use std::cell::RefCell;

use serde::de::{Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;

use super::access::{Items, Members, Variant};
use super::error::{DecodeError, one_of};
use super::nearest;
use crate::source::{Entry, Fault, Node, Source, Span, Table, Value};

/// What all values of one reading share.
pub(super) struct Scope<'s> {
    pub(super) source: &'s Source,
    /// The innermost error, with its place, on its way out.
    pending: RefCell<Option<Fault>>,
}

impl<'s> Scope<'s> {
    pub(super) fn new(source: &'s Source) -> Self {
        Self { source, pending: RefCell::default() }
    }

    /// Remembers where an error arose, unless it only passes by.
    pub(super) fn note(&self, error: DecodeError, span: &Span) -> DecodeError {
        let mut pending = self.pending.borrow_mut();
        pending.get_or_insert_with(|| error.clone().at(span.clone()));
        error
    }

    /// The fault of an error that came out.
    pub(super) fn fault(&self, error: DecodeError, span: &Span) -> Fault {
        self.pending.take().unwrap_or_else(|| error.at(span.clone()))
    }
}

/// One value that is read.
#[derive(Clone, Copy)]
pub(super) struct NodeReader<'a> {
    pub(super) node: &'a Node,
    pub(super) scope: &'a Scope<'a>,
}

impl NodeReader<'_> {
    fn note<T>(self, result: Result<T, DecodeError>) -> Result<T, DecodeError> {
        result.map_err(|error| self.scope.note(error, &self.node.span))
    }
}

/// Reports every key that is not among `fields`, and returns the entries of the others.
pub(super) fn known_entries<'a>(
    table: &'a Table,
    fields: &[&str],
    unknown: impl Fn(&Entry) -> Fault,
    scope: &Scope<'_>,
) -> Vec<&'a Entry> {
    let (known, others): (Vec<_>, Vec<_>) =
        table.entries.iter().partition(|entry| fields.contains(&entry.key.as_str()));
    for entry in others {
        scope.source.report(unknown(entry));
    }
    known
}

/// What is said of a key that nobody knows.
pub(super) fn unknown_key(entry: &Entry, known: &[&str]) -> Fault {
    let advice = match nearest(&entry.key, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("expected {}", one_of(known)),
    };
    Fault::new(entry.key_span.clone(), format!("unknown key `{}`", entry.key)).advise(advice)
}

impl<'de> Deserializer<'de> for NodeReader<'_> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.note(match &self.node.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Integer(value) => match (u64::try_from(*value), i64::try_from(*value)) {
                (Ok(value), _) => visitor.visit_u64(value),
                (_, Ok(value)) => visitor.visit_i64(value),
                _ => Err(DecodeError::custom("out of range: the integer is too large")),
            },
            Value::Float(value) => visitor.visit_f64(*value),
            Value::Text(text) => visitor.visit_str(text),
            Value::List(list) => visitor.visit_seq(Items { items: list.iter(), scope: self.scope }),
            Value::Table(table) => {
                visitor.visit_map(Members::new(table.entries.iter().collect(), self.scope))
            }
        })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.note(match self.node.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.note(visitor.visit_newtype_struct(self))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let Value::Table(table) = &self.node.value else { return self.deserialize_any(visitor) };
        let unknown = |entry: &Entry| unknown_key(entry, fields);
        let entries = known_entries(table, fields, unknown, self.scope);
        self.note(visitor.visit_map(Members::new(entries, self.scope)))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match Variant::of(self.node, self.scope) {
            Some(variant) => self.note(visitor.visit_enum(variant)),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier
    }
}
