//! Values and where in the text they stand.

use std::fmt;
use std::ops::Range;

/// A stretch of the text, in bytes.
pub(crate) type Span = Range<usize>;

/// A value and its place.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) value: Value,
}

/// A value of TOML or JSON; a date is its text.
#[derive(Clone)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Table(Table),
}

/// Keys and their values, in the order of the text.
#[derive(Clone, Default)]
pub(crate) struct Table {
    pub(crate) entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) node: Node,
}

impl Table {
    /// The entry of a key; null is as good as nothing.
    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        let is_set = |entry: &&Entry| !matches!(entry.node.value, Value::Null);
        self.entries.iter().find(|entry| entry.key == key).filter(is_set)
    }

    /// The entry of a key in a table within a table: `["queue", "overflow"]`.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Entry> {
        let (last, above) = path.split_last()?;
        let mut table = self;
        for key in above {
            match &table.get(key)?.node.value {
                Value::Table(inner) => table = inner,
                _ => return None,
            }
        }
        table.get(last)
    }

    /// Takes the entries out whose keys are among `keys`.
    pub(crate) fn split_off(&mut self, keys: &[&str]) -> Self {
        let entries = std::mem::take(&mut self.entries).into_iter();
        let (taken, left) = entries.partition(|entry| keys.contains(&entry.key.as_str()));
        self.entries = left;
        Self { entries: taken }
    }
}

impl fmt::Debug for Table {
    /// The keys alone: a value may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries.iter().map(|entry| &entry.key)).finish()
    }
}
