//! What views show: cases, suites, nodes, failures as plain values.

use std::time::Duration;

use tidings_core::{Entity, Timestamp};

use crate::vocabulary::{End, Failure, Property, SkippedBy, SourceLocation, Status};

use super::counts::Counts;
use super::kept::Notes;

/// One run of a case.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CaseView<'a> {
    /// Its place among all runs of cases in the order they were first heard of, from 0; it
    /// stays the same while the summary grows.
    pub number: usize,
    /// Its full path.
    pub entity: &'a Entity,
    /// The suites and groups around it, without the run; none when it is in none.
    pub suite: Option<Entity>,
    /// Its name.
    pub name: &'a str,
    /// The run it belongs to.
    pub run: &'a str,
    /// The node that ran its last attempt.
    pub node: &'a str,
    /// The lane that its last attempt began on: what ran one after the other on one node.
    pub lane: u32,
    /// Which run of the case it is on its node, from 1; not to be confused with attempts.
    pub repeat: u32,
    /// How it ended; none while it runs.
    pub status: Option<Status>,
    /// Whether its end is made up, because nobody ended it.
    pub synthetic: bool,
    /// Whether it was given up, and its real result came late.
    pub late: bool,
    /// Whether it passed after a failed attempt.
    pub flaky: bool,
    /// When its first attempt that is known began, or ended if it never began.
    pub started_at: Timestamp,
    /// How long its last attempt took.
    pub duration: Option<Duration>,
    /// Where it is defined.
    pub location: Option<&'a SourceLocation>,
    /// What its producer recognises it by.
    pub fingerprint: Option<&'a str>,
    /// All attempts that are known, the deciding one last; never empty.
    pub attempts: Vec<AttemptView<'a>>,
    /// Its steps, of all attempts.
    pub steps: &'a [StepView],
    /// How many of its steps are not kept.
    pub steps_dropped: u64,
    /// Its output, attachments, files and properties.
    pub notes: &'a Notes,
}

impl<'a> CaseView<'a> {
    /// The attempt that decides.
    #[expect(clippy::missing_panics_doc, reason = "views are only made of cases with attempts")]
    pub fn last(&self) -> &AttemptView<'a> {
        self.attempts.last().expect("a case is seen by its first attempt")
    }

    /// Why it failed, if that was said.
    pub fn failure(&self) -> Option<&'a Failure> {
        self.last().failure
    }

    /// The attempts before the one that decides.
    pub fn superseded(&self) -> &[AttemptView<'a>] {
        &self.attempts[..self.attempts.len() - 1]
    }
}

/// One attempt at a case.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AttemptView<'a> {
    /// Its number, from 1.
    pub number: u32,
    /// How it ended; none while it runs.
    pub status: Option<Status>,
    /// Whether its end is made up.
    pub synthetic: bool,
    /// When it began, if that was seen.
    pub started_at: Option<Timestamp>,
    /// When it ended, if that was seen.
    pub ended_at: Option<Timestamp>,
    /// How long it took.
    pub duration: Option<Duration>,
    /// Why it failed.
    pub failure: Option<&'a Failure>,
    /// Who skipped it.
    pub skipped_by: Option<SkippedBy>,
    /// Why it was skipped, or why its end had to be made up.
    pub reason: Option<&'a str>,
}

/// A step of a case.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StepView {
    /// Its name below those of the steps around it, outermost first.
    pub path: Box<[Box<str>]>,
    /// The attempt of the case that it belongs to.
    pub attempt: u32,
    /// How it ended; none if nobody said.
    pub status: Option<Status>,
    /// Whether that is made up, as nobody said it.
    pub synthetic: bool,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration: Option<Duration>,
    /// Why it failed.
    pub failure: Option<Box<Failure>>,
}

impl StepView {
    pub(super) fn running(path: Box<[Box<str>]>, attempt: u32, started_at: Timestamp) -> Self {
        Self {
            path,
            attempt,
            status: None,
            synthetic: false,
            started_at,
            duration: None,
            failure: None,
        }
    }

    pub(super) fn end(&mut self, end: &End<'_>) {
        self.status = Some(end.status);
        self.synthetic = end.synthetic;
        self.duration = end.duration;
        self.failure = end.failure.cloned().map(Box::new);
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.path.last().map_or("", |name| name)
    }
}

/// An error that is no case: a broken setup or teardown, a build that failed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ErrorView<'a> {
    /// What it happened to.
    pub entity: &'a Entity,
    /// The suite it belongs to, without the run: the entity itself when that is one.
    pub suite: Option<Entity>,
    /// What failed, if that was said.
    pub name: Option<&'a str>,
    /// The run it belongs to.
    pub run: &'a str,
    /// The node it happened on.
    pub node: &'a str,
    /// Why.
    pub failure: &'a Failure,
    /// When.
    pub at: Timestamp,
    /// How long it took.
    pub duration: Option<Duration>,
}

/// A failed item with its place.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FailureView<'a> {
    /// What failed, or what an error happened to.
    pub entity: &'a Entity,
    /// The suites and groups around it, without the run.
    pub suite: Option<Entity>,
    /// The name of the case, or of the error.
    pub name: &'a str,
    /// The node it happened on.
    pub node: &'a str,
    /// How it ended.
    pub status: Status,
    /// Whether it is a case, and not an error of its own.
    pub is_case: bool,
    /// Whether its end is made up.
    pub synthetic: bool,
    /// Why, if that was said.
    pub failure: Option<&'a Failure>,
    /// Why its end had to be made up.
    pub reason: Option<&'a str>,
    /// Where it failed, or else where it is defined.
    pub location: Option<&'a SourceLocation>,
    /// When.
    pub at: Timestamp,
}

/// A suite or a group, by its full path; on whatever nodes it ran.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SuiteView<'a> {
    /// Its path without the run; none for what is in no suite.
    pub path: Option<Entity>,
    /// The items right in it.
    pub own: Counts,
    /// The items in it and in all that is within it.
    pub all: Counts,
    /// How it ended, by its own account, the worst of several; totals are made of cases only.
    pub status: Option<Status>,
    /// Whether it runs somewhere.
    pub is_open: bool,
    /// When it began first.
    pub started_at: Option<Timestamp>,
    /// How long it took by its own account, all its parts together.
    pub duration: Option<Duration>,
    /// How long its own cases took together, as far as known.
    pub cases_duration: Duration,
    /// Why it failed, by its own account.
    pub failure: Option<&'a Failure>,
    /// Where it is defined.
    pub location: Option<&'a SourceLocation>,
    /// Its own output, attachments, files and properties, one entry per node.
    pub notes: Vec<&'a Notes>,
}

impl SuiteView<'_> {
    /// Its path as ids with slashes between them; empty for what is in no suite.
    pub fn name(&self) -> String {
        let ids = self.path.iter().flat_map(Entity::pairs).map(|(_, id)| id);
        ids.collect::<Vec<_>>().join("/")
    }
}

/// A node of a run.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct NodeView<'a> {
    /// The run.
    pub run: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The items that ran on it.
    pub counts: Counts,
    /// When it joined last, if that was said.
    pub joined_at: Option<Timestamp>,
    /// When it was lost last, if ever.
    pub lost_at: Option<Timestamp>,
    /// Whether it is lost now.
    pub is_lost: bool,
    /// Why it is thought to be lost.
    pub reason: Option<&'a str>,
    /// What is known of it.
    pub properties: &'a [Property],
}
