//! The table: expected on the left, actual on the right, a mark in front.
//!
//! Rows that agree are shown only near a row that does not; the others are counted.

use std::fmt;

use super::text;

/// How many rows that agree are shown before and after one that does not.
const CONTEXT_ROWS: usize = 2;
/// The widest that the left column gets, in characters.
const EXPECTED_CHARS_MAX: usize = 72;

/// What stands in front of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// As expected.
    Matched,
    /// In its place, but different.
    Different,
    /// Expected, and not there.
    Missing,
    /// There, and not expected.
    Extra,
    /// There, and nobody minds.
    Beside,
}

impl Mark {
    fn sign(self) -> char {
        match self {
            Self::Matched => '✓',
            Self::Different => '✗',
            Self::Missing => '−',
            Self::Extra => '+',
            Self::Beside => ' ',
        }
    }

    fn is_quiet(self) -> bool {
        matches!(self, Self::Matched | Self::Beside)
    }
}

#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) mark: Mark,
    pub(crate) expected: String,
    pub(crate) actual: String,
    /// Lines below the actual side.
    pub(crate) notes: Vec<String>,
}

impl Row {
    pub(crate) fn new(mark: Mark, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Self { mark, expected: expected.into(), actual: actual.into(), notes: Vec::new() }
    }

    pub(crate) fn with_notes(mut self, notes: Vec<String>) -> Self {
        self.notes = notes;
        self
    }
}

/// Rows under two headings.
#[derive(Debug)]
pub(crate) struct Table {
    headings: (&'static str, &'static str),
    rows: Vec<Row>,
}

impl Table {
    pub(crate) fn new(rows: Vec<Row>) -> Self {
        Self { headings: ("expected", "actual"), rows }
    }

    pub(crate) fn with_headings(mut self, left: &'static str, right: &'static str) -> Self {
        self.headings = (left, right);
        self
    }

    /// Which rows are shown: the loud ones and what is near them.
    fn shown(&self) -> Vec<bool> {
        let mut shown = vec![false; self.rows.len()];
        for (index, row) in self.rows.iter().enumerate() {
            if !row.mark.is_quiet() {
                let first = index.saturating_sub(CONTEXT_ROWS);
                let last = (index + CONTEXT_ROWS).min(self.rows.len() - 1);
                shown[first..=last].fill(true);
            }
        }
        // A gap of one row is shown: the line that counts it would be as long.
        for index in 0..shown.len() {
            let before = index == 0 || shown[index - 1];
            let after = shown.get(index + 1).copied().unwrap_or(true);
            if before && after {
                shown[index] = true;
            }
        }
        shown
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.shown();
        let width = self
            .rows
            .iter()
            .zip(&shown)
            .filter(|(_, shown)| **shown)
            .map(|(row, _)| row.expected.chars().count())
            .max()
            .unwrap_or(0)
            .clamp(self.headings.0.len(), EXPECTED_CHARS_MAX);
        writeln!(f, "    {:width$} │ {}", self.headings.0, self.headings.1)?;
        let mut hidden = 0;
        for (row, shown) in self.rows.iter().zip(&shown) {
            if !*shown {
                hidden += 1;
                continue;
            }
            elision(f, hidden)?;
            hidden = 0;
            let (sign, expected) = (row.mark.sign(), text::cut(&row.expected, width));
            line(f, &format!("  {sign} {expected:width$} │ {}", row.actual))?;
            for note in &row.notes {
                line(f, &format!("    {:width$} │    {note}", ""))?;
            }
        }
        elision(f, hidden)
    }
}

fn line(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    writeln!(f, "{}", text.trim_end())
}

fn elision(f: &mut fmt::Formatter<'_>, hidden: usize) -> fmt::Result {
    match hidden {
        0 => Ok(()),
        _ => writeln!(f, "    … {hidden} more …"),
    }
}
