//! `count`: so many events that match.

use std::fmt;
use std::ops::{Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};

use super::{View, misses};
use crate::pattern::Pattern;
use crate::report::table::{Mark, Row, Table};
use crate::report::{Report, paste};

/// How many events of a count are named.
const NUMBERS_MAX: usize = 8;

/// How many events are expected: a number, or a range of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    least: usize,
    /// Absent when there is no upper bound.
    most: Option<usize>,
}

impl Count {
    /// Whether `number` is one of them.
    pub fn contains(self, number: usize) -> bool {
        number >= self.least && self.most.is_none_or(|most| number <= most)
    }
}

impl From<usize> for Count {
    fn from(number: usize) -> Self {
        Self { least: number, most: Some(number) }
    }
}

impl From<RangeInclusive<usize>> for Count {
    fn from(range: RangeInclusive<usize>) -> Self {
        Self { least: *range.start(), most: Some(*range.end()) }
    }
}

impl From<Range<usize>> for Count {
    fn from(range: Range<usize>) -> Self {
        match range.end.checked_sub(1) {
            Some(most) => Self { least: range.start, most: Some(most) },
            // No number is below zero.
            None => Self { least: 1, most: Some(0) },
        }
    }
}

impl From<RangeFrom<usize>> for Count {
    fn from(range: RangeFrom<usize>) -> Self {
        Self { least: range.start, most: None }
    }
}

impl From<RangeTo<usize>> for Count {
    fn from(range: RangeTo<usize>) -> Self {
        Self::from(0..range.end)
    }
}

impl From<RangeToInclusive<usize>> for Count {
    fn from(range: RangeToInclusive<usize>) -> Self {
        Self::from(0..=range.end)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.least, self.most) {
            (least, None) => write!(f, "{least}.."),
            (least, Some(most)) if least == most => write!(f, "{least}"),
            (0, Some(most)) => write!(f, "..={most}"),
            (least, Some(most)) => write!(f, "{least}..={most}"),
        }
    }
}

pub(super) fn check(counts: &[(Pattern<'_>, Count)], view: &View<'_>) -> Result<(), Report> {
    if counts.is_empty() {
        return Err(Report::new("count: an empty list says nothing"));
    }
    let found: Vec<usize> = counts
        .iter()
        .map(|(pattern, _)| view.events().iter().filter(|event| pattern.matches(event)).count())
        .collect();
    let holds = counts.iter().zip(&found).all(|((_, count), found)| count.contains(*found));
    if holds { Ok(()) } else { Err(report(counts, &found, view)) }
}

fn report(counts: &[(Pattern<'_>, Count)], found: &[usize], view: &View<'_>) -> Report {
    let wrong = counts.iter().zip(found).find(|((_, count), found)| !count.contains(**found));
    let headline = wrong.map_or_else(String::new, |((pattern, count), found)| {
        format!("count: expected {count} of `{}`, found {found}", pattern.text())
    });
    let rows = counts.iter().zip(found).map(|((pattern, count), found)| {
        let expected = format!("{} => {count}", pattern.text());
        let actual = format!("{found}{}", numbers(pattern, view));
        if count.contains(*found) {
            return Row::new(Mark::Matched, expected, actual);
        }
        let too_few = *found < count.least;
        let notes = if too_few { misses::nearest(pattern, view, |_| true) } else { Vec::new() };
        Row::new(Mark::Different, expected, actual).with_notes(notes)
    });
    let table = Table::new(rows.collect());
    let counts = counts.iter().zip(found).map(|((pattern, _), found)| (pattern.source(), *found));
    Report::new(headline).with_table(table).with_paste(Some(paste::counts(counts)))
}

/// ` (#1, #4, #9, …)`.
fn numbers(pattern: &Pattern<'_>, view: &View<'_>) -> String {
    let mut hits = (0..view.len()).filter(|index| pattern.matches(&view.events()[*index]));
    let mut shown: Vec<String> =
        hits.by_ref().take(NUMBERS_MAX).map(|index| format!("#{}", view.number(index))).collect();
    if hits.next().is_some() {
        shown.push("…".to_owned());
    }
    if shown.is_empty() { String::new() } else { format!(" ({})", shown.join(", ")) }
}
