//! Corrected expectations: a clause that holds for what was recorded.
//!
//! Only what is certain to be a pattern is written as one: numbers, booleans, characters.
//! Texts become guards, all else `..`; an event whose Rust type no pattern names is `_`. An
//! entry that asks less than the pattern it was made from says so.

use tidings_core::Envelope;

use super::text;
use crate::pattern::{CaseReport, Description, Equality, Guarded, Pattern, Shape};

/// The most entries that are worth pasting.
const ENTRIES_MAX: usize = 100;
/// The most fields of one entry, beyond those that were named.
const FIELDS_MAX: usize = 3;
/// The longest text that becomes a guard, in characters.
const TEXT_CHARS_MAX: usize = 80;

/// One entry of a list.
#[derive(Debug)]
pub(crate) struct Entry {
    text: String,
    /// Whether it asks less than the pattern it was made from.
    is_weaker: bool,
}

impl Entry {
    /// A pattern as it stands in the expectation.
    pub(crate) fn kept(pattern: &Pattern<'_>) -> Self {
        Self::as_strict(pattern.source().to_owned())
    }

    fn as_strict(text: String) -> Self {
        Self { text, is_weaker: false }
    }

    fn line(&self) -> String {
        let comment = if self.is_weaker { " // less strict than before" } else { "" };
        format!("    {},{comment}", self.text)
    }
}

/// `name: [entry, …]`, or nothing when that is too long to be of use.
pub(crate) fn list(clause: &str, entries: &[Entry]) -> Option<String> {
    if entries.len() > ENTRIES_MAX {
        return None;
    }
    if entries.is_empty() {
        return Some(format!("{clause}: []"));
    }
    let lines = lines(entries.iter().map(Entry::line));
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

/// A pattern that this event matches, in place of `replaced`.
pub(crate) fn entry_for(
    replaced: &Pattern<'_>,
    envelope: &Envelope,
    patterns: &[Pattern<'_>],
) -> Entry {
    if let Some(explain) = replaced.describe(envelope).map(|_| replaced.explain(envelope))
        && explain.is_same_event()
    {
        return entry(envelope, std::slice::from_ref(replaced));
    }
    let mut entry = entry(envelope, patterns);
    entry.is_weaker |= entry.text.starts_with('_');
    entry
}

/// A pattern that this event matches, in the words of `patterns`.
pub(crate) fn entry(envelope: &Envelope, patterns: &[Pattern<'_>]) -> Entry {
    let mut strangers = Vec::new();
    for pattern in patterns {
        let Some(description) = pattern.describe(envelope) else { continue };
        let explain = pattern.explain(envelope);
        if let Some(case) = explain.nearest() {
            return named(case, &description, explain.guard_asked());
        }
        strangers.push((explain, description));
    }
    // A variant around another event says less than the other event's own.
    let by = |wanted: fn(&Description) -> bool| {
        strangers.iter().find(|(_, description)| wanted(description))
    };
    let nearest = by(|description| description.is_derived)
        .or_else(|| by(|description| description.is_around));
    Entry::as_strict(match nearest {
        Some((explain, description)) => {
            let path = path_beside(explain.first_path(), description);
            pattern_of(&path, description, None).text()
        }
        None => format!("_ /* {} */", comment(envelope.event_type().as_str())),
    })
}

/// A foreign type's name must not end the comment it is shown in.
fn comment(name: &str) -> String {
    text::escaped(name).replace("*/", "* /").replace("/*", "/ *")
}

/// The user wrote this variant himself: his path and his fields, and where only a guard
/// stands in the way, his pattern.
fn named(case: &CaseReport, description: &Description, guarded: Option<&Guarded>) -> Entry {
    let reached = guarded.filter(|_| case.misses.is_empty());
    if let Some(text) = reached.and_then(corrected) {
        return Entry::as_strict(text);
    }
    match reached {
        Some(guarded) if !description.is_derived => {
            Entry { text: guarded.pattern.to_owned(), is_weaker: true }
        }
        _ => {
            let draft = pattern_of(case.path, description, Some(case));
            let is_weaker = draft.is_weaker_than(case, guarded);
            Entry { text: draft.text(), is_weaker }
        }
    }
}

/// The user's pattern and guard with the values that the event has.
fn corrected(guarded: &Guarded) -> Option<String> {
    if guarded.equalities.is_empty() {
        return None;
    }
    let conditions = guarded.equalities.iter().map(|Equality { left, right, actual }| {
        let is_text = right.ends_with(['"', '#']);
        match Written::of(actual, None) {
            Written::Literal(literal) if !is_text => Some(format!("{left} == {literal}")),
            Written::Text(literal) if is_text => Some(format!("{left} == {literal}")),
            _ => None,
        }
    });
    let conditions: Option<Vec<String>> = conditions.collect();
    Some(format!("{} if {}", guarded.pattern, conditions?.join(" && ")))
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

/// A pattern in the making.
#[derive(Debug, Default)]
struct Draft {
    pattern: String,
    guards: Vec<String>,
    /// The fields of which something is asked.
    asked: Vec<&'static str>,
}

impl Draft {
    fn text(&self) -> String {
        match self.guards.len() {
            0 => self.pattern.clone(),
            _ => format!("{} if {}", self.pattern, self.guards.join(" && ")),
        }
    }

    /// Whether a field that was asked for, or the guard, has nothing in its place.
    ///
    /// A guard is replaced by the values of the fields that were only bound; one that uses
    /// anything else is not.
    fn is_weaker_than(&self, case: &CaseReport, guarded: Option<&Guarded>) -> bool {
        let is_agreed = |name: &str| case.agreed.iter().any(|(field, _)| *field == name);
        let is_missed = |name: &str| case.misses.iter().any(|field| field.name == name);
        let is_lost = |name: &&&str| !self.asked.contains(*name);
        let asks = |name: &&&str| is_agreed(name) || is_missed(name);
        if case.mentions.iter().filter(asks).any(|name| is_lost(&name)) {
            return true;
        }
        let Some(Guarded { names, .. }) = guarded else { return false };
        let bound = || case.mentions.iter().filter(|name| !asks(name));
        let binds = |text: &str| {
            let is_part = |character: char| character.is_alphanumeric() || character == '_';
            text.split(|character| !is_part(character)).any(|word| names.contains(&word))
        };
        names.is_empty()
            || bound().count() < names.len()
            || bound().any(|name| is_lost(&name))
            || case.agreed.iter().any(|(_, text)| binds(text))
    }
}

fn pattern_of(path: &str, description: &Description, case: Option<&CaseReport>) -> Draft {
    let mut draft = Draft::default();
    let content = match description.shape {
        Shape::Unit => String::new(),
        Shape::Tuple => format!("({})", tuple(description, case, &mut draft)),
        Shape::Braced => format!(" {{ {} }}", braced(description, case, &mut draft)),
    };
    draft.pattern = format!("{path}{content}");
    draft
}

fn braced(description: &Description, case: Option<&CaseReport>, draft: &mut Draft) -> String {
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
                draft.guards.push(format!("{name} == {literal}"));
            }
            Written::No => continue,
        }
        draft.asked.push(name);
    }
    if parts.len() < description.fields.len() || description.fields.is_empty() {
        parts.push("..".to_owned());
    }
    parts.join(", ")
}

fn tuple(description: &Description, case: Option<&CaseReport>, draft: &mut Draft) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (index, (name, value, is_volatile)) in description.fields.iter().enumerate() {
        let written = match is_volatile {
            true => Written::No,
            false => written(case, name, value),
        };
        if !matches!(written, Written::No) {
            draft.asked.push(name);
        }
        parts.push(match written {
            Written::Literal(literal) => literal,
            Written::Text(literal) => {
                draft.guards.push(format!("value_{index} == {literal}"));
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
