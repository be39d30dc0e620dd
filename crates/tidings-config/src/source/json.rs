//! From JSON to the tree.
//!
//! Level by level: each value is first a stretch of the text, whose place is thus known.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::show::Fault;
use super::tree::{Entry, Node, Span, Table, Value};

/// The most levels of lists and tables, as in TOML.
const DEPTH_MAX: usize = 80;

/// Parses a document, which is an object.
///
/// # Errors
///
/// Where the first fault is, and what.
pub(super) fn parse(text: &str) -> Result<Table, Fault> {
    let document: &RawValue = serde_json::from_str(text).map_err(|fault| {
        let offset = offset_of(text, fault.line(), fault.column());
        Fault::new(offset..offset, format!("not JSON: {}", without_place(&fault)))
    })?;
    match (Reader { text }).node(document, 0)? {
        Node { value: Value::Table(table), .. } => Ok(table),
        Node { span, .. } => Err(Fault::new(span, "a configuration is an object: `{ … }`")),
    }
}

struct Reader<'t> {
    text: &'t str,
}

impl<'t> Reader<'t> {
    fn node(&self, raw: &'t RawValue, depth: usize) -> Result<Node, Fault> {
        let (text, span) = (raw.get(), self.span(raw));
        if depth > DEPTH_MAX {
            return Err(Fault::new(span, format!("nested deeper than {DEPTH_MAX} levels")));
        }
        let broken = |fault: &serde_json::Error| {
            Fault::new(span.clone(), format!("not JSON: {}", without_place(fault)))
        };
        let value = match text.as_bytes().first() {
            Some(b'{') => Value::Table(self.table(raw, depth)?),
            Some(b'[') => {
                let items: Vec<&RawValue> =
                    serde_json::from_str(text).map_err(|fault| broken(&fault))?;
                let items = items.into_iter().map(|item| self.node(item, depth + 1));
                Value::List(items.collect::<Result<_, _>>()?)
            }
            Some(b'"') => Value::Text(serde_json::from_str(text).map_err(|fault| broken(&fault))?),
            Some(b't') => Value::Bool(true),
            Some(b'f') => Value::Bool(false),
            Some(b'n') => Value::Null,
            _ => number(text),
        };
        Ok(Node { span, value })
    }

    fn table(&self, raw: &'t RawValue, depth: usize) -> Result<Table, Fault> {
        let broken = |span: Span, fault: &serde_json::Error| {
            Fault::new(span, format!("not JSON: {}", without_place(fault)))
        };
        let members: Members<'t> =
            serde_json::from_str(raw.get()).map_err(|fault| broken(self.span(raw), &fault))?;
        let mut table = Table::default();
        for (key, value) in members.0 {
            let key_span = self.span(key);
            let key: String = serde_json::from_str(key.get())
                .map_err(|fault| broken(key_span.clone(), &fault))?;
            if table.entries.iter().any(|entry| entry.key == key) {
                return Err(Fault::new(key_span, format!("`{key}` is there twice")));
            }
            table.entries.push(Entry { key, key_span, node: self.node(value, depth + 1)? });
        }
        Ok(table)
    }

    fn span(&self, raw: &RawValue) -> Span {
        let start = raw.get().as_ptr().addr() - self.text.as_ptr().addr();
        start..start + raw.get().len()
    }
}

fn number(text: &str) -> Value {
    let is_integer = !text.contains(['.', 'e', 'E']);
    match text.parse() {
        Ok(value) if is_integer => Value::Integer(value),
        // More digits than these are out of every range.
        _ if is_integer => Value::Integer(i128::MAX),
        _ => Value::Float(text.parse().unwrap_or(f64::NAN)),
    }
}

/// The members of an object as they are written.
struct Members<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor(PhantomData))
    }
}

struct MembersVisitor<'a>(PhantomData<&'a ()>);

impl<'de> Visitor<'de> for MembersVisitor<'de> {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

/// What `serde_json` says, without the place, which is that of a part of the text.
fn without_place(fault: &serde_json::Error) -> String {
    let text = fault.to_string();
    text.split_once(" at line ").map_or(text.clone(), |(what, _)| what.to_owned())
}

/// The offset of a line and a column, both counted from one, the latter in bytes.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.max(1) - 1).map(str::len).sum();
    let mut offset = (before + column.max(1) - 1).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}
