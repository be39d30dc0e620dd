//! Binaries, and pids, which begin alike.

use super::literal;
use super::parse::Reader;
use super::value::Term;

/// `<<…>>` or `<0.12.0>`.
pub(super) fn binary_or_pid(reader: &mut Reader<'_>) -> Result<Term, String> {
    if reader.rest().starts_with("<<") { binary(reader) } else { pid(reader) }
}

fn pid(reader: &mut Reader<'_>) -> Result<Term, String> {
    let rest = reader.rest();
    let inner = rest[1..].find(|found: char| !found.is_ascii_digit() && found != '.');
    match inner.map(|at| at + 1) {
        Some(end) if end > 1 && rest[end..].starts_with('>') => {
            Ok(Term::Raw(reader.take(end + 1).to_owned()))
        }
        _ => Err(reader.wrong("a term")),
    }
}

/// Text, if all of it is; else its own text.
fn binary(reader: &mut Reader<'_>) -> Result<Term, String> {
    reader.eat("<<");
    let (mut bytes, mut odd) = (Vec::new(), Vec::new());
    reader.skip_space();
    while !reader.eat(">>") {
        match reader.peek() {
            Some('"') => {
                let text = literal::string(reader)?;
                push_text(&text, reader.eat("/utf8"), &mut bytes);
            }
            Some('.') if reader.eat("...") => odd.push("...".to_owned()),
            Some('0'..='9') => {
                let number = reader.take_while(|found| found.is_ascii_digit());
                let size = reader.take_while(|found| found == ':' || found.is_ascii_digit());
                match number.parse() {
                    Ok(byte) if size.is_empty() => bytes.push(byte),
                    _ => odd.push(format!("{number}{size}")),
                }
            }
            _ => return Err(reader.wrong("a part of a binary")),
        }
        reader.skip_space();
        if !reader.eat(",") && !reader.rest().starts_with(">>") {
            return Err(reader.wrong("`,` or `>>`"));
        }
        reader.skip_space();
    }
    Ok(made_of(bytes, &odd))
}

/// The bytes of a text: one per character, as long as they fit.
fn push_text(text: &str, is_utf8: bool, bytes: &mut Vec<u8>) {
    let is_latin = text.chars().all(|found| u32::from(found) < 256);
    if is_utf8 || !is_latin {
        bytes.extend_from_slice(text.as_bytes());
    } else {
        bytes.extend(text.chars().map(|found| u8::try_from(found).unwrap_or(b'?')));
    }
}

/// What cannot be bytes comes last in a binary: a few bits, or what was left out.
fn made_of(bytes: Vec<u8>, odd: &[String]) -> Term {
    let bytes = match String::from_utf8(bytes) {
        Ok(text)
            if odd.is_empty() && !text.is_empty() && text.chars().all(literal::is_printable) =>
        {
            return Term::Binary(text);
        }
        Ok(text) => text.into_bytes(),
        Err(fault) => fault.into_bytes(),
    };
    let parts: Vec<String> = bytes.iter().map(u8::to_string).chain(odd.iter().cloned()).collect();
    Term::Raw(format!("<<{}>>", parts.join(",")))
}
