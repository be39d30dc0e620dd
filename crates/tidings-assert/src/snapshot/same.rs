//! Equality of two recordings: types, entities and content, nothing that differs by nature.

use super::Snapshot;
use crate::pattern::GAP;
use crate::report::align::{Step, align};
use crate::report::table::{Mark, Row, Table};
use crate::report::{Mismatch, Report, text};

/// The most characters of one event that are shown.
const EVENT_CHARS_MAX: usize = 160;

/// Compares two recordings, `expected` on the left of the table.
pub(crate) fn same(expected: &Snapshot, actual: &Snapshot) -> Result<(), Mismatch> {
    let (left, right) = (expected.contents(), actual.contents());
    if left.is_empty() && right.is_empty() {
        return Err(Report::new("same events: nothing was recorded on either side")
            .with_note("were both recorders registered before the events were emitted?")
            .into());
    }
    if left == right {
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
fn distance(left: &str, right: &str) -> u32 {
    if left == right {
        return 0;
    }
    let (left, right) = (left.split(' '), right.split(' '));
    match left.zip(right).take_while(|(left, right)| left == right).count() {
        0 => 2 * GAP - 1,
        1 => GAP,
        _ => GAP / 2,
    }
}

fn row(step: Step, left: &[String], right: &[String]) -> Row {
    let cut = |line: &str| text::cut(line, EVENT_CHARS_MAX);
    let numbered = |index: usize| format!("#{} {}", index + 1, right[index]);
    match step {
        Step::Match(row, column) => {
            Row::new(Mark::Matched, cut(&left[row]), cut(&numbered(column)))
        }
        Step::Differ(row, column) => {
            Row::new(Mark::Different, cut(&left[row]), cut(&numbered(column)))
                .with_notes(vec![first_difference(&left[row], &right[column])])
        }
        Step::Missing(row) => Row::new(Mark::Missing, cut(&left[row]), "missing"),
        Step::Extra(column) => Row::new(Mark::Extra, "", cut(&numbered(column))),
    }
}

/// The first word in which two lines differ, with what is around it.
fn first_difference(left: &str, right: &str) -> String {
    let same = left.chars().zip(right.chars()).take_while(|(left, right)| left == right);
    let common: String = same.map(|(character, _)| character).collect();
    // From the last name on: `seconds: 3`, not `3`.
    let start = common.rfind(['{', '[', ',']).map_or(0, |at| at + 1);
    let part = |line: &str| {
        let end = line[start..].char_indices().skip_while(|(at, _)| start + at < common.len());
        let end = end.skip(1).find(|(_, character)| matches!(character, ',' | '}' | ']'));
        let end = end.map_or(line.len(), |(at, _)| start + at);
        text::cut(line[start..end].trim(), 60)
    };
    format!("expected {}, got {}", part(left), part(right))
}
