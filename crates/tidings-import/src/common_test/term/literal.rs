//! Atoms, strings, characters, numbers, and what is opaque.

use super::parse::Reader;
use super::value::Term;

/// A string; one that is broken over lines is several with space between them.
pub(super) fn string(reader: &mut Reader<'_>) -> Result<String, String> {
    let mut text = quoted(reader, '"')?;
    loop {
        let rest = reader.rest();
        let next = rest.trim_start();
        if !next.starts_with('"') {
            // What `~P` leaves out of a string.
            if reader.eat("...") {
                text.push_str("...");
            }
            return Ok(text);
        }
        reader.take(rest.len() - next.len());
        text.push_str(&quoted(reader, '"')?);
    }
}

/// What stands between two quotes, without its escapes.
pub(super) fn quoted(reader: &mut Reader<'_>, quote: char) -> Result<String, String> {
    reader.next();
    let mut text = String::new();
    loop {
        let plain = reader.take_while(|found| found != quote && found != '\\');
        text.push_str(plain);
        match reader.next() {
            Some('\\') => text.push(escape(reader)?),
            Some(_) => return Ok(text),
            None => return Err(reader.wrong(&format!("a closing `{quote}`"))),
        }
    }
}

/// What an escape stands for, behind its backslash.
fn escape(reader: &mut Reader<'_>) -> Result<char, String> {
    let Some(first) = reader.next() else { return Err(reader.wrong("an escape")) };
    Ok(match first {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'e' => '\u{1b}',
        's' => ' ',
        'd' => '\u{7f}',
        'x' => return hexadecimal(reader),
        '^' => {
            let control = reader.next().filter(char::is_ascii).map(|found| found as u8 & 31);
            char::from(control.ok_or_else(|| reader.wrong("a control character"))?)
        }
        '0'..='7' => {
            let mut value = first.to_digit(8).unwrap_or(0);
            for _ in 0..2 {
                let Some(digit) = reader.peek().and_then(|found| found.to_digit(8)) else { break };
                reader.next();
                value = value * 8 + digit;
            }
            char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        other => other,
    })
}

fn hexadecimal(reader: &mut Reader<'_>) -> Result<char, String> {
    let is_digit = |found: char| found.is_ascii_hexdigit();
    let digits = if reader.eat("{") {
        let digits = reader.take_while(is_digit);
        if !reader.eat("}") {
            return Err(reader.wrong("`}`"));
        }
        digits
    } else {
        let count = reader.rest().chars().take(2).take_while(|found| is_digit(*found)).count();
        reader.take(count)
    };
    let value =
        u32::from_str_radix(digits, 16).map_err(|_| reader.wrong("a hexadecimal number"))?;
    Ok(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// A list that is nothing but the characters of a text, as `~w` prints strings.
pub(super) fn characters(reader: &mut Reader<'_>) -> Option<String> {
    let rest = reader.rest();
    let inner = |found: char| found.is_ascii_digit() || ", \n".contains(found);
    let end = 1 + rest[1..].find(|found| !inner(found))?;
    if !rest[end..].starts_with(']') {
        return None;
    }
    let mut text = String::with_capacity(end / 3);
    for number in rest[1..end].split(',') {
        let found = number.trim().parse().ok().and_then(char::from_u32)?;
        if !is_printable(found) {
            return None;
        }
        text.push(found);
    }
    reader.take(end + 1);
    Some(text)
}

/// Whether a list with this number in it may be a text, as Erlang itself decides.
pub(super) fn is_printable(found: char) -> bool {
    matches!(found, '\u{8}'..='\r' | '\u{1b}' | ' '..='~' | '\u{a0}'..)
}

/// `$a`: a number.
pub(super) fn character(reader: &mut Reader<'_>) -> Result<Term, String> {
    reader.next();
    let found = match reader.next() {
        Some('\\') => escape(reader)?,
        Some(other) => other,
        None => return Err(reader.wrong("a character")),
    };
    Ok(Term::Number(u32::from(found).to_string()))
}

/// An integer, one with a base, or a float.
pub(super) fn number(reader: &mut Reader<'_>) -> Result<Term, String> {
    let mut text = String::new();
    let is_digit = |found: char| found.is_ascii_digit();
    text.push_str(reader.take_while(|found| matches!(found, '-' | '+')));
    text.push_str(reader.take_while(is_digit));
    if !text.ends_with(is_digit) || text.trim_start_matches(['-', '+']).len() + 1 < text.len() {
        return Err(reader.wrong("a number"));
    }
    let rest = reader.rest();
    if rest.starts_with('#') && rest[1..].starts_with(|found: char| found.is_ascii_alphanumeric()) {
        text.push_str(reader.take(1));
        text.push_str(reader.take_while(|found| found.is_ascii_alphanumeric()));
        return Ok(Term::Number(text));
    }
    if rest.starts_with('.') && rest[1..].starts_with(is_digit) {
        text.push_str(reader.take(1));
        text.push_str(reader.take_while(is_digit));
        if let Some(exponent) = reader.rest().strip_prefix(['e', 'E']) {
            let sign = usize::from(exponent.starts_with(['-', '+']));
            if exponent[sign..].starts_with(is_digit) {
                text.push_str(reader.take(1 + sign));
                text.push_str(reader.take_while(is_digit));
            }
        }
    }
    Ok(Term::Number(text))
}

/// An atom without quotes, or `fun module:function/arity`.
pub(super) fn atom_or_fun(reader: &mut Reader<'_>) -> Result<Term, String> {
    let name = reader.take_while(is_atom_part);
    if name == "fun" && reader.rest().starts_with(' ') {
        let mut text = String::from("fun ");
        reader.skip_space();
        for separator in [":", "/"] {
            text.push_str(&function_part(reader)?);
            if !reader.eat(separator) {
                return Err(reader.wrong(&format!("`{separator}`")));
            }
            text.push_str(separator);
        }
        text.push_str(reader.take_while(|found| found.is_ascii_digit()));
        return Ok(Term::Raw(text));
    }
    Ok(Term::Atom(name.to_owned()))
}

/// The module or the function of `fun module:function/arity`, as it is printed.
fn function_part(reader: &mut Reader<'_>) -> Result<String, String> {
    if reader.peek() == Some('\'') {
        let name = quoted(reader, '\'')?;
        return Ok(Term::Atom(name).to_string());
    }
    Ok(reader.take_while(is_atom_part).to_owned())
}

pub(super) fn is_atom_part(found: char) -> bool {
    found.is_alphanumeric() || matches!(found, '_' | '@')
}

/// `#Ref<…>`, `#Port<…>`, `#Fun<…>`.
pub(super) fn opaque(reader: &mut Reader<'_>) -> Result<Term, String> {
    let rest = reader.rest();
    let name =
        rest[1..].find(|found: char| !found.is_alphanumeric()).map_or(rest.len(), |at| at + 1);
    if name < 2 || !rest[name..].starts_with('<') {
        return Err(reader.wrong("a term"));
    }
    let Some(end) = rest.find('>') else {
        reader.take(rest.len());
        return Err(reader.wrong("a closing `>`"));
    };
    Ok(Term::Raw(reader.take(end + 1).to_owned()))
}
