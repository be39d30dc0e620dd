//! The deserializer of one value.

use std::cell::RefCell;

use serde::de::{Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;

use super::access::{Items, Members, Variant};
use super::error::{DecodeError, meant_or_known};
use super::nearest;
use crate::source::{Entry, Fault, Node, Source, Span, Table, Value};

/// What becomes of keys that a struct does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnknownKeys {
    /// Each of them is a fault.
    Refused,
    /// What the type says of them, `deny_unknown_fields` or `flatten`.
    ByType,
}

/// What all values of one reading share.
pub(super) struct Scope<'s> {
    pub(super) source: &'s Source,
    unknown_keys: UnknownKeys,
    /// The innermost error, with its place, on its way out.
    pending: RefCell<Option<Fault>>,
}

impl<'s> Scope<'s> {
    pub(super) fn new(source: &'s Source, unknown_keys: UnknownKeys) -> Self {
        Self { source, unknown_keys, pending: RefCell::default() }
    }

    /// Remembers where an error arose, unless it only passes by.
    pub(super) fn note(&self, error: DecodeError, span: &Span) -> DecodeError {
        let mut pending = self.pending.borrow_mut();
        pending.get_or_insert_with(|| error.clone().at(span.clone()));
        error
    }

    /// Remembers what is wrong with a table. A key that may be meant to be the missing one
    /// is shown, unless it was told already that nobody knows it.
    fn note_table(
        &self,
        mut error: DecodeError,
        (table, known): (&Table, &[&str]),
        span: &Span,
    ) -> DecodeError {
        let missing = error.missing.filter(|_| self.unknown_keys == UnknownKeys::ByType);
        let others = table.entries.iter().map(|entry| entry.key.as_str());
        let others = others.filter(|key| !known.contains(key));
        let meant = missing.and_then(|missing| table.get(nearest(missing, others)?));
        if meant.is_some() {
            error.advice = Some("is this meant to be it?".to_owned());
        }
        self.note(error, meant.map_or(span, |entry| &entry.key_span))
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
    Fault::new(entry.key_span.clone(), format!("unknown key `{}`", entry.key))
        .advise(meant_or_known(&entry.key, known))
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
                let read = visitor.visit_map(Members::all(table, self.scope));
                let span = &self.node.span;
                read.map_err(|error| self.scope.note_table(error, (table, &[]), span))
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
        let members = match self.scope.unknown_keys {
            UnknownKeys::ByType => Members::all(table, self.scope),
            UnknownKeys::Refused => {
                let unknown = |entry: &Entry| unknown_key(entry, fields);
                Members::new(known_entries(table, fields, unknown, self.scope), self.scope)
            }
        };
        let read = visitor.visit_map(members);
        read.map_err(|error| self.scope.note_table(error, (table, fields), &self.node.span))
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
