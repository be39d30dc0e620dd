//! The numbers of a test run in words, the same wherever they are shown.

use tidings_testrun::Counts;

use super::row::{Paint, Row};
use super::style::Style;
use crate::duration::format_count;

/// A row in the making that is broken between its parts when it gets too wide.
#[derive(Debug, Default)]
pub(super) struct Wrapped {
    rows: Vec<Row>,
    width: usize,
}

/// How a part is set apart from the one before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Apart {
    /// What stands between them; its end is left out at the end of a row.
    between: &'static str,
    paint: Paint,
}

impl Apart {
    pub(super) const COMMA: Self = Self { between: ", ", paint: Paint::Dim };
    pub(super) const COLON: Self = Self { between: ": ", paint: Paint::Dim };

    pub(super) fn dot(style: Style) -> Self {
        Self { between: style.marks().separator, paint: Paint::Dim }
    }
}

impl Wrapped {
    pub(super) fn new(width: usize, first: Row) -> Self {
        Self { rows: vec![first], width }
    }

    pub(super) fn with(mut self, apart: Apart, part: Row) -> Self {
        let Some(last) = self.rows.pop() else {
            self.rows.push(part);
            return self;
        };
        let between = Row::new().with(apart.paint, apart.between);
        // Behind it a comma may follow.
        let needed = last.width() + between.width() + part.width();
        if needed < self.width {
            self.rows.push(last.with_row(between).with_row(part));
        } else {
            let end = apart.between.trim_end();
            self.rows.push(if end.starts_with(' ') { last } else { last.with(apart.paint, end) });
            self.rows.push(Row::new().with(Paint::Plain, "  ").with_row(part));
        }
        self
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// At most so many rows; the last of them is cut if there were more.
    pub(super) fn render(mut self, most: usize, style: Style, out: &mut String) {
        if self.rows.len() > most {
            let rest = self.rows.split_off(most);
            let last = self.rows.pop().unwrap_or_default();
            self.rows.push(rest.into_iter().fold(last, Row::with_row));
        }
        for row in &self.rows {
            row.render(self.width, style, out);
        }
    }
}

/// `3 running, 35 passed (2 flaky), 4 failed (1 error item), 1 skipped`, each part in its
/// colour; parts of nothing are left out.
pub(super) fn parts(counts: &Counts) -> impl Iterator<Item = Row> {
    let errors = match counts.error_items {
        1 => "error item",
        _ => "error items",
    };
    let flaky = [(counts.flaky, "flaky")];
    let of_failed = [(counts.error_items, errors), (counts.synthetic, "not ended")];
    [
        part(counts.running, "running", Paint::Live, &[]),
        part(counts.passed(), "passed", Paint::Good, &flaky),
        part(counts.failed(), "failed", Paint::Bad, &of_failed),
        part(counts.skipped(), "skipped", Paint::Odd, &[]),
    ]
    .into_iter()
    .flatten()
}

/// `35 passed (2 flaky)`.
fn part(count: u64, word: &str, paint: Paint, among: &[(u64, &str)]) -> Option<Row> {
    if count == 0 {
        return None;
    }
    let row = Row::new().with(paint, &format!("{} {word}", format_count(count)));
    let among: Vec<String> = among
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", format_count(*count)))
        .collect();
    if among.is_empty() {
        return Some(row);
    }
    Some(row.with(Paint::Dim, &format!(" ({})", among.join(", "))))
}

/// The numbers of what has ended, as one text without colours.
pub(super) fn counts_text(mut counts: Counts) -> String {
    counts.running = 0;
    let texts: Vec<String> = parts(&counts).map(|part| part.text()).collect();
    texts.join(", ")
}

/// All parts in one row.
pub(super) fn parts_row(counts: &Counts) -> Row {
    let mut row = Row::new();
    for part in parts(counts) {
        let separator = if row.width() == 0 { "" } else { ", " };
        row = row.with(Paint::Dim, separator).with_row(part);
    }
    row
}
