//! What in a configuration may be a secret.
//!
//! Two questions: which keys are refused because their value would be one, and which values
//! are never shown. The second list is longer: it costs nothing to hide too much.

use super::tree::{Node, Span, Table, Value};

/// What to do with a secret that stands in a configuration.
pub(crate) const INLINE_ADVICE: &str =
    "secrets are never written into a configuration: use `token_env` or `token_file`";

/// Keys that hold nothing but secrets, without `-` and `_`, in lower case.
const INLINE: [&str; 8] =
    ["token", "password", "passwd", "secret", "apitoken", "accesstoken", "authtoken", "hectoken"];

/// Words that tell of a secret in a key.
const SENSITIVE: [&str; 9] = [
    "token",
    "password",
    "passwd",
    "secret",
    "apikey",
    "authorization",
    "cookie",
    "credential",
    "auth",
];

/// Whether a value of this key is a secret that does not belong into a file.
pub(crate) fn is_inline_secret(key: &str) -> bool {
    INLINE.contains(&plain(key).as_str())
}

/// Whether a header of this name is what a token is for.
pub(crate) fn is_secret_header(name: &str) -> bool {
    matches!(plain(name).as_str(), "authorization" | "proxyauthorization")
}

/// Whether a value of this key must not be shown.
fn is_sensitive(key: &str) -> bool {
    let key = plain(key);
    let names_a_place = key.ends_with("env") || key.ends_with("file");
    !names_a_place && SENSITIVE.iter().any(|word| key.contains(word))
}

fn plain(key: &str) -> String {
    let letters = key.chars().filter(|c| !matches!(c, '-' | '_' | ' '));
    letters.flat_map(char::to_lowercase).collect()
}

/// The places of all values that must not be shown.
pub(super) fn hidden(table: &Table, places: &mut Vec<Span>) {
    for entry in &table.entries {
        let is_hidden = is_sensitive(&entry.key) || entry.key == "headers";
        hide(&entry.node, is_hidden, places);
    }
}

fn hide(node: &Node, is_hidden: bool, places: &mut Vec<Span>) {
    match &node.value {
        Value::List(list) => list.iter().for_each(|item| hide(item, is_hidden, places)),
        // Value by value: the parts of a table need not stand together.
        Value::Table(table) if is_hidden => {
            table.entries.iter().for_each(|entry| hide(&entry.node, true, places));
        }
        Value::Table(table) => hidden(table, places),
        // A URL may have a password in it.
        Value::Text(text) if text.contains("://") && text.contains('@') => {
            places.push(node.span.clone());
        }
        _ if is_hidden => places.push(node.span.clone()),
        _ => {}
    }
}

/// Whether a text that could not be parsed may have a secret somewhere in it.
pub(super) fn may_hold_a_secret(text: &str) -> bool {
    let word = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'));
    text.contains('@') || text.split(word).any(is_sensitive)
}
