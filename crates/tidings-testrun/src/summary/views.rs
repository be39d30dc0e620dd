//! From records to views: every number and every list, counted when asked for.
//!
//! Lists are in the order of time, then of names: the order of arrival does not show.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use tidings_core::{Entity, Timestamp};

use crate::vocabulary::{Failure, Progress, Status};

use super::counts::{Counts, SummaryJson};
use super::cut::Fate;
use super::execution::{Attempt, Execution};
use super::kept::Notes;
use super::reducer::{ErrorRecord, RunSummary};
use super::scope::{Level, Scope, place_of, suite_of, worse};
use super::view::{AttemptView, CaseView, ErrorView, FailureView, NodeView, SuiteView};

impl RunSummary {
    /// How many items ended how.
    pub fn counts(&self) -> Counts {
        let fates = self.fates();
        let mut counts = Counts::default();
        for run in self.executions.iter().filter(|run| run.is_seen()) {
            counts += count(run, &fates);
        }
        for _error in &self.errors {
            counts += error_count();
        }
        counts
    }

    /// The summary as one JSON object.
    ///
    /// ```
    /// use tidings_testrun::RunSummary;
    ///
    /// let summary = RunSummary::new();
    /// let text = serde_json::to_string(&summary.to_json())?;
    /// assert!(text.starts_with(r#"{"total":0,"passed":0,"failed":0,"skipped":0,"flaky":0,"#));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn to_json(&self) -> SummaryJson {
        SummaryJson::new(&self.counts(), self.never_ran(), self.duration())
    }

    /// Every run of every case that has begun or ended.
    pub fn cases(&self) -> Vec<CaseView<'_>> {
        self.cases_that(|_, _| true)
    }

    /// Those of [`cases`](Self::cases) whose entity is asked for, at the cost of only those:
    /// for a view that knows what has changed.
    pub fn cases_about(&self, is_wanted: impl Fn(&Entity) -> bool) -> Vec<CaseView<'_>> {
        self.cases_that(|run, _| is_wanted(&run.entity))
    }

    /// Views of those runs only that are asked for.
    fn cases_that(&self, is_wanted: impl Fn(&Execution, &Fate) -> bool) -> Vec<CaseView<'_>> {
        let fates = self.fates();
        let seen = self.executions.iter().filter(|run| run.is_seen());
        let wanted = seen.filter(|run| is_wanted(run, &fates[run.origin as usize]));
        let mut cases: Vec<_> = wanted.map(|run| self.case(run, &fates)).collect();
        cases.sort_by_cached_key(|case| {
            (case.started_at, case.entity.clone(), case.run, case.node, case.repeat)
        });
        cases
    }

    /// The cases that run now, longest first.
    pub fn running(&self) -> Vec<CaseView<'_>> {
        let fates = self.fates();
        let open = self.executions.iter().filter(|run| run.is_open());
        let mut cases: Vec<_> = open.map(|run| self.case(run, &fates)).collect();
        cases.retain(|case| case.status.is_none());
        cases.sort_by_cached_key(|case| (case.last().started_at, case.entity.clone(), case.node));
        cases
    }

    /// The `most` cases that took longest, longest first; those of unknown duration are not
    /// among them.
    pub fn slowest(&self, most: usize) -> Vec<CaseView<'_>> {
        let fates = self.fates();
        let duration = |run: &Execution| run.last().and_then(Attempt::duration);
        let mut runs: Vec<_> = self.executions.iter().collect();
        runs.retain(|run| duration(run).is_some());
        runs.sort_by_cached_key(|run| (Reverse(duration(run)), run.entity.clone(), run.repeat));
        runs.truncate(most);
        runs.into_iter().map(|run| self.case(run, &fates)).collect()
    }

    /// The cases that passed after a failed attempt.
    pub fn flaky(&self) -> Vec<CaseView<'_>> {
        self.cases_that(|run, _| run.is_flaky())
    }

    /// The errors that are no cases.
    pub fn errors(&self) -> Vec<ErrorView<'_>> {
        let mut errors: Vec<_> = self.errors.iter().map(|error| self.error_view(error)).collect();
        errors.sort_by_cached_key(|error| {
            (error.at, error.entity.clone(), error.node, error.name, error.failure.to_string())
        });
        errors
    }

    /// Everything that failed, with its place: cases, and errors that are none.
    pub fn failures(&self) -> Vec<FailureView<'_>> {
        let has_failed =
            |run: &Execution, fate: &Fate| status_of(run, fate).0.is_some_and(Status::is_failed);
        let cases = self.cases_that(has_failed);
        let failed = cases.iter().filter_map(failure_of_case);
        let mut failures: Vec<_> =
            failed.chain(self.errors().into_iter().map(failure_of_error)).collect();
        failures
            .sort_by_cached_key(|failure| (failure.at, failure.entity.clone(), failure.is_case));
        failures
    }

    /// Suites and groups by their full paths, those around others first. What is in no suite
    /// comes first of all, with no path, if there is any.
    pub fn suites(&self) -> Vec<SuiteView<'_>> {
        let fates = self.fates();
        let mut suites: BTreeMap<Option<Entity>, SuiteView<'_>> = BTreeMap::new();
        for ((entity, _), scope) in &self.scopes {
            let place = place_of(entity).filter(|_| scope.level != Level::Run);
            if place.is_some() {
                add_scope(&mut suites, place, scope);
            }
        }
        for run in self.executions.iter().filter(|run| run.is_seen()) {
            let suite = suite_of(&run.entity);
            let duration = run.last().and_then(Attempt::duration).unwrap_or_default();
            let own = entry(&mut suites, suite.clone());
            own.cases_duration = own.cases_duration.saturating_add(duration);
            add_counts(&mut suites, suite, count(run, &fates));
        }
        for error in &self.errors {
            add_counts(&mut suites, self.suite_of_error(error), error_count());
        }
        suites.into_values().collect()
    }

    /// The nodes that took part, with what ran on them.
    pub fn nodes(&self) -> Vec<NodeView<'_>> {
        let fates = self.fates();
        let mut nodes: BTreeMap<(&str, &str), NodeView<'_>> = BTreeMap::new();
        for ((run, name), record) in &self.nodes {
            let view = NodeView {
                run,
                name,
                counts: Counts::default(),
                joined_at: record.joined_at,
                lost_at: record.lost_at,
                is_lost: record.is_lost,
                reason: record.reason.as_deref(),
                properties: &record.properties,
            };
            nodes.insert((run, name), view);
        }
        let runs = self.executions.iter().filter(|run| run.is_seen());
        let runs = runs.map(|run| (run.origin, count(run, &fates)));
        let errors = self.errors.iter().map(|error| (error.origin, error_count()));
        for (number, counts) in runs.chain(errors) {
            let origin = &self.origins[number as usize];
            let (run, name) = (&*origin.run, &*origin.node);
            let new = NodeView { run, name, ..NodeView::default() };
            nodes.entry((run, name)).or_insert(new).counts += counts;
        }
        nodes.into_values().collect()
    }

    /// How long the run took, if its end says so or its beginning and end were given times;
    /// of several runs side by side the longest.
    pub fn duration(&self) -> Option<Duration> {
        self.runs().filter_map(|(_, run)| run.duration).max()
    }

    /// When the run began.
    pub fn started_at(&self) -> Option<Timestamp> {
        self.runs().filter_map(|(_, run)| run.started_at).min()
    }

    /// How the run ended, by its own account, the worst of several; none before all have.
    pub fn status(&self) -> Option<Status> {
        let is_open = self.runs().any(|(_, run)| run.is_open);
        let ends = self.runs().filter_map(|(_, run)| run.status);
        ends.reduce(worse).filter(|_| !is_open)
    }

    /// Whether all is well so far: nothing failed, nothing still runs, nothing that was planned
    /// is missing, every event could be read, and no run says otherwise of itself.
    pub fn is_success(&self) -> bool {
        let counts = self.counts();
        counts.failed() + counts.running + self.never_ran() + self.unreadable() == 0
            && !self.runs().any(|(_, run)| run.status.is_some_and(Status::is_failed))
    }

    /// Whether nothing more is to come: all runs have ended, or the stream has.
    pub fn is_over(&self) -> bool {
        let mut runs = self.runs().peekable();
        self.stream_ended || (runs.peek().is_some() && runs.all(|(_, run)| !run.is_open))
    }

    /// Why the run failed, by its own account; of several runs that of the first that says it.
    pub fn failure(&self) -> Option<&Failure> {
        self.runs().find_map(|(_, run)| run.failure.as_deref())
    }

    /// Output, attachments, files and properties of the runs themselves.
    pub fn run_notes(&self) -> impl Iterator<Item = (&Entity, &Notes)> {
        let is_run = |(entity, _): &&(Entity, u32), scope: &&Scope| {
            scope.level == Level::Run || entity.kind() == "run"
        };
        let runs = self.scopes.iter().filter(move |(key, scope)| is_run(key, scope));
        runs.map(|((entity, _), run)| (entity, &run.notes))
    }

    /// How many cases are planned: the larger of what the plans say and what was seen.
    pub fn expected(&self) -> u64 {
        let counts = self.counts();
        let known = counts.total() - counts.error_items + counts.running;
        known.saturating_add(self.never_ran())
    }

    /// How far the runner says it is.
    pub fn progress(&self) -> Option<&Progress> {
        self.progress.as_ref().map(|(_, progress)| progress)
    }

    fn runs(&self) -> impl Iterator<Item = (&Entity, &Scope)> {
        let runs = self.scopes.iter().filter(|(_, scope)| scope.level == Level::Run);
        runs.map(|((entity, _), scope)| (entity, scope))
    }

    fn case<'a>(&'a self, run: &'a Execution, fates: &[Fate]) -> CaseView<'a> {
        let origin = &self.origins[run.origin as usize];
        let fate = &fates[run.origin as usize];
        let last = run.attempts.len() - 1;
        let attempts: Vec<_> = run
            .attempts
            .iter()
            .enumerate()
            .map(|(place, attempt)| attempt_view(attempt, fate, place == last, run.first_at))
            .collect();
        let first_at = attempts[0].started_at.or(attempts[0].ended_at).unwrap_or(run.first_at);
        let deciding = &run.attempts[last];
        let is_late = |at| fate.is_late(deciding.started_at.unwrap_or(first_at), at);
        CaseView {
            number: run.number,
            entity: &run.entity,
            suite: suite_of(&run.entity),
            name: run.entity.id(),
            run: &origin.run,
            node: &origin.node,
            lane: run.lane,
            repeat: run.repeat,
            status: attempts[last].status,
            synthetic: attempts[last].synthetic,
            late: deciding.late
                || deciding.ended.as_ref().is_some_and(|end| !end.synthetic && is_late(end.at)),
            flaky: run.is_flaky(),
            started_at: first_at,
            duration: deciding.duration(),
            location: run.location.as_ref(),
            fingerprint: run.fingerprint.as_deref(),
            attempts,
            steps: &run.steps,
            steps_dropped: run.steps_dropped,
            notes: &run.notes,
        }
    }

    fn error_view<'a>(&'a self, error: &'a ErrorRecord) -> ErrorView<'a> {
        let origin = &self.origins[error.origin as usize];
        ErrorView {
            entity: &error.entity,
            suite: self.suite_of_error(error),
            name: error.item.name.as_deref(),
            run: &origin.run,
            node: &origin.node,
            failure: &error.item.failure,
            at: error.at,
            duration: error.item.duration,
        }
    }

    /// The suite of an error about a case is that of the case; a suite is its own.
    fn suite_of_error(&self, error: &ErrorRecord) -> Option<Entity> {
        let is_inside =
            self.is_case(&error.entity) || matches!(error.entity.kind(), "case" | "step");
        if is_inside {
            let mut case = error.entity.clone();
            while case.kind() == "step" {
                case = case.parent()?;
            }
            suite_of(&case)
        } else {
            place_of(&error.entity)
        }
    }
}

/// An attempt that nobody ended is aborted when it cannot be ended any more, or when another
/// one followed.
fn attempt_view<'a>(
    attempt: &'a Attempt,
    fate: &Fate,
    is_last: bool,
    first_at: Timestamp,
) -> AttemptView<'a> {
    let cut = fate
        .cut(attempt.restarted_at.or(attempt.started_at).unwrap_or(first_at))
        .map(super::cut::Cut::reason);
    let given_up = if is_last { cut } else { Some("another attempt began before it ended") };
    let mut view = AttemptView {
        number: attempt.number,
        status: given_up.map(|_| Status::Aborted),
        synthetic: given_up.is_some(),
        started_at: attempt.started_at,
        ended_at: None,
        duration: attempt.duration(),
        failure: None,
        skipped_by: None,
        reason: given_up,
    };
    if let Some(ended) = &attempt.ended {
        view.status = Some(ended.status);
        view.synthetic = ended.synthetic;
        view.ended_at = Some(ended.at);
        view.failure = ended.failure.as_deref();
        view.skipped_by = ended.by;
        view.reason = ended.reason.as_deref();
    }
    view
}

/// How a run of a case ended, and whether that is made up.
fn status_of(run: &Execution, fate: &Fate) -> (Option<Status>, bool) {
    let Some(last) = run.last() else { return (None, false) };
    let view = attempt_view(last, fate, true, run.first_at);
    (view.status, view.synthetic)
}

/// What one run of a case adds to the numbers.
fn count(run: &Execution, fates: &[Fate]) -> Counts {
    let mut counts = Counts::default();
    let (status, is_synthetic) = status_of(run, &fates[run.origin as usize]);
    match status {
        Some(status) => counts.add(status),
        None => counts.running = 1,
    }
    counts.synthetic = u64::from(is_synthetic);
    counts.flaky = u64::from(run.is_flaky());
    counts
}

/// What an error that is no case adds to the numbers.
fn error_count() -> Counts {
    let mut counts = Counts::default();
    counts.error_items = 1;
    counts.add(Status::Error);
    counts
}

fn failure_of_case<'a>(case: &CaseView<'a>) -> Option<FailureView<'a>> {
    let status = case.status.filter(|status| status.is_failed())?;
    let failure = case.failure();
    Some(FailureView {
        entity: case.entity,
        suite: case.suite.clone(),
        name: case.name,
        node: case.node,
        status,
        is_case: true,
        synthetic: case.synthetic,
        failure,
        reason: case.last().reason,
        location: failure.and_then(|failure| failure.location.as_ref()).or(case.location),
        at: case.last().ended_at.unwrap_or(case.started_at),
    })
}

fn failure_of_error(error: ErrorView<'_>) -> FailureView<'_> {
    FailureView {
        entity: error.entity,
        suite: error.suite,
        name: error.name.unwrap_or_else(|| error.entity.id()),
        node: error.node,
        status: Status::Error,
        is_case: false,
        synthetic: false,
        failure: Some(error.failure),
        reason: None,
        location: error.failure.location.as_ref(),
        at: error.at,
    }
}

type Suites<'a> = BTreeMap<Option<Entity>, SuiteView<'a>>;

fn entry<'a, 'b>(suites: &'b mut Suites<'a>, path: Option<Entity>) -> &'b mut SuiteView<'a> {
    let new = |path: &Option<Entity>| SuiteView {
        path: path.clone(),
        own: Counts::default(),
        all: Counts::default(),
        status: None,
        is_open: false,
        started_at: None,
        duration: None,
        cases_duration: Duration::ZERO,
        failure: None,
        location: None,
        notes: Vec::new(),
    };
    suites.entry(path).or_insert_with_key(new)
}

fn add_scope<'a>(suites: &mut Suites<'a>, path: Option<Entity>, scope: &'a Scope) {
    let view = entry(suites, path);
    view.is_open |= scope.is_open;
    view.status = [view.status, scope.status].into_iter().flatten().reduce(worse);
    view.started_at = [view.started_at, scope.started_at].into_iter().flatten().min();
    let durations = [view.duration, scope.duration].into_iter().flatten();
    view.duration = durations.reduce(Duration::saturating_add);
    view.failure = view.failure.or(scope.failure.as_deref());
    view.location = view.location.or(scope.location.as_ref());
    if scope.notes != Notes::default() {
        view.notes.push(&scope.notes);
    }
}

/// Adds to a suite, and to all that are around it.
fn add_counts(suites: &mut Suites<'_>, path: Option<Entity>, counts: Counts) {
    let own = entry(suites, path.clone());
    own.own += counts;
    own.all += counts;
    let mut around = path.and_then(|path| path.parent());
    while let Some(outer) = around {
        entry(suites, Some(outer.clone())).all += counts;
        around = outer.parent();
    }
}
