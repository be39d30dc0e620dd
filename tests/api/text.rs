//! Tokens as one line of text, spaced as people write them.

use quote::ToTokens;

/// Spaces that a token stream prints and people do not; what is longer comes first.
const TIGHT: [(&str, &str); 22] = [
    (" :: ", "::"),
    (":: ", "::"),
    (" ::", "::"),
    (" ,", ","),
    (" ;", ";"),
    (" : ", ": "),
    (" :", ":"),
    (" . ", "."),
    ("? ", "?"),
    (" !", "!"),
    ("& ", "&"),
    ("* ", "*"),
    ("$ ", "$"),
    ("# ", "#"),
    (" >", ">"),
    (" <", "<"),
    ("< ", "<"),
    ("( ", "("),
    (" )", ")"),
    ("[ ", "["),
    (" ]", "]"),
    (") *", ")*"),
];

/// What goes before a parenthesis with a space between; `Fn (A)` and `f (a)` are drawn together.
const APART: [&str; 8] = ["as", "dyn", "for", "impl", "in", "mut", "where", "const"];

/// A piece of Rust as one line.
pub(crate) fn text(tokens: &impl ToTokens) -> String {
    let mut text =
        tokens.to_token_stream().to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    for (from, to) in TIGHT {
        text = text.replace(from, to);
    }
    for (from, to) in [("-><", "-> <"), (":<", ": <"), ("=<", "= <"), (",<", ", <")] {
        text = text.replace(from, to);
    }
    // `::<` is one thing.
    calls(&text.replace(":: <", "::<"))
}

/// Draws a parenthesis to the name before it.
fn calls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut pieces = text.split(" (");
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let word =
            out.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        let is_name = !word.is_empty() && !APART.contains(&word);
        out.push_str(if is_name { "(" } else { " (" });
        out.push_str(piece);
    }
    out
}
