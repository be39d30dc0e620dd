//! One failure of a test run in full: where, what, expected and actual, and all the rest.

use tidings_testrun::{Failure, FailureView};

use super::row::{Paint, Row};
use super::style::Style;
use crate::text::cut_bytes;

/// The most lines of a message, of details, and of an expected or actual value.
const LINES_MAX: usize = 20;

/// The most causes that are named.
const CAUSES_MAX: usize = 5;

/// What is said of a failure below its name.
#[derive(Debug)]
pub(crate) struct FailureDetails<'a> {
    view: &'a FailureView<'a>,
    has_place: bool,
    width: usize,
    style: Style,
}

/// The first lines of a text, and how many more there are; line ends and spaces at the end of
/// the text aside.
fn clipped_lines(text: &str, most: usize) -> (Vec<String>, usize) {
    let kept = cut_bytes(text.trim_end().to_owned());
    let missing = text.trim_end().lines().count().saturating_sub(most);
    let lines = kept.lines().take(most).map(|line| line.replace('\t', "    "));
    (lines.collect(), missing)
}

impl<'a> FailureDetails<'a> {
    pub(crate) fn new(view: &'a FailureView<'a>, width: usize, style: Style) -> Self {
        Self { view, has_place: true, width, style }
    }

    /// The same without its place, for where that is said anyway.
    pub(crate) fn without_place(mut self) -> Self {
        self.has_place = false;
        self
    }

    /// Appends it, indented.
    pub(crate) fn write_to(&self, out: &mut String) {
        if let Some(location) = self.view.location.filter(|_| self.has_place) {
            self.write(Paint::Dim, &format!("at {location}"), out);
        }
        match self.view.failure {
            Some(failure) => self.write_failure(failure, out),
            None => self.write_text(self.view.reason.unwrap_or("nobody said why"), out),
        }
    }

    fn write_failure(&self, failure: &Failure, out: &mut String) {
        self.write_text(&failure.to_string(), out);
        let details = failure.details.as_deref().unwrap_or_default();
        // Details that are the whole text begin with the message.
        let details = details.trim_start().strip_prefix(failure.message.trim()).unwrap_or(details);
        self.write_value("expected: ", failure.expected.as_deref(), out);
        self.write_value("actual:   ", failure.actual.as_deref(), out);
        self.write_text(details.trim_start_matches(['\r', '\n']), out);
        for cause in failure.causes.iter().take(CAUSES_MAX) {
            let text = match &cause.class {
                Some(class) => format!("{class}: {}", cause.message),
                None => cause.message.clone(),
            };
            self.write_value("caused by: ", Some(&text), out);
        }
        let more = failure.causes.len().saturating_sub(CAUSES_MAX);
        self.write_more(more, "causes", out);
    }

    fn write_text(&self, text: &str, out: &mut String) {
        let (lines, more) = clipped_lines(text, LINES_MAX);
        for line in lines {
            self.write(Paint::Plain, &line, out);
        }
        self.write_more(more, "lines", out);
    }

    /// A label and a value, whose further lines stand below its first.
    fn write_value(&self, label: &str, value: Option<&str>, out: &mut String) {
        let Some(value) = value else { return };
        let (lines, more) = clipped_lines(value, LINES_MAX);
        let mut label = label.to_owned();
        for line in &lines {
            indented()
                .with(Paint::Dim, &label)
                .with(Paint::Plain, line)
                .render(self.width, self.style, out);
            label = " ".repeat(label.len());
        }
        if lines.is_empty() {
            self.write(Paint::Dim, &format!("{label}(empty)"), out);
        }
        self.write_more(more, "lines", out);
    }

    fn write_more(&self, more: usize, noun: &str, out: &mut String) {
        if more > 0 {
            let text = format!("{} {more} more {noun}", self.style.marks().cut);
            self.write(Paint::Dim, &text, out);
        }
    }

    fn write(&self, paint: Paint, text: &str, out: &mut String) {
        indented().with(paint, text).render(self.width, self.style, out);
    }
}

fn indented() -> Row {
    Row::new().with(Paint::Plain, "    ")
}
