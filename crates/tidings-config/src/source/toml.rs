//! From TOML to the tree.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::show::Fault;
use super::tree::{Entry, Node, Table, Value};

/// Parses a document.
///
/// # Errors
///
/// Where the first fault is, and what.
pub(super) fn parse(text: &str) -> Result<Table, Fault> {
    let parsed = DeTable::parse(text).map_err(|fault| {
        Fault::new(fault.span().unwrap_or(0..0), format!("not TOML: {}", fault.message()))
    })?;
    Ok(table(parsed.get_ref()))
}

fn table(table: &DeTable<'_>) -> Table {
    let entry = |(key, value): (&Spanned<_>, &Spanned<_>)| Entry {
        key: AsRef::<str>::as_ref(key.get_ref()).to_owned(),
        key_span: key.span(),
        node: node(value),
    };
    let mut entries: Vec<Entry> = table.iter().map(entry).collect();
    entries.sort_by_key(|entry| entry.key_span.start);
    Table { entries }
}

fn node(spanned: &Spanned<DeValue<'_>>) -> Node {
    let value = match spanned.get_ref() {
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Integer(digits) => {
            // More digits than these are out of every range.
            let value = i128::from_str_radix(digits.as_str(), digits.radix());
            Value::Integer(value.unwrap_or(i128::MAX))
        }
        DeValue::Float(digits) => Value::Float(digits.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::String(text) => Value::Text(text.clone().into_owned()),
        DeValue::Datetime(date) => Value::Text(date.to_string()),
        DeValue::Array(list) => Value::List(list.iter().map(node).collect()),
        DeValue::Table(inner) => Value::Table(table(inner)),
    };
    Node { span: spanned.span(), value }
}
