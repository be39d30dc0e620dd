//! Corrected expectations: a clause that holds for what was recorded.
//!
//! Only what is certain to be a pattern is written as one: numbers, booleans, characters.
//! Texts become guards, all else `..`; an event whose Rust type no pattern names is `_`.

use tidings_core::Envelope;

use super::text;
use crate::pattern::{CaseReport, Description, Pattern, Shape};

/// The most entries that are worth pasting.
const ENTRIES_MAX: usize = 100;
/// The most fields of one entry, beyond those that were named.
const FIELDS_MAX: usize = 3;
/// The longest text that becomes a guard, in characters.
const TEXT_CHARS_MAX: usize = 80;

/// `name: [entry, …]`, or nothing when that is too long to be of use.
pub(crate) fn list(clause: &str, entries: &[String]) -> Option<String> {
    if entries.len() > ENTRIES_MAX {
        return None;
    }
    if entries.is_empty() {
        return Some(format!("{clause}: []"));
    }
    let lines = lines(entries.iter().map(|entry| format!("    {entry},")));
    Some(format!("{clause}: [\n{lines}]"))
}

/// `count: { pattern => number, … }`.
pub(crate) fn counts<'a>(counts: impl Iterator<Item = (&'a str, usize)>) -> String {
    let lines = lines(counts.map(|(pattern, count)| format!("    {pattern} => {count},")));
    format!("count: {{\n{lines}}}")
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.flat_map(|line| [line, "\n".to_owned()]).collect()
}

/// A pattern that this event matches, in the words of `patterns`.
pub(crate) fn entry(envelope: &Envelope, patterns: &[Pattern<'_>]) -> String {
    let described = patterns.iter().filter_map(|pattern| {
        let description = pattern.describe(envelope)?;
        Some((pattern.explain(envelope), description))
    });
    let mut stranger = None;
    for (explain, description) in described {
        if let Some(case) = explain.nearest() {
            return named(case, &description);
        }
        stranger.get_or_insert((explain, description));
    }
    let written =
        stranger.filter(|(_, description)| description.is_derived).map(|(explain, description)| {
            let path = path_beside(explain.first_path(), &description);
            pattern_of(&path, &description, None)
        });
    written.unwrap_or_else(|| format!("_ /* {} */", comment(envelope.event_type().as_str())))
}

/// A foreign type's name must not end the comment it is shown in.
fn comment(name: &str) -> String {
    text::escaped(name).replace("*/", "* /").replace("/*", "/ *")
}

/// The user wrote this variant himself: his path and his fields.
fn named(case: &CaseReport, description: &Description) -> String {
    pattern_of(case.path, description, Some(case))
}

/// The variant beside the one at `path`: the same path with another last segment.
fn path_beside(path: Option<&str>, description: &Description) -> String {
    let Description { type_name, head, .. } = description;
    match path.and_then(|path| path.rsplit_once("::")) {
        Some((before, _)) => format!("{before}::{head}"),
        None if head == type_name => head.clone(),
        None => format!("{type_name}::{head}"),
    }
}

fn pattern_of(path: &str, description: &Description, case: Option<&CaseReport>) -> String {
    let mut guards = Vec::new();
    let content = match description.shape {
        Shape::Unit => String::new(),
        Shape::Tuple => format!("({})", tuple(description, case, &mut guards)),
        Shape::Braced => format!(" {{ {} }}", braced(description, case, &mut guards)),
    };
    match guards.len() {
        0 => format!("{path}{content}"),
        _ => format!("{path}{content} if {}", guards.join(" && ")),
    }
}

fn braced(
    description: &Description,
    case: Option<&CaseReport>,
    guards: &mut Vec<String>,
) -> String {
    let wanted = Wanted::new(description, case);
    let mut parts: Vec<String> = Vec::new();
    for (name, value, is_volatile) in &description.fields {
        if !wanted.wants(name, *is_volatile) || parts.len() >= wanted.most || is_keyword(name) {
            continue;
        }
        match written(case, name, value) {
            Written::Literal(literal) => parts.push(format!("{name}: {literal}")),
            Written::Text(literal) => {
                parts.push((*name).to_owned());
                guards.push(format!("{name} == {literal}"));
            }
            Written::No => {}
        }
    }
    if parts.len() < description.fields.len() || description.fields.is_empty() {
        parts.push("..".to_owned());
    }
    parts.join(", ")
}

fn tuple(description: &Description, case: Option<&CaseReport>, guards: &mut Vec<String>) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (index, (name, value, is_volatile)) in description.fields.iter().enumerate() {
        let written = match is_volatile {
            true => Written::No,
            false => written(case, name, value),
        };
        parts.push(match written {
            Written::Literal(literal) => literal,
            Written::Text(literal) => {
                guards.push(format!("value_{index} == {literal}"));
                format!("value_{index}")
            }
            Written::No => "_".to_owned(),
        });
    }
    let kept = parts.iter().rposition(|part| part != "_").map_or(0, |last| last + 1);
    if kept < parts.len() || parts.is_empty() {
        parts.truncate(kept);
        parts.push("..".to_owned());
    }
    parts.join(", ")
}

/// Which fields an entry shows.
struct Wanted<'a> {
    mentions: &'a [&'static str],
    most: usize,
}

impl<'a> Wanted<'a> {
    fn new(description: &Description, case: Option<&'a CaseReport>) -> Self {
        let mentions = case.map_or(&[][..], |case| case.mentions);
        let most = if mentions.is_empty() { FIELDS_MAX } else { description.fields.len() };
        Self { mentions, most }
    }

    /// Those that were named, volatile or not; if none was, all that stay the same.
    fn wants(&self, name: &str, is_volatile: bool) -> bool {
        match self.mentions {
            [] => !is_volatile,
            mentions => mentions.contains(&name),
        }
    }
}

/// How a field is written: as the user wrote it where that is right.
fn written(case: Option<&CaseReport>, name: &str, debug: &str) -> Written {
    let agreed = case.and_then(|case| case.agreed.iter().find(|(field, _)| *field == name));
    if let Some((_, pattern)) = agreed {
        return Written::Literal((*pattern).to_owned());
    }
    let missed = case.and_then(|case| case.misses.iter().find(|field| field.name == name));
    Written::of(debug, missed.map(|field| field.expected))
}

/// How a field's Debug text can be asked for.
enum Written {
    Literal(String),
    Text(String),
    No,
}

impl Written {
    fn of(debug: &str, expected: Option<&str>) -> Self {
        if debug.starts_with('"') && debug.chars().count() <= TEXT_CHARS_MAX {
            return Self::Text(debug.to_owned());
        }
        let is_literal = matches!(debug, "true" | "false") || is_number(debug) || is_char(debug);
        if is_literal {
            return Self::Literal(debug.to_owned());
        }
        match expected.and_then(|expected| path_like(debug, expected)) {
            Some(path) => Self::Literal(path),
            None => Self::No,
        }
    }
}

/// A unit variant beside the one that was expected.
fn path_like(debug: &str, expected: &str) -> Option<String> {
    let is_identifier = |text: &str| {
        text.starts_with(char::is_uppercase)
            && text.chars().all(|character| character.is_alphanumeric() || character == '_')
    };
    if debug == "None" && expected.starts_with("Some") {
        return Some(debug.to_owned());
    }
    let (before, last) = expected.rsplit_once("::")?;
    let is_path = before.split("::").all(|segment| {
        !segment.is_empty()
            && segment.chars().all(|character| character.is_alphanumeric() || character == '_')
    });
    (is_identifier(debug) && is_identifier(last) && is_path).then(|| format!("{before}::{debug}"))
}

fn is_number(debug: &str) -> bool {
    let digits = debug.strip_prefix('-').unwrap_or(debug);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

fn is_char(debug: &str) -> bool {
    debug.len() > 2 && debug.starts_with('\'') && debug.ends_with('\'')
}

fn is_keyword(name: &str) -> bool {
    const KEYWORDS: &str = " as async await box break const continue crate do dyn else enum extern \
        false final fn for gen if impl in let loop macro match mod move mut override priv pub ref \
        return self static struct super trait true try type typeof unsafe unsized use virtual \
        where while yield abstract become ";
    KEYWORDS.contains(&format!(" {name} "))
}
