//! `exactly`: these events, in this order, and no others.

use super::{View, misses};
use crate::pattern::Pattern;
use crate::report::align::{Step, align};
use crate::report::paste::{self, Entry};
use crate::report::table::{Mark, Row, Table};
use crate::report::{Report, text};

pub(super) fn check(patterns: &[Pattern<'_>], view: &View<'_>) -> Result<(), Report> {
    let holds = patterns.len() == view.len()
        && patterns.iter().zip(view.events()).all(|(pattern, event)| pattern.matches(event));
    if holds { Ok(()) } else { Err(report(patterns, view)) }
}

fn report(patterns: &[Pattern<'_>], view: &View<'_>) -> Report {
    let steps =
        align(patterns.len(), view.len(), |row, column| misses::cost(&patterns[row], view, column));
    let rows = rows(&steps, patterns, view);
    Report::new(headline(&steps, patterns.len(), view.len()))
        .with_table(Table::new(rows))
        .with_paste(paste::list("exactly", &entries(&steps, patterns, view)))
}

fn headline(steps: &[Step], expected: usize, actual: usize) -> String {
    let count = |wanted: fn(&Step) -> bool| steps.iter().filter(|step| wanted(step)).count();
    let faults: Vec<String> = [
        (count(|step| matches!(step, Step::Differ(..))), "different"),
        (count(|step| matches!(step, Step::Missing(_))), "missing"),
        (count(|step| matches!(step, Step::Extra(_))), "unexpected"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, fault)| format!("{number} {fault}"))
    .collect();
    format!(
        "exactly: expected {}, recorded {actual}: {}",
        text::counted(expected, "event"),
        faults.join(", ")
    )
}

fn rows(steps: &[Step], patterns: &[Pattern<'_>], view: &View<'_>) -> Vec<Row> {
    let mut is_free = vec![true; view.len()];
    for step in steps {
        if let Step::Match(_, column) = step {
            is_free[*column] = false;
        }
    }
    let mut place = 0;
    let mut rows = Vec::with_capacity(steps.len());
    for step in steps {
        rows.push(match *step {
            Step::Match(row, column) => {
                Row::new(Mark::Matched, patterns[row].text(), shown(view, column))
            }
            Step::Differ(row, column) => {
                let found = misses::whereabouts(&patterns[row], view, column, |index| {
                    is_free[index] && index != column
                });
                let moved = found.into_iter().filter(|note| note.starts_with("found"));
                let mut notes = misses::reasons(&patterns[row], view, column);
                notes.extend(moved);
                Row::new(Mark::Different, patterns[row].text(), shown(view, column))
                    .with_notes(notes)
            }
            Step::Missing(row) => {
                let notes =
                    misses::whereabouts(&patterns[row], view, place, |index| is_free[index]);
                missing(patterns[row].text(), notes)
            }
            Step::Extra(column) => Row::new(Mark::Extra, "", shown(view, column)),
        });
        if let Step::Match(_, column) | Step::Differ(_, column) | Step::Extra(column) = step {
            place = column + 1;
        }
    }
    rows
}

/// A row for an expectation without an event; what is known of it goes beside.
pub(super) fn missing(expected: &str, mut notes: Vec<String>) -> Row {
    let actual = if notes.is_empty() {
        "missing".to_owned()
    } else {
        format!("missing; {}", notes.remove(0))
    };
    Row::new(Mark::Missing, expected, actual).with_notes(notes)
}

fn shown(view: &View<'_>, index: usize) -> String {
    view.shown(index)
}

fn entries(steps: &[Step], patterns: &[Pattern<'_>], view: &View<'_>) -> Vec<Entry> {
    let entry = |step: &Step| match *step {
        Step::Match(row, _) => Some(Entry::kept(&patterns[row])),
        Step::Differ(row, column) => {
            Some(paste::entry_for(&patterns[row], &view.events()[column], patterns))
        }
        Step::Extra(column) => Some(paste::entry(&view.events()[column], patterns)),
        Step::Missing(_) => None,
    };
    steps.iter().filter_map(entry).collect()
}
