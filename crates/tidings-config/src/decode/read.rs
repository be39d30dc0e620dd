//! Reading a whole table, or the own table of a kind.

use serde::de::value::StrDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IntoDeserializer as _, MapAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use super::access::Members;
use super::error::{DecodeError, all_of};
use super::nearest;
use super::node::{NodeReader, Scope, UnknownKeys, known_entries, unknown_key};
use crate::keys::{COMMON_KEYS, DELIVERY_KEYS, TOP_KEYS, foreign_kind_of, is_observer_key};
use crate::kind::ObserverKind;
use crate::source::{Entry, Fault, Node, Source, Span, Table, Value};

/// Reads a table as `T`; what does not fit is reported at its place, and what is missing at
/// `blame`.
pub(crate) fn read_table<'de, T: Deserialize<'de>>(
    table: &Table,
    blame: &Span,
    source: &Source,
) -> Option<T> {
    let scope = Scope::new(source, UnknownKeys::Refused);
    let reader = TableReader { table, kind: None, blame, scope: &scope };
    reported(T::deserialize(reader), blame, &scope)
}

/// Reads a whole document as `T`, which itself says what becomes of unknown keys.
pub(crate) fn read_document<'de, T: Deserialize<'de>>(table: Table, source: &Source) -> Option<T> {
    let scope = Scope::new(source, UnknownKeys::ByType);
    let node = Node { span: 0..0, value: Value::Table(table) };
    reported(T::deserialize(NodeReader { node: &node, scope: &scope }), &node.span, &scope)
}

/// Reads the table that is left for a kind.
pub(crate) fn read_kind(
    kind: &str,
    kind_span: &Span,
    table: &Table,
    source: &Source,
) -> Option<Box<dyn ObserverKind>> {
    let scope = Scope::new(source, UnknownKeys::Refused);
    let reader = KindReader { kind, span: kind_span, table, scope: &scope };
    reported(Box::<dyn ObserverKind>::deserialize(reader), kind_span, &scope)
}

fn reported<T>(result: Result<T, DecodeError>, span: &Span, scope: &Scope<'_>) -> Option<T> {
    result.map_err(|error| scope.source.report(scope.fault(error, span))).ok()
}

/// A table that has no value of its own in the tree.
struct TableReader<'a> {
    table: &'a Table,
    /// Whose own table it is, if it is one.
    kind: Option<&'a str>,
    blame: &'a Span,
    scope: &'a Scope<'a>,
}

impl TableReader<'_> {
    fn unknown(&self, entry: &Entry, fields: &[&str]) -> Fault {
        let Some(kind) = self.kind else { return unknown_at_the_top(entry, fields) };
        if TOP_KEYS.contains(&entry.key.as_str()) {
            let message = format!("`{}` belongs above the first `[[observer]]`", entry.key);
            return Fault::new(entry.key_span.clone(), message)
                .advise("it is a key of the whole configuration, not of this observer");
        }
        if let Some(other) = foreign_kind_of(&entry.key) {
            let message = format!("`{}` does not fit kind `{kind}`", entry.key);
            return Fault::new(entry.key_span.clone(), message)
                .advise(format!("it is a key of kind {other}"));
        }
        let known = [fields, &COMMON_KEYS[..], &DELIVERY_KEYS[..]].concat();
        if nearest(&entry.key, known.iter().copied()).is_some() {
            return unknown_key(entry, &known);
        }
        let own = if fields.is_empty() {
            "has no keys of its own".to_owned()
        } else {
            format!("has the keys {}", all_of(fields))
        };
        Fault::new(entry.key_span.clone(), format!("unknown key `{}`", entry.key))
            .advise(format!("kind `{kind}` {own}"))
    }
}

impl<'de> Deserializer<'de> for TableReader<'_> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let members = Members::all(self.table, self.scope);
        visitor.visit_map(members).map_err(|error| self.scope.note(error, self.blame))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let unknown = |entry: &Entry| self.unknown(entry, fields);
        let entries = known_entries(self.table, fields, unknown, self.scope);
        let read = visitor.visit_map(Members::new(entries, self.scope));
        read.map_err(|error| self.scope.note(self.named(error), self.blame))
    }

    /// A kind without keys.
    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let unknown = |entry: &Entry| self.unknown(entry, &[]);
        known_entries(self.table, &[], unknown, self.scope);
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        seq tuple tuple_struct map identifier option enum ignored_any
    }
}

impl TableReader<'_> {
    /// Says whose key is missing.
    fn named(&self, mut error: DecodeError) -> DecodeError {
        if let Some(kind) = self.kind
            && let Some(missing) = error.message.strip_suffix(" is missing")
        {
            error.message = format!("kind `{kind}` needs {missing}");
        }
        error
    }
}

fn unknown_at_the_top(entry: &Entry, fields: &[&str]) -> Fault {
    if !is_observer_key(&entry.key) {
        return unknown_key(entry, fields);
    }
    Fault::new(entry.key_span.clone(), format!("`{}` is a key of an observer", entry.key))
        .advise("put it below `[[observer]]`")
}

/// A kind and its table, as a map of one entry: the form that is looked up by the name.
struct KindReader<'a> {
    kind: &'a str,
    span: &'a Span,
    table: &'a Table,
    scope: &'a Scope<'a>,
}

impl<'de> Deserializer<'de> for KindReader<'_> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct identifier option enum
        ignored_any
    }
}

impl<'de> MapAccess<'de> for KindReader<'_> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        let name: StrDeserializer<'_, DecodeError> = self.kind.into_deserializer();
        seed.deserialize(name).map(Some).map_err(|error| {
            let error = error.known.map_or(error.clone(), |known| unknown_kind(self.kind, known));
            self.scope.note(error, self.span)
        })
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DecodeError> {
        seed.deserialize(TableReader {
            table: self.table,
            kind: Some(self.kind),
            blame: self.span,
            scope: self.scope,
        })
    }
}

fn unknown_kind(kind: &str, known: &[&str]) -> DecodeError {
    let mut error = DecodeError::custom(format!("unknown kind `{kind}`"));
    let meant = nearest(kind, known.iter().copied());
    let meant = meant.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    error.advice = Some(format!(
        "{meant}known here: {}; a kind of another crate is known to programs that link that \
         crate in (`use that_crate as _;`)",
        all_of(known)
    ));
    error
}
