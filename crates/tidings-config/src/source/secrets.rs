//! What in a configuration may be a secret.
//!
//! Two questions: which keys are refused because their value would be one, and which values
//! are never shown. The second list is longer: it costs nothing to hide too much.

use super::tree::{Entry, Node, Span, Table, Value};

/// What to do with a secret that stands in a configuration.
pub(crate) const INLINE_ADVICE: &str =
    "secrets are never written into a configuration: use `token_env` or `token_file`";

/// Keys that hold nothing but secrets, without `-` and `_`, in lower case.
const INLINE: [&str; 8] =
    ["token", "password", "passwd", "secret", "apitoken", "accesstoken", "authtoken", "hectoken"];

/// How the name of an attribute ends that is a secret.
const ATTRIBUTE_ENDS: [&str; 5] = ["token", "password", "passwd", "secret", "bearer"];

/// Words that tell of a secret in a key.
const SENSITIVE: [&str; 10] = [
    "token",
    "password",
    "passwd",
    "secret",
    "apikey",
    "authorization",
    "cookie",
    "credential",
    "bearer",
    "auth",
];

/// Keys whose value is the name of the variable that holds a secret.
const VARIABLE: [&str; 2] = ["token_env", "password_env"];

/// What stands before or behind a secret in a URL: a password, a query, a fragment. A key
/// does not tell where a URL is to be expected, and one may be written without its scheme.
const BEFORE_A_SECRET: [char; 3] = ['@', '?', '#'];

/// Whether a value of this key is a secret that does not belong into a file.
pub(crate) fn is_inline_secret(key: &str) -> bool {
    INLINE.contains(&plain(key).as_str())
}

/// Whether an attribute of this name is a secret that would go out with each event.
pub(crate) fn is_secret_attribute(name: &str) -> bool {
    let name = plain(name);
    ATTRIBUTE_ENDS.iter().any(|end| name.trim_end_matches(char::is_control).ends_with(end))
}

/// Whether a header of this name is what a token is for.
pub(crate) fn is_secret_header(name: &str) -> bool {
    matches!(plain(name).as_str(), "authorization" | "proxyauthorization")
}

/// Whether this key names a variable, and `text` cannot be one's name: the secret itself,
/// most likely. A blank one is not.
pub(crate) fn is_pasted_secret(key: &str, text: &str) -> bool {
    VARIABLE.contains(&key) && is_no_variable(text)
}

/// Whether a text that is there is not of the form `[A-Za-z_][A-Za-z0-9_]*`.
fn is_no_variable(text: &str) -> bool {
    let is_named = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = text.chars().all(is_named) && !text.starts_with(|c: char| c.is_ascii_digit());
    !is_name && !text.trim().is_empty()
}

/// Whether a value of this key must not be shown.
fn is_sensitive(key: &str) -> bool {
    let key = plain(key);
    let names_a_place = names_a_variable(&key) || key.ends_with("file");
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
        hide(&entry.node, is_hidden || is_pasted(entry), places);
    }
}

/// Whether a secret stands where the name of a variable belongs, however the key is spelt.
fn is_pasted(entry: &Entry) -> bool {
    let Value::Text(text) = &entry.node.value else { return names_a_variable(&entry.key) };
    names_a_variable(&entry.key) && is_no_variable(text)
}

fn names_a_variable(key: &str) -> bool {
    plain(key).strip_suffix("env").is_some_and(|rest| !rest.is_empty())
}

fn hide(node: &Node, is_hidden: bool, places: &mut Vec<Span>) {
    match &node.value {
        Value::List(list) => list.iter().for_each(|item| hide(item, is_hidden, places)),
        // Value by value: the parts of a table need not stand together.
        Value::Table(table) if is_hidden => {
            table.entries.iter().for_each(|entry| hide(&entry.node, true, places));
        }
        Value::Table(table) => hidden(table, places),
        Value::Text(text) if text.contains(BEFORE_A_SECRET) => places.push(node.span.clone()),
        _ if is_hidden => places.push(node.span.clone()),
        _ => {}
    }
}

/// Whether a text that could not be parsed may have a secret somewhere in it.
pub(super) fn may_hold_a_secret(text: &str) -> bool {
    let word = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'));
    // A text without a key is one value: the file of a token, perhaps.
    !text.contains(['=', '{', '['])
        || text.contains(['@', '?'])
        || text.split(word).any(is_sensitive)
        || has_fragment(text)
        || has_pasted(text)
}

/// Whether a secret may stand where the name of a variable belongs, quoted or not.
fn has_pasted(text: &str) -> bool {
    const AROUND: [char; 8] = ['"', '\'', ' ', '\t', '\r', '\n', '=', ':'];
    let ends = |c: char| AROUND.contains(&c) || matches!(c, ',' | '}' | '#');
    text.to_ascii_lowercase().match_indices("env").any(|(at, env)| {
        let in_a_word = text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-');
        let behind = &text[at + env.len()..];
        let value = behind.trim_start_matches(AROUND);
        let is_whole = value.len() < behind.len();
        in_a_word && is_whole && value.split(ends).next().is_some_and(is_no_variable)
    })
}

/// Whether a URL may have a fragment; `#` begins a comment where nothing of a value stands
/// directly before it.
fn has_fragment(text: &str) -> bool {
    let mut before = '\n';
    text.chars().any(|c| {
        let last = std::mem::replace(&mut before, c);
        c == '#' && !(last.is_whitespace() || matches!(last, '"' | '\'' | ']' | '}' | '#'))
    })
}
