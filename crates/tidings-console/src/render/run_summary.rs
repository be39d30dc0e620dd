//! How a test run went, from its summary alone.
//!
//! Every number is one that [`RunSummary`] gives, so that the console, a report file and the
//! command line cannot disagree.

use std::collections::HashSet;

use tidings_core::Entity;
use tidings_testrun::{CaseView, FailureView, RunSummary, Status};

use super::row::{Paint, Row};
use super::run_failure::FailureDetails;
use super::style::Style;
use super::summary::{first_line, took_column};
use super::totals::{Apart, Wrapped, parts};
use crate::duration::{Precision, format_count, format_duration};
use crate::run::{error_words, outer_place, words_of};
use crate::tree::Limits;

/// The columns of a duration at the right edge.
const TOOK_COLUMNS: usize = 9;

/// The most cases that are named because they passed late or never ran.
const NAMED_MAX: usize = 10;

/// Says how a test run went: every failure in full with its place, what took longest, what
/// was flaky, what never ran, which nodes were lost, how the run ended by its own account,
/// and the totals.
///
/// The console writes this text when it is closed. As many failures and as many of the
/// slowest are shown as `limits` allows; all are counted. Lines are cut to `width` columns,
/// and [escaped](crate::escape); `usize::MAX` is no limit.
///
/// Call [`RunSummary::finish`] first when nothing more will come, so that cases which nobody
/// ended count as aborted.
///
/// ```
/// use tidings_console::{Limits, Style, render_run_summary};
/// use tidings_registry::Bus;
/// use tidings_testrun::{Failure, LiveSummary, RunEmitter, RunFinished, Status};
///
/// let bus = Bus::new();
/// let summary = LiveSummary::on(&bus);
/// let run = RunEmitter::start(&bus, "nightly");
/// run.case("adds").success();
/// let failure = Failure::assertion("the sums differ").at_line("tests/sums.rs", 7);
/// run.case("subtracts").failure(failure.with_expected("1").with_actual("2"));
/// # let mut finished = RunFinished::new(Status::Failure);
/// # finished.duration = Some(std::time::Duration::from_millis(46));
/// run.finish(finished);
///
/// let limits = Limits::default().with_slowest(0);
/// let text = render_run_summary(&summary.snapshot(), limits, 80, Style::plain());
/// # let text = text.lines().map(|line| {
/// #     if line.starts_with('✗') { "✗ case/subtracts" } else { line }
/// # }).collect::<Vec<_>>().join("\n") + "\n";
/// assert_eq!(
///     text,
///     "1 failure\n\
///      \n\
///      ✗ case/subtracts\n    \
///          at tests/sums.rs:7\n    \
///          the sums differ\n    \
///          expected: 1\n    \
///          actual:   2\n\
///      \n\
///      the run ended: failure\n\
///      2 total: 1 passed, 1 failed · 46ms\n"
/// );
/// ```
pub fn render_run_summary(
    summary: &RunSummary,
    limits: Limits,
    width: usize,
    style: Style,
) -> String {
    let places = Places::of(summary);
    let page = Page { summary, never_ran: summary.never_ran(), places, limits, width, style };
    let mut out = String::new();
    page.write_failures(&mut out);
    page.write_slowest(&mut out);
    page.write_flaky(&mut out);
    page.write_never_ran(&mut out);
    page.write_lost(&mut out);
    page.write_unreadable(&mut out);
    page.write_end(&mut out);
    page.write_totals(&mut out);
    out
}

/// How cases are named: without their run, unless there are several.
#[derive(Debug)]
pub(crate) struct Places {
    has_several_runs: bool,
    has_several_nodes: bool,
}

impl Places {
    pub(crate) fn of(summary: &RunSummary) -> Self {
        let runs: HashSet<&Entity> = summary.run_notes().map(|(run, _)| run).collect();
        Self { has_several_runs: runs.len() > 1, has_several_nodes: summary.nodes().len() > 1 }
    }

    /// What is shown of an entity.
    pub(crate) fn shown(&self, entity: &Entity) -> Entity {
        let place = outer_place(entity).filter(|_| !self.has_several_runs);
        place.unwrap_or_else(|| entity.clone())
    }
}

struct Page<'a> {
    summary: &'a RunSummary,
    /// Counted once, because that looks at the whole plan.
    never_ran: u64,
    places: Places,
    limits: Limits,
    width: usize,
    style: Style,
}

impl Page<'_> {
    /// Appends the path of a case, and its node when there are several; so many columns are
    /// left free behind it.
    fn path(&self, row: Row, (entity, node): (&Entity, &str), behind: usize) -> Row {
        let room = self.width.saturating_sub(row.width() + behind);
        let row = row.with_path_within(&self.places.shown(entity), room, self.style);
        if self.places.has_several_nodes {
            row.with(Paint::Dim, &format!("  on {node}"))
        } else {
            row
        }
    }

    fn title(&self, text: &str, out: &mut String) {
        self.line(Paint::Strong, text, out);
        out.push('\n');
    }

    fn line(&self, paint: Paint, text: &str, out: &mut String) {
        Row::new().with(paint, text).render(self.width, self.style, out);
    }

    fn write_more(&self, more: u64, out: &mut String) {
        if more > 0 {
            let text = format!("{} {} more", self.style.marks().cut, format_count(more));
            self.line(Paint::Dim, &text, out);
        }
    }

    fn write_failures(&self, out: &mut String) {
        let failures = self.summary.failures();
        let Some(_) = failures.first() else { return };
        self.title(&counted(failures.len(), "failure", "failures"), out);
        let shown = &failures[..failures.len().min(self.limits.failures)];
        let entities: HashSet<&Entity> = shown.iter().map(|failure| failure.entity).collect();
        let cases = self.summary.cases_about(|entity| entities.contains(entity));
        for failure in shown {
            let case = cases.iter().find(|case| is_failure_of(case, failure));
            self.write_failure(failure, case, out);
            out.push('\n');
        }
        self.write_more((failures.len() - shown.len()) as u64, out);
        if failures.len() > shown.len() {
            out.push('\n');
        }
    }

    fn write_failure(&self, view: &FailureView<'_>, case: Option<&CaseView<'_>>, out: &mut String) {
        let row = Row::new().with(Paint::Bad, self.style.marks().failed).with(Paint::Plain, " ");
        let mut row = self.path(row, (view.entity, view.node), TOOK_COLUMNS);
        if view.is_case {
            let words = match (words_of(view.status), view.synthetic) {
                ("", _) => String::new(),
                (words, true) => format!("  {words}, nobody ended it"),
                (words, false) => format!("  {words}"),
            };
            row = row.with(Paint::Odd, &words);
        } else {
            let name = (view.name != view.entity.id()).then_some(view.name);
            let kind = view.failure.map(|failure| failure.kind).unwrap_or_default();
            row = row.with(Paint::Odd, &format!("  {}", error_words(kind, name)));
        }
        let attempts = case.map_or(1, |case| case.last().number);
        if attempts > 1 {
            row = row.with(Paint::Odd, &format!("  attempt {attempts}"));
        }
        let took = case.and_then(|case| case.duration);
        let took = took.map(|took| format_duration(took, Precision::Milliseconds));
        row.with_right(Paint::Dim, &took.unwrap_or_default()).render(self.width, self.style, out);
        FailureDetails::new(view, self.width, self.style).write_to(out);
    }

    fn write_slowest(&self, out: &mut String) {
        // One alone would only repeat what stands elsewhere.
        let slowest = self.summary.slowest(self.limits.slowest.max(2));
        if slowest.len() < 2 || self.limits.slowest == 0 {
            return;
        }
        self.title("slowest", out);
        for case in slowest.iter().take(self.limits.slowest) {
            let row = Row::new().with(Paint::Dim, &format!("{}  ", took_column(case.duration)));
            self.path(row, (case.entity, case.node), 0).render(self.width, self.style, out);
        }
        out.push('\n');
    }

    fn write_flaky(&self, out: &mut String) {
        let flaky = self.summary.flaky();
        if flaky.is_empty() {
            return;
        }
        self.title(&format!("{} flaky", format_count(flaky.len() as u64)), out);
        for case in flaky.iter().take(NAMED_MAX) {
            let row =
                Row::new().with(Paint::Odd, self.style.marks().passed).with(Paint::Plain, " ");
            let later = format!("  passed on attempt {}", case.last().number);
            self.path(row, (case.entity, case.node), later.len())
                .with(Paint::Odd, &later)
                .render(self.width, self.style, out);
            if let Some(why) = first_line(&first_attempts_text(case)) {
                Row::new()
                    .with(Paint::Plain, "    ")
                    .with(Paint::Plain, why)
                    .render(self.width, self.style, out);
            }
        }
        self.write_more(flaky.len().saturating_sub(NAMED_MAX) as u64, out);
        out.push('\n');
    }

    fn write_never_ran(&self, out: &mut String) {
        let count = self.never_ran;
        if count == 0 {
            return;
        }
        self.title(&format!("{} never ran", format_count(count)), out);
        let unseen = self.summary.unseen();
        let named = &unseen[..unseen.len().min(NAMED_MAX)];
        for selector in named {
            Row::new()
                .with(Paint::Odd, self.style.marks().mentioned)
                .with(Paint::Plain, &format!(" {selector}"))
                .render(self.width, self.style, out);
        }
        let more = count.saturating_sub(named.len() as u64);
        if named.is_empty() {
            self.line(Paint::Dim, "the plan has their number, not their names", out);
        } else {
            self.write_more(more, out);
        }
        out.push('\n');
    }

    fn write_lost(&self, out: &mut String) {
        let nodes = self.summary.nodes();
        let lost: Vec<_> = nodes.iter().filter(|node| node.is_lost).collect();
        if lost.is_empty() {
            return;
        }
        self.title(&counted(lost.len(), "node lost", "nodes lost"), out);
        for node in lost.iter().take(NAMED_MAX) {
            let reason = node.reason.map(|reason| format!("  {reason}")).unwrap_or_default();
            Row::new()
                .with(Paint::Bad, self.style.marks().failed)
                .with(Paint::Dim, " node/")
                .with(Paint::Strong, node.name)
                .with(Paint::Plain, &reason)
                .render(self.width, self.style, out);
        }
        self.write_more(lost.len().saturating_sub(NAMED_MAX) as u64, out);
        out.push('\n');
    }

    fn write_unreadable(&self, out: &mut String) {
        let count = self.summary.unreadable();
        if count > 0 {
            let (noun, verb) = if count == 1 { ("event", "counts") } else { ("events", "count") };
            let text = format!(
                "{} {noun} of the test run could not be read and {verb} for nothing",
                format_count(count)
            );
            self.line(Paint::Odd, &text, out);
        }
    }

    fn write_end(&self, out: &mut String) {
        let row = Row::new().with(Paint::Plain, "the run ");
        let row = match self.summary.status() {
            Some(status) => {
                let row =
                    row.with(Paint::Plain, "ended: ").with(paint_of(status), &status_text(status));
                match self.summary.failure().and_then(|why| first_line(&why.message)) {
                    Some(why) => row.with(Paint::Plain, &format!(", {why}")),
                    None => row,
                }
            }
            None if self.summary.started_at().is_some() => row.with(Paint::Odd, "did not end"),
            // Not every runner says that there is a run.
            None => return,
        };
        row.render(self.width, self.style, out);
    }

    fn write_totals(&self, out: &mut String) {
        let counts = self.summary.counts();
        let total = format!("{} total", format_count(counts.total()));
        let mut totals = Wrapped::new(self.width, Row::new().with(Paint::Strong, &total));
        let mut apart = Apart::COLON;
        for part in parts(&counts) {
            totals = totals.with(apart, part);
            apart = Apart::COMMA;
        }
        if self.never_ran > 0 {
            let text = format!("{} never ran", format_count(self.never_ran));
            totals = totals.with(apart, Row::new().with(Paint::Odd, &text));
        }
        if let Some(took) = self.summary.duration() {
            let took = format_duration(took, Precision::Milliseconds);
            totals = totals.with(Apart::dot(self.style), Row::new().with(Paint::Dim, &took));
        }
        totals.render(usize::MAX, self.style, out);
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", format_count(count as u64), if count == 1 { one } else { many })
}

/// Whether a failure is the one of this run of its case.
fn is_failure_of(case: &CaseView<'_>, failure: &FailureView<'_>) -> bool {
    let at = case.last().ended_at.unwrap_or(case.started_at);
    failure.is_case
        && case.entity == failure.entity
        && case.node == failure.node
        && case.status == Some(failure.status)
        && at == failure.at
}

fn paint_of(status: Status) -> Paint {
    Paint::of_outcome(status.outcome())
}

fn status_text(status: Status) -> String {
    status.as_str().replace('_', " ")
}

/// Why the last failed attempt of a case failed that passed later; empty when nobody said.
pub(crate) fn first_attempts_text(case: &CaseView<'_>) -> String {
    let failure = case.superseded().iter().rev().find_map(|attempt| attempt.failure);
    failure.map(ToString::to_string).unwrap_or_default()
}
