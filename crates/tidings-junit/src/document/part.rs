//! Parts: what becomes one `testsuite`.
//!
//! A suite by its full path is one part, on however many nodes it ran. Only where a case ran
//! in several places at once is there a part for each place: otherwise nobody could tell
//! these cases apart.

use std::collections::{BTreeMap, BTreeSet};

use tidings_core::Entity;
use tidings_testrun::{CaseView, ErrorView, RunSummary, SuiteView};

/// What becomes one `testsuite`.
#[derive(Debug)]
pub(super) struct Part<'a> {
    /// The suite; none for what is in no suite and for the runs themselves.
    pub(super) path: Option<Entity>,
    /// Where it ran, when that has to be said.
    pub(super) at: Option<String>,
    /// Whether it is the first of its suite, which says what no item says.
    pub(super) is_first: bool,
    /// What the suite says of itself; only its first part has it.
    pub(super) suite: Option<SuiteView<'a>>,
    pub(super) cases: Vec<CaseView<'a>>,
    pub(super) errors: Vec<ErrorView<'a>>,
}

/// Where an item ran: the run it names, the run of its bus, the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Origin<'a> {
    root: Option<&'a str>,
    run: &'a str,
    node: &'a str,
}

impl<'a> Origin<'a> {
    fn new(entity: &'a Entity, run: &'a str, node: &'a str) -> Self {
        let outermost = entity.pairs().next().filter(|(kind, _)| *kind == "run");
        Self { root: outermost.map(|(_, id)| id), run, node }
    }
}

fn of_case<'a>(case: &CaseView<'a>) -> Origin<'a> {
    Origin::new(case.entity, case.run, case.node)
}

fn of_error<'a>(error: &ErrorView<'a>) -> Origin<'a> {
    Origin::new(error.entity, error.run, error.node)
}

/// The run that an item belongs to, in the words of its producer.
pub(super) fn run_of<'a>(entity: &'a Entity, run: &'a str) -> &'a str {
    Origin::new(entity, run, "").root.unwrap_or(run)
}

impl<'a> Part<'a> {
    fn new(path: Option<Entity>) -> Self {
        Self { path, at: None, is_first: true, suite: None, cases: Vec::new(), errors: Vec::new() }
    }

    /// The nodes that worked at it.
    pub(super) fn nodes(&self) -> BTreeSet<&'a str> {
        let cases = self.cases.iter().map(|case| case.node);
        cases.chain(self.errors.iter().map(|error| error.node)).collect()
    }

    /// Whether there is anything in it to be said.
    pub(super) fn is_empty(&self) -> bool {
        let is_silent = |suite: &SuiteView<'_>| {
            suite.notes.is_empty()
                && suite.failure.is_none()
                && !suite.status.is_some_and(tidings_testrun::Status::is_failed)
        };
        self.cases.is_empty() && self.errors.is_empty() && self.suite.as_ref().is_none_or(is_silent)
    }

    /// One part for each place, if that is what it takes.
    fn divided(self) -> Vec<Self> {
        if !self.is_ambiguous() {
            return vec![self];
        }
        let origins: BTreeSet<_> = self.cases.iter().map(of_case).collect();
        let origins: BTreeSet<_> =
            origins.into_iter().chain(self.errors.iter().map(of_error)).collect();
        let mut parts: BTreeMap<_, Self> = BTreeMap::new();
        for origin in &origins {
            let mut part = Self::new(self.path.clone());
            (part.at, part.is_first) = (Some(label(origin, &origins)), parts.is_empty());
            parts.insert(*origin, part);
        }
        for case in self.cases {
            parts.entry(of_case(&case)).and_modify(|part| part.cases.push(case));
        }
        for error in self.errors {
            parts.entry(of_error(&error)).and_modify(|part| part.errors.push(error));
        }
        let mut parts: Vec<_> = parts.into_values().collect();
        parts[0].suite = self.suite;
        parts
    }

    /// Whether a case of the same name ran in several places.
    fn is_ambiguous(&self) -> bool {
        let mut origins = BTreeMap::new();
        let mut differs = |case: &CaseView<'a>| {
            *origins.entry(case.name).or_insert(of_case(case)) != of_case(case)
        };
        self.cases.iter().any(&mut differs)
    }
}

/// What tells a place from the others: ` of nightly`, ` @lab-3`, or both.
fn label(origin: &Origin<'_>, all: &BTreeSet<Origin<'_>>) -> String {
    let mut label = String::new();
    if all.iter().any(|other| other.root != origin.root) {
        label.extend([" of ", origin.root.unwrap_or(origin.run)]);
    } else if all.iter().any(|other| other.run != origin.run) {
        label.extend([" of ", origin.run]);
    }
    if all.iter().any(|other| other.node != origin.node) {
        label.extend([" @", origin.node]);
    }
    label
}

/// All parts of a summary: what is in no suite first, then suites before what is in them.
pub(super) fn parts_of(summary: &RunSummary) -> Vec<Part<'_>> {
    let mut parts: BTreeMap<Option<Entity>, Part<'_>> = BTreeMap::new();
    parts.insert(None, Part::new(None));
    for suite in summary.suites() {
        let path = suite.path.clone();
        parts.entry(path.clone()).or_insert_with(|| Part::new(path)).suite = Some(suite);
    }
    for case in summary.cases() {
        let path = case.suite.clone();
        parts.entry(path.clone()).or_insert_with(|| Part::new(path)).cases.push(case);
    }
    for error in summary.errors() {
        let path = error.suite.clone();
        parts.entry(path.clone()).or_insert_with(|| Part::new(path)).errors.push(error);
    }
    parts.into_values().flat_map(Part::divided).collect()
}
