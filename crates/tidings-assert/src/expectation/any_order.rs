//! `any_order`: a different event for each pattern.
//!
//! A maximum bipartite matching by augmenting paths: a pattern gives its event up to
//! another one whenever it can have a different event itself.

use std::collections::VecDeque;

use super::exactly::missing;
use super::in_order::beside;
use super::{View, misses};
use crate::pattern::Pattern;
use crate::report::paste::{self, Entry};
use crate::report::table::{Mark, Row, Table};
use crate::report::{Report, text};

pub(super) fn check(patterns: &[Pattern<'_>], view: &View<'_>) -> Result<(), Report> {
    if patterns.is_empty() {
        return Err(Report::new("any_order: an empty list says nothing"));
    }
    let matching = Matching::of(patterns, view);
    if matching.event_of.iter().all(Option::is_some) {
        return Ok(());
    }
    Err(report(patterns, &matching, view))
}

struct Matching {
    event_of: Vec<Option<usize>>,
    pattern_of: Vec<Option<usize>>,
}

impl Matching {
    fn of(patterns: &[Pattern<'_>], view: &View<'_>) -> Self {
        let mut matching =
            Self { event_of: vec![None; patterns.len()], pattern_of: vec![None; view.len()] };
        let mut hits = Hits::new(patterns, view);
        matching.take_free(&hits);
        for pattern in 0..patterns.len() {
            if matching.event_of[pattern].is_none() {
                matching.augment(pattern, &mut hits);
            }
        }
        matching
    }

    /// Gives each pattern the next free event that fits, beginning where the last one was
    /// found: one pass where the events are in the order of the patterns.
    fn take_free(&mut self, hits: &Hits<'_, '_>) {
        let length = self.pattern_of.len();
        let mut from = 0;
        for pattern in 0..self.event_of.len() {
            let around = (from..length).chain(0..from);
            let found = around
                .into_iter()
                .find(|event| self.pattern_of[*event].is_none() && hits.ask(pattern, *event));
            if let Some(event) = found {
                self.pair(pattern, event);
                from = event + 1;
            }
        }
    }

    /// Finds an event for `start`, breadth first over the patterns that would have to move.
    fn augment(&mut self, start: usize, hits: &mut Hits<'_, '_>) {
        let mut reached_from: Vec<Option<usize>> = vec![None; self.pattern_of.len()];
        let mut waiting = VecDeque::from([start]);
        while let Some(pattern) = waiting.pop_front() {
            for event in 0..self.pattern_of.len() {
                if reached_from[event].is_some() || !hits.at(pattern, event) {
                    continue;
                }
                reached_from[event] = Some(pattern);
                match self.pattern_of[event] {
                    Some(owner) => waiting.push_back(owner),
                    None => return self.shift(event, &reached_from),
                }
            }
        }
    }

    /// Moves every pattern on the path to the event it was reached through.
    fn shift(&mut self, end: usize, reached_from: &[Option<usize>]) {
        let mut event = Some(end);
        while let Some(free) = event {
            let pattern = reached_from[free].expect("every event on the path was reached");
            event = self.event_of[pattern];
            self.pair(pattern, free);
        }
    }

    fn pair(&mut self, pattern: usize, event: usize) {
        self.event_of[pattern] = Some(event);
        self.pattern_of[event] = Some(pattern);
    }
}

/// Which pattern matches which event; remembered as soon as something has to move.
struct Hits<'v, 'p> {
    patterns: &'v [Pattern<'p>],
    view: &'v View<'v>,
    known: Vec<Option<bool>>,
}

impl<'v, 'p> Hits<'v, 'p> {
    fn new(patterns: &'v [Pattern<'p>], view: &'v View<'v>) -> Self {
        Self { patterns, view, known: Vec::new() }
    }

    fn ask(&self, pattern: usize, event: usize) -> bool {
        self.patterns[pattern].matches(&self.view.events()[event])
    }

    fn at(&mut self, pattern: usize, event: usize) -> bool {
        if self.known.is_empty() {
            self.known = vec![None; self.patterns.len() * self.view.len()];
        }
        let at = pattern * self.view.len() + event;
        let answer = self.known[at].unwrap_or_else(|| self.ask(pattern, event));
        self.known[at] = Some(answer);
        answer
    }
}

fn report(patterns: &[Pattern<'_>], matching: &Matching, view: &View<'_>) -> Report {
    let lost = matching.event_of.iter().filter(|event| event.is_none()).count();
    let left = matching.pattern_of.iter().filter(|pattern| pattern.is_none()).count();
    let have = if lost == 1 { "has no event of its own" } else { "have no events of their own" };
    let headline = format!(
        "any_order: {lost} of {} {have}, {} left over",
        text::counted(patterns.len(), "expected event"),
        text::counted(left, "recorded event"),
    );
    let mut rows: Vec<Row> = Vec::new();
    for (pattern, event) in patterns.iter().zip(&matching.event_of) {
        rows.push(match event {
            Some(event) => Row::new(Mark::Matched, pattern.text(), view.shown(*event)),
            None => missing(pattern.text(), notes(pattern, matching, view)),
        });
    }
    let left = (0..view.len()).filter(|event| matching.pattern_of[*event].is_none());
    rows.extend(left.map(|event| beside(view, event)));
    let found = matching.pattern_of.iter().flatten();
    let mut entries: Vec<Entry> = found.map(|pattern| Entry::kept(&patterns[*pattern])).collect();
    if entries.is_empty() {
        entries = view.events().iter().take(3).map(|event| paste::entry(event, patterns)).collect();
    }
    Report::new(headline)
        .with_table(Table::new(rows))
        .with_paste(paste::list("any_order", &entries))
}

/// Who has the events that this pattern could have had, or else the nearest miss.
fn notes(pattern: &Pattern<'_>, matching: &Matching, view: &View<'_>) -> Vec<String> {
    let taken: Vec<String> = (0..view.len())
        .filter(|event| pattern.matches(&view.events()[*event]))
        .map(|event| format!("#{}", view.number(event)))
        .collect();
    match taken.len() {
        0 => misses::nearest(pattern, view, |event| matching.pattern_of[event].is_none()),
        1 => vec![format!("only {} fits, and another pattern needs it", taken[0])],
        _ => {
            let shown = taken[..taken.len().min(5)].join(", ");
            vec![format!("only {shown} fit, and other patterns need them")]
        }
    }
}
