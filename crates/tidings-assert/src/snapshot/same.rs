//! Equality of two recordings: types, entities and content, nothing that differs by nature.

use std::collections::{BTreeMap, BTreeSet};

use super::Snapshot;
use super::render::Parts;
use crate::pattern::GAP;
use crate::report::align::{Step, align};
use crate::report::table::{Mark, Row, Table};
use crate::report::{Mismatch, Report, text};

/// The most characters of one event that are shown.
const EVENT_CHARS_MAX: usize = 160;
/// The most characters of one value that are shown.
const VALUE_CHARS_MAX: usize = 120;
/// The most differences of one event that are named.
const DIFFERENCES_MAX: usize = 8;

/// Compares two recordings, `expected` on the left of the table.
pub(crate) fn same(expected: &Snapshot, actual: &Snapshot) -> Result<(), Mismatch> {
    let (left, right) = (expected.parts(), actual.parts());
    if left.is_empty() && right.is_empty() {
        return Err(Report::new("same events: nothing was recorded on either side")
            .with_note("were both recorders registered before the events were emitted?")
            .into());
    }
    let is_same = |(left, right): (&Parts, &Parts)| left.line == right.line;
    if left.len() == right.len() && left.iter().zip(&right).all(is_same) {
        return Ok(());
    }
    let steps = align(left.len(), right.len(), |row, column| distance(&left[row], &right[column]));
    let differences = steps.iter().filter(|step| !matches!(step, Step::Match(..))).count();
    let rows = steps.iter().map(|step| row(*step, &left, &right)).collect();
    let headline = format!(
        "same events: {} between {} and {}",
        text::counted(differences, "difference"),
        text::counted(left.len(), "event"),
        text::counted(right.len(), "event"),
    );
    Err(Report::new(headline).with_table(Table::new(rows)).into())
}

/// Two events of one type are nearer than two that share nothing.
fn distance(left: &Parts, right: &Parts) -> u32 {
    if left.line == right.line {
        0
    } else if left.event_type != right.event_type {
        2 * GAP - 1
    } else if left.entity != right.entity {
        GAP
    } else {
        GAP / 2
    }
}

fn row(step: Step, left: &[Parts], right: &[Parts]) -> Row {
    let expected = |index: usize| text::cut(&left[index].line, EVENT_CHARS_MAX);
    let numbered =
        |index: usize| text::cut(&format!("#{} {}", index + 1, right[index].line), EVENT_CHARS_MAX);
    match step {
        Step::Match(row, column) => Row::new(Mark::Matched, expected(row), numbered(column)),
        Step::Differ(row, column) => Row::new(Mark::Different, expected(row), numbered(column))
            .with_notes(differences(&left[row], &right[column])),
        Step::Missing(row) => Row::new(Mark::Missing, expected(row), "missing"),
        Step::Extra(column) => Row::new(Mark::Extra, "", numbered(column)),
    }
}

/// What differs, one line each: type, entity, then field by field.
///
/// Fields of different types are not compared: they have nothing to do with each other.
fn differences(left: &Parts, right: &Parts) -> Vec<String> {
    let mut notes = Vec::new();
    let mut compare = |what: &str, left: &str, right: &str| {
        if left != right {
            let (left, right) = windows(left, right);
            notes.push(format!("{what}: expected {left}, got {right}"));
        }
    };
    compare("type", &left.event_type, &right.event_type);
    compare("entity", &left.entity, &right.entity);
    if left.event_type == right.event_type {
        if let (Some(expected), Some(actual)) = (&left.fields, &right.fields) {
            let names: BTreeSet<&String> = expected.keys().chain(actual.keys()).collect();
            for name in names {
                let value = |fields: &BTreeMap<String, String>| {
                    fields.get(name).map_or_else(|| "nothing".to_owned(), String::clone)
                };
                compare(&format!("field `{name}`"), &value(expected), &value(actual));
            }
        } else {
            let shown = |content: &str| match content {
                "" => "nothing".to_owned(),
                content => content.to_owned(),
            };
            compare("content", &shown(&left.content), &shown(&right.content));
        }
    }
    let hidden = notes.len().saturating_sub(DIFFERENCES_MAX);
    if hidden > 0 {
        notes.truncate(DIFFERENCES_MAX);
        notes.push(format!("… {hidden} more …"));
    }
    notes
}

/// Both texts cut to one line; the part in which they differ is in it.
fn windows(left: &str, right: &str) -> (String, String) {
    let same = left.chars().zip(right.chars()).take_while(|(left, right)| left == right).count();
    let skipped = if same < VALUE_CHARS_MAX / 2 { 0 } else { same - VALUE_CHARS_MAX / 4 };
    let window = |text: &str| {
        let rest: String = text.chars().skip(skipped).collect();
        let dots = if skipped > 0 { "…" } else { "" };
        format!("{dots}{}", text::cut(&rest, VALUE_CHARS_MAX))
    };
    (window(left), window(right))
}
