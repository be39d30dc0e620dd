//! `in_order`: a true subsequence.
//!
//! Taking the first event that fits, one pattern after the other, finds a subsequence
//! whenever there is one. The table shows the longest part that is in order.

use super::exactly::missing;
use super::{View, misses};
use crate::pattern::Pattern;
use crate::report::paste::{self, Entry};
use crate::report::table::{Mark, Row, Table};
use crate::report::{Report, text};

/// Above this many pairs the table shows what is found greedily.
const PAIRS_MAX: usize = 1_000_000;

pub(super) fn check(patterns: &[Pattern<'_>], view: &View<'_>) -> Result<(), Report> {
    if patterns.is_empty() {
        return Err(Report::new("in_order: an empty list says nothing"));
    }
    let mut wanted = patterns.iter();
    let mut next = wanted.next();
    for event in view.events() {
        let Some(pattern) = next else { break };
        if pattern.matches(event) {
            next = wanted.next();
        }
    }
    if next.is_none() { Ok(()) } else { Err(report(patterns, view)) }
}

fn report(patterns: &[Pattern<'_>], view: &View<'_>) -> Report {
    let places = longest(patterns, view);
    let mut is_free = vec![true; view.len()];
    for place in places.iter().flatten() {
        is_free[*place] = false;
    }
    let lost = places.iter().filter(|place| place.is_none()).count();
    let are = if lost == 1 { "is not in its place" } else { "are not in their places" };
    let headline = format!(
        "in_order: {lost} of {} {are} among {}",
        text::counted(patterns.len(), "expected event"),
        text::counted(view.len(), "recorded event"),
    );
    Report::new(headline)
        .with_table(Table::new(rows(patterns, &places, &is_free, view)))
        .with_paste(paste::list("in_order", &entries(patterns, &places, view)))
}

/// For each pattern its event, so that as many as possible have one and all are in order.
fn longest(patterns: &[Pattern<'_>], view: &View<'_>) -> Vec<Option<usize>> {
    let (rows, columns) = (patterns.len(), view.len());
    if rows.saturating_mul(columns) > PAIRS_MAX {
        return greedy(patterns, view);
    }
    let width = columns + 1;
    let hit: Vec<bool> = patterns
        .iter()
        .flat_map(|pattern| view.events().iter().map(|event| pattern.matches(event)))
        .collect();
    let mut best = vec![0_u32; (rows + 1) * width];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            let at = row * width + column;
            let both = if hit[row * columns + column] { best[at + width + 1] + 1 } else { 0 };
            best[at] = best[at + 1].max(best[at + width]).max(both);
        }
    }
    let mut column = 0;
    let mut places = vec![None; rows];
    for row in 0..rows {
        let here = best[row * width + column];
        // The first pattern that can have a place gets it: what is out of order comes later.
        let place = (column..columns).find(|place| {
            hit[row * columns + place] && best[(row + 1) * width + place + 1] + 1 == here
        });
        if let Some(place) = place {
            places[row] = Some(place);
            column = place + 1;
        }
    }
    places
}

fn greedy(patterns: &[Pattern<'_>], view: &View<'_>) -> Vec<Option<usize>> {
    let mut from = 0;
    let place = |pattern: &Pattern<'_>| {
        let found = (from..view.len()).find(|index| pattern.matches(&view.events()[*index]))?;
        from = found + 1;
        Some(found)
    };
    patterns.iter().map(place).collect()
}

fn rows(
    patterns: &[Pattern<'_>],
    places: &[Option<usize>],
    is_free: &[bool],
    view: &View<'_>,
) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut next = 0;
    for (pattern, place) in patterns.iter().zip(places) {
        if let Some(place) = place {
            rows.extend((next..*place).map(|index| beside(view, index)));
            rows.push(Row::new(Mark::Matched, pattern.text(), view.shown(*place)));
            next = place + 1;
        } else {
            let notes = misses::whereabouts(pattern, view, next, |index| is_free[index]);
            rows.push(missing(pattern.text(), notes));
        }
    }
    rows.extend((next..view.len()).map(|index| beside(view, index)));
    rows
}

pub(super) fn beside(view: &View<'_>, index: usize) -> Row {
    Row::new(Mark::Beside, "", view.shown(index))
}

/// Those that were found where they are, and those that are elsewhere in their real place.
fn entries(patterns: &[Pattern<'_>], places: &[Option<usize>], view: &View<'_>) -> Vec<Entry> {
    let mut taken: Vec<Option<&Pattern<'_>>> = vec![None; view.len()];
    for (pattern, place) in patterns.iter().zip(places) {
        if let Some(place) = place {
            taken[*place] = Some(pattern);
        }
    }
    for (pattern, _) in patterns.iter().zip(places).filter(|(_, place)| place.is_none()) {
        let moved = (0..view.len())
            .find(|index| taken[*index].is_none() && pattern.matches(&view.events()[*index]));
        if let Some(moved) = moved {
            taken[moved] = Some(pattern);
        }
    }
    let found: Vec<Entry> = taken.iter().flatten().map(|pattern| Entry::kept(pattern)).collect();
    if found.is_empty() {
        view.events().iter().take(3).map(|event| paste::entry(event, patterns)).collect()
    } else {
        found
    }
}
