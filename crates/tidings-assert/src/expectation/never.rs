//! `never`: no event that matches.

use super::View;
use crate::pattern::Pattern;
use crate::report::table::{Mark, Row, Table};
use crate::report::{Report, paste, text};

/// How many offenders are shown.
const OFFENDERS_MAX: usize = 5;

pub(super) fn check(patterns: &[Pattern<'_>], view: &View<'_>) -> Result<(), Report> {
    if patterns.is_empty() {
        return Err(Report::new("never: an empty list says nothing"));
    }
    let offended =
        |event: &usize| patterns.iter().position(|pattern| pattern.matches(&view.events()[*event]));
    let offenders: Vec<(usize, usize)> =
        (0..view.len()).filter_map(|event| Some((offended(&event)?, event))).collect();
    if offenders.is_empty() { Ok(()) } else { Err(report(patterns, &offenders, view)) }
}

fn report(patterns: &[Pattern<'_>], offenders: &[(usize, usize)], view: &View<'_>) -> Report {
    let (_, first) = offenders[0];
    let headline = format!(
        "never: {} of {} should not be there, the first is #{}",
        offenders.len(),
        text::counted(view.len(), "recorded event"),
        view.number(first)
    );
    let rows = offenders.iter().take(OFFENDERS_MAX).map(|(pattern, event)| {
        Row::new(Mark::Different, patterns[*pattern].text(), view.shown(*event))
    });
    let table = Table::new(rows.collect()).with_headings("forbidden", "actual");
    let hidden = offenders.len().saturating_sub(OFFENDERS_MAX);
    let counts = patterns.iter().filter_map(|pattern| {
        let count = view.events().iter().filter(|event| pattern.matches(event)).count();
        (count > 0).then(|| (pattern.source(), count))
    });
    let mut report =
        Report::new(headline).with_table(table).with_paste(Some(paste::counts(counts)));
    if hidden > 0 {
        report = report.with_note(format!("… {hidden} more …"));
    }
    report
}
