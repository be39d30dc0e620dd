//! `per`: the same clauses for every group of events with the same key.
//!
//! Groups come in the order in which they first appear.

use std::collections::HashMap;
use std::sync::Arc;

use tidings_core::Envelope;

use super::clause::Key;
use super::{Expectation, View};
use crate::report::{Report, text};

/// How many further failing groups are named.
const NAMES_MAX: usize = 10;

#[derive(Default)]
struct Group {
    key: String,
    events: Vec<Arc<Envelope>>,
    numbers: Vec<usize>,
}

pub(super) fn check(
    key: &Key<'_>,
    clauses: &[Expectation<'_>],
    view: &View<'_>,
) -> Result<(), Report> {
    if clauses.is_empty() {
        return Err(Report::new("per: without a clause it says nothing"));
    }
    let groups = groups(key, view);
    let failed: Vec<(&Group, Report)> = groups
        .iter()
        .filter_map(|group| {
            let view = View::group(&group.events, &group.numbers);
            clauses
                .iter()
                .find_map(|clause| clause.check(&view).err())
                .map(|report| (group, report))
        })
        .collect();
    let others: Vec<String> =
        failed.iter().skip(1).map(|(group, _)| format!("`{}`", shown(&group.key))).collect();
    let number = failed.len();
    match failed.into_iter().next() {
        None => Ok(()),
        Some((group, report)) => Err(named(group, report, number, groups.len(), &others)),
    }
}

fn groups(key: &Key<'_>, view: &View<'_>) -> Vec<Group> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for (index, event) in view.events().iter().enumerate() {
        let key = key(event);
        let place = *places.entry(key.clone()).or_insert_with(|| {
            groups.push(Group { key, ..Group::default() });
            groups.len() - 1
        });
        groups[place].events.push(Arc::clone(event));
        groups[place].numbers.push(view.number(index));
    }
    groups
}

fn shown(key: &str) -> String {
    text::cut(&text::escaped(key), 80)
}

fn named(
    group: &Group,
    mut report: Report,
    failed: usize,
    all: usize,
    others: &[String],
) -> Report {
    let of_all = match all {
        1 => String::new(),
        _ => format!(" ({failed} of {all} groups fail)"),
    };
    report.headline = format!("per `{}`{of_all}: {}", shown(&group.key), report.headline);
    if !others.is_empty() {
        let named = others[..others.len().min(NAMES_MAX)].join(", ");
        let more = match others.len().saturating_sub(NAMES_MAX) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        report.notes.push(format!("it also fails for {named}{more}"));
    }
    // What holds for this group would break the others.
    if report.paste.take().is_some() {
        let key = shown(&group.key);
        report.notes.push(format!("(in group `{key}`; a correction would go for every group)"));
    }
    report
}
