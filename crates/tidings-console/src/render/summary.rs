//! What is said at the end, and the plain line of one entity that ended.

use super::row::{Paint, Row};
use super::run_line::render_run_end;
use super::style::Style;
use crate::duration::{Precision, format_count, format_duration};
use crate::tree::{Failure, Finished, NodeId, Tally, Tree};

/// The most lines of one failure's text.
const TEXT_LINES_MAX: usize = 20;

/// The most entities that are named because they never ended.
const UNFINISHED_MAX: usize = 10;

/// Says how it went: every failure again with its path and its text, what never ended,
/// what took longest when there are at least two to compare, and the totals.
///
/// Lines are cut to `width`.
pub fn render_summary(tree: &Tree, width: usize, style: Style) -> String {
    let mut out = String::new();
    write_failures(tree, width, style, &mut out);
    write_unfinished(tree, width, style, &mut out);
    write_slowest(tree, width, style, &mut out);
    counts_row(tree, style)
        .with(
            Paint::Dim,
            &format!(
                "{}{}",
                style.marks().separator,
                format_duration(tree.elapsed(), Precision::Milliseconds)
            ),
        )
        .render(width, style, &mut out);
    out
}

fn write_failures(tree: &Tree, width: usize, style: Style, out: &mut String) {
    let failed = tree.totals().tally.failed;
    if failed == 0 {
        return;
    }
    let noun = if failed == 1 { "failure" } else { "failures" };
    let title = format!("{} {noun}", format_count(failed));
    Row::new().with(Paint::Strong, &title).render(width, style, out);
    out.push('\n');
    for failure in tree.failures() {
        write_failure(failure, width, style, out);
        out.push('\n');
    }
    let kept = u64::try_from(tree.failures().len()).unwrap_or(u64::MAX);
    if failed > kept {
        let text = format!("{} {} more", style.marks().cut, format_count(failed - kept));
        Row::new().with(Paint::Dim, &text).render(width, style, out);
        out.push('\n');
    }
}

/// The failures of a tree, and what never ended in it, that are outside of any test run.
pub(crate) fn render_outside(tree: &Tree, width: usize, style: Style) -> String {
    let mut out = String::new();
    let failures: Vec<&Failure> = tree.failures_outside().collect();
    if !failures.is_empty() {
        let noun = if failures.len() == 1 { "failure" } else { "failures" };
        let title = format!("{} {noun} outside of the test run", failures.len());
        Row::new().with(Paint::Strong, &title).render(width, style, &mut out);
        out.push('\n');
    }
    for failure in failures {
        write_failure(failure, width, style, &mut out);
        out.push('\n');
    }
    let is_unfinished = |id: &NodeId| {
        let node = tree.node(*id);
        node.is_running() && !node.is_container && !node.is_of_run
    };
    let walk = tree.walk().into_iter().map(|(id, _)| id);
    let unfinished: Vec<NodeId> = walk.filter(is_unfinished).collect();
    if !unfinished.is_empty() {
        let title = format!("{} never ended outside of the test run", unfinished.len());
        Row::new().with(Paint::Strong, &title).render(width, style, &mut out);
        out.push('\n');
        let count = u64::try_from(unfinished.len()).unwrap_or(u64::MAX);
        write_running(tree, unfinished.into_iter(), count, (width, style), &mut out);
    }
    out
}

fn write_failure(failure: &Failure, width: usize, style: Style, out: &mut String) {
    let took = failure.duration.map(|duration| format_duration(duration, Precision::Milliseconds));
    let later = failure.passed_on_attempt.map(|attempt| format!("  passed on attempt {attempt}"));
    Row::new()
        .with(Paint::Bad, style.marks().failed)
        .with(Paint::Plain, " ")
        .with_path(&failure.entity)
        .with(Paint::Odd, &later.unwrap_or_default())
        .with_right(Paint::Dim, &took.unwrap_or_default())
        .render(width, style, out);
    let mut lines = failure.text.trim_end().lines();
    for line in lines.by_ref().take(TEXT_LINES_MAX) {
        Row::new()
            .with(Paint::Plain, "    ")
            .with(Paint::Plain, &line.replace('\t', "    "))
            .render(width, style, out);
    }
    let more = lines.count();
    if more > 0 {
        let text = format!("    {} {more} more lines", style.marks().cut);
        Row::new().with(Paint::Dim, &text).render(width, style, out);
    }
}

fn write_unfinished(tree: &Tree, width: usize, style: Style, out: &mut String) {
    let is_unfinished = |id: &NodeId| {
        let node = tree.node(*id);
        node.is_running() && !node.is_container
    };
    let running = tree.totals().running;
    if running == 0 {
        return;
    }
    let title = format!("{} never ended", format_count(running));
    Row::new().with(Paint::Strong, &title).render(width, style, out);
    out.push('\n');
    let unfinished = tree.walk().into_iter().map(|(id, _)| id).filter(is_unfinished);
    write_running(tree, unfinished, running, (width, style), out);
}

/// The first of so many nodes that run.
fn write_running(
    tree: &Tree,
    unfinished: impl Iterator<Item = NodeId>,
    running: u64,
    (width, style): (usize, Style),
    out: &mut String,
) {
    let mut shown = 0;
    for id in unfinished.take(UNFINISHED_MAX) {
        shown += 1;
        Row::new()
            .with(Paint::Live, style.marks().running)
            .with(Paint::Plain, " ")
            .with_path(&tree.node(id).entity)
            .render(width, style, out);
    }
    if running > shown {
        let text = format!("{} {} more", style.marks().cut, format_count(running - shown));
        Row::new().with(Paint::Dim, &text).render(width, style, out);
    }
    out.push('\n');
}

fn write_slowest(tree: &Tree, width: usize, style: Style, out: &mut String) {
    // One alone would only repeat what stands elsewhere.
    if tree.slowest().is_empty() || tree.timed() < 2 {
        return;
    }
    Row::new().with(Paint::Strong, "slowest").render(width, style, out);
    out.push('\n');
    for slow in tree.slowest() {
        Row::new()
            .with(Paint::Dim, &format!("{}  ", took_column(Some(slow.duration))))
            .with_path(&slow.entity)
            .render(width, style, out);
    }
    out.push('\n');
}

/// One line for an entity that has just ended: mark, duration, path, and how it went
/// inside or the first line of why.
pub(crate) fn render_finished(finished: &Finished, width: usize, style: Style) -> String {
    if let Some(told) = &finished.told {
        return render_run_end(finished, told, width, style);
    }
    let mut out = String::new();
    let paint = Paint::of_outcome(finished.outcome);
    let mut row = Row::new()
        .with(paint, style.marks().of_outcome(finished.outcome))
        .with(Paint::Dim, &format!(" {}  ", took_column(finished.duration)))
        .with_path(&finished.entity);
    if finished.attempt > 1 {
        row = row.with(Paint::Odd, &format!("  attempt {}", finished.attempt));
    }
    if finished.inside.sum() > 0 {
        row = row.with(Paint::Dim, "  ").with(Paint::Dim, &tally_text(finished.inside));
    } else if let Some(why) = first_line(&finished.text) {
        row = row.with(Paint::Plain, "  ").with(paint, why);
    }
    row.render(width, style, &mut out);
    out
}

/// The first line that says anything.
pub(super) fn first_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim).find(|line| !line.is_empty())
}

pub(super) fn took_column(duration: Option<std::time::Duration>) -> String {
    let took = duration.map(|duration| format_duration(duration, Precision::Milliseconds));
    format!("{:>7}", took.unwrap_or_default())
}

/// `12 running, 340 passed, 2 failed, 1 skipped · 3,512 events`, each in its colour.
pub(crate) fn counts_row(tree: &Tree, style: Style) -> Row {
    let totals = tree.totals();
    let mut row = Row::new();
    let mut separator = "";
    for (count, word, paint) in parts(totals.running, totals.tally) {
        row =
            row.with(Paint::Dim, separator).with(paint, &format!("{} {word}", format_count(count)));
        separator = ", ";
    }
    if !separator.is_empty() {
        row = row.with(Paint::Dim, style.marks().separator);
    }
    let noun = if totals.events == 1 { "event" } else { "events" };
    row.with(Paint::Dim, &format!("{} {noun}", format_count(totals.events)))
}

/// As [`counts_row`], without colours and events.
pub(crate) fn tally_text(tally: Tally) -> String {
    let parts: Vec<String> =
        parts(0, tally).map(|(count, word, _)| format!("{} {word}", format_count(count))).collect();
    parts.join(", ")
}

fn parts(running: u64, tally: Tally) -> impl Iterator<Item = (u64, &'static str, Paint)> {
    [
        (running, "running", Paint::Live),
        (tally.passed, "passed", Paint::Good),
        (tally.failed, "failed", Paint::Bad),
        (tally.skipped, "skipped", Paint::Odd),
        (tally.ended, "ended", Paint::Plain),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
}
