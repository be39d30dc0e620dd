//! The annotations of a test run: an error for each failure, a warning for each flaky case.

use tidings_testrun::{CaseView, FailureView, RunSummary, SourceLocation};

use super::command::Annotation;
use crate::duration::format_count;
use crate::render::{FailureDetails, Paint, Places, Row, Style, first_attempts_text};
use crate::run::{error_words, words_of};

/// How many annotations of one level GitHub shows for a step.
const ANNOTATIONS_MAX: usize = 10;

/// The annotations, a line for those that GitHub would not show, and an empty line.
pub(crate) fn render_annotations(summary: &RunSummary) -> String {
    let places = Places::of(summary);
    let mut out = String::new();
    let failures = summary.failures();
    for failure in failures.iter().take(ANNOTATIONS_MAX) {
        out.push_str(&of_failure(failure, &places));
    }
    push_more(failures.len(), "failures", &mut out);
    let flaky = summary.flaky();
    for case in flaky.iter().take(ANNOTATIONS_MAX) {
        out.push_str(&of_flaky(case, &places));
    }
    push_more(flaky.len(), "flaky cases", &mut out);
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn push_more(count: usize, noun: &str, out: &mut String) {
    let more = count.saturating_sub(ANNOTATIONS_MAX);
    if more > 0 {
        let count = format_count(u64::try_from(more).unwrap_or(u64::MAX));
        let text = format!("{count} more {noun} have no annotation; the summary below has them");
        Row::new().with(Paint::Plain, &text).render(usize::MAX, Style::plain(), out);
    }
}

fn of_failure(failure: &FailureView<'_>, places: &Places) -> String {
    let mut title = ids(failure.entity, places);
    if !failure.is_case {
        let name = (failure.name != failure.entity.id()).then_some(failure.name);
        let kind = failure.failure.map(|failure| failure.kind).unwrap_or_default();
        title = format!("{title}: {}", error_words(kind, name));
    } else if !words_of(failure.status).is_empty() {
        title = format!("{title}: {}", words_of(failure.status));
    }
    let mut text = String::new();
    let details = FailureDetails::new(failure, usize::MAX, Style::plain());
    details.without_place().write_to(&mut text);
    let lines: Vec<&str> =
        text.lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
    located("error", failure.location).with("title", &title).message(&lines.join("\n"))
}

fn of_flaky(case: &CaseView<'_>, places: &Places) -> String {
    let number = case.last().number;
    let before = first_attempts_text(case);
    let message = if before.is_empty() {
        format!("flaky: passed on attempt {number}")
    } else {
        format!("flaky: passed on attempt {number}, before that: {before}")
    };
    let failure = case.superseded().iter().rev().find_map(|attempt| attempt.failure);
    let location = failure.and_then(|failure| failure.location.as_ref()).or(case.location);
    located("warning", location).with("title", &ids(case.entity, places)).message(&message)
}

fn located(level: &'static str, location: Option<&SourceLocation>) -> Annotation {
    let annotation = Annotation::new(level);
    let Some(location) = location.filter(|location| !location.file.is_empty()) else {
        return annotation;
    };
    let mut annotation = annotation.with("file", &location.file);
    if let Some(line) = location.line {
        annotation = annotation.with("line", &line.to_string());
    }
    if let Some(column) = location.column {
        annotation = annotation.with("col", &column.to_string());
    }
    annotation
}

/// The ids of a place with slashes between them.
fn ids(entity: &tidings_core::Entity, places: &Places) -> String {
    let shown = places.shown(entity);
    let ids: Vec<&str> = shown.pairs().map(|(_, id)| id).collect();
    ids.join("/")
}
