//! The plain lines of a test run: what ended, and errors that are no case.

use tidings_core::Entity;

use super::row::{Paint, Row};
use super::style::Style;
use super::summary::{first_line, took_column};
use crate::run::{RunEnd, RunError};
use crate::tree::Finished;

/// As [`render_finished`](super::render_finished), of what a test run says.
pub(crate) fn render_run_end(
    finished: &Finished,
    told: &RunEnd,
    width: usize,
    style: Style,
) -> String {
    let mut out = String::new();
    let paint = Paint::of_outcome(finished.outcome);
    let row = Row::new()
        .with(paint, style.marks().of_outcome(finished.outcome))
        .with(Paint::Dim, &format!(" {}  ", took_column(told.duration)))
        .with_path(&finished.entity);
    let row = match (told.attempt, told.superseded) {
        (attempt, true) => row.with(Paint::Odd, &format!("  attempt {attempt}, tried again")),
        (1, false) => row,
        (attempt, false) => row.with(Paint::Odd, &format!("  attempt {attempt}")),
    };
    let nobody = if told.synthetic { "nobody ended it" } else { "" };
    let words: Vec<&str> =
        [told.words, nobody].into_iter().filter(|words| !words.is_empty()).collect();
    with_why(row, paint, &words.join(", "), &told.text).render(width, style, &mut out);
    out
}

/// One line for an error that is no case.
pub(crate) fn render_run_error(
    entity: &Entity,
    error: &RunError,
    width: usize,
    style: Style,
) -> String {
    let mut out = String::new();
    let row = Row::new()
        .with(Paint::Bad, style.marks().failed)
        .with(Paint::Dim, &format!(" {}  ", took_column(error.duration)))
        .with_path(entity);
    with_why(row, Paint::Bad, &error.words, &error.text).render(width, style, &mut out);
    out
}

/// `timed out: no answer in 5 s`, as much of it as there is.
fn with_why(row: Row, paint: Paint, words: &str, text: &str) -> Row {
    match (words, first_line(text)) {
        ("", None) => row,
        ("", Some(why)) => row.with(Paint::Plain, "  ").with(paint, why),
        (words, None) => row.with(Paint::Plain, "  ").with(paint, words),
        (words, Some(why)) => row
            .with(Paint::Plain, "  ")
            .with(paint, words)
            .with(Paint::Plain, ": ")
            .with(Paint::Plain, why),
    }
}
