//! Terms as text: as Erlang prints them on one line, and as a reader wants to see them.

use std::fmt;

use super::literal::is_atom_part;
use super::value::Term;

/// Words that are no atoms without quotes.
const RESERVED: [&str; 28] = [
    "after", "and", "andalso", "band", "begin", "bnot", "bor", "bsl", "bsr", "bxor", "case",
    "catch", "cond", "div", "end", "fun", "if", "let", "maybe", "not", "of", "or", "orelse",
    "receive", "rem", "try", "when", "xor",
];

impl Term {
    /// Text without quotes where it is nothing but text; else the term.
    pub(in crate::common_test) fn plain(&self) -> String {
        match self {
            Self::Text(text) | Self::Binary(text) | Self::Atom(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Atom(name) => atom(name, f),
            Self::Number(text) | Self::Raw(text) => f.write_str(text),
            Self::Text(text) => quoted(text, '"', f),
            Self::Binary(text) => {
                f.write_str("<<")?;
                quoted(text, '"', f)?;
                f.write_str(if text.is_ascii() { ">>" } else { "/utf8>>" })
            }
            Self::List(elements, tail) => {
                f.write_str("[")?;
                separated(elements, f)?;
                if let Some(tail) = tail {
                    write!(f, "|{tail}")?;
                }
                f.write_str("]")
            }
            Self::Tuple(elements) => {
                f.write_str("{")?;
                separated(elements, f)?;
                f.write_str("}")
            }
            Self::Map(pairs) => {
                f.write_str("#{")?;
                for (index, (key, value)) in pairs.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    let is_rest = *value == Self::Raw(String::new());
                    let arrow = if is_rest { "" } else { " => " };
                    write!(f, "{comma}{key}{arrow}{value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

fn separated(elements: &[Term], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, element) in elements.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        write!(f, "{comma}{element}")?;
    }
    Ok(())
}

fn atom(name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let is_plain = name.starts_with(char::is_lowercase)
        && name.chars().all(is_atom_part)
        && !RESERVED.contains(&name);
    if is_plain { f.write_str(name) } else { quoted(name, '\'', f) }
}

fn quoted(text: &str, quote: char, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use fmt::Write as _;
    f.write_char(quote)?;
    for found in text.chars() {
        match found {
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\r' => f.write_str("\\r")?,
            '\u{1b}' => f.write_str("\\e")?,
            '\\' => f.write_str("\\\\")?,
            _ if found == quote => write!(f, "\\{found}")?,
            _ if found.is_control() => write!(f, "\\x{{{:x}}}", u32::from(found))?,
            _ => f.write_char(found)?,
        }
    }
    f.write_char(quote)
}
