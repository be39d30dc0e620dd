//! A run of a case, its attempts and its steps, as the page shows them.

use serde::Serialize;
use tidings_testrun::{AttemptView, CaseView, SkippedBy, Status, StepView};

use super::failure::{FailureModel, LocationModel};
use super::key::{Key, Keys};
use super::notes::{Extent, NotesModel};
use super::number::{is_false, is_zero, millis, seconds};
use super::text::Name;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct CaseModel {
    /// [`CaseView::number`]; in a page that will not change, its place in the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suite: Option<Key>,
    name: Name,
    node: Key,
    lane: u32,
    /// From 2; the first run of a case says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat: Option<u32>,
    /// None while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<Status>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) synthetic: bool,
    #[serde(skip_serializing_if = "is_false")]
    late: bool,
    #[serde(skip_serializing_if = "is_false")]
    flaky: bool,
    started: f64,
    /// When its last attempt ended; only where that does not follow from the duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_s: Option<f64>,
    /// Only when they have something to say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attempts: Vec<AttemptModel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationModel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<Name>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<StepModel>,
    #[serde(skip_serializing_if = "is_zero")]
    steps_dropped: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<NotesModel>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct AttemptModel {
    number: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "is_false")]
    synthetic: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureModel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped_by: Option<SkippedBy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Name>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct StepModel {
    path: Vec<Name>,
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureModel>,
}

impl CaseModel {
    pub(super) fn of(case: &CaseView<'_>, extent: Extent, keys: &mut Keys) -> Self {
        let last = case.last();
        let is_plain = case.attempts.len() == 1
            && last.number == 1
            && last.failure.is_none()
            && last.skipped_by.is_none()
            && last.reason.is_none();
        let has_own_end = case.duration.is_none() || case.attempts.len() > 1;
        Self {
            number: Some(case.number),
            suite: case.suite.as_ref().map(|path| keys.suite(path)),
            name: Name::new(case.name),
            node: keys.node(case.run, case.node),
            lane: case.lane,
            repeat: Some(case.repeat).filter(|repeat| *repeat > 1),
            status: case.status,
            synthetic: case.synthetic,
            late: case.late,
            flaky: case.flaky,
            started: millis(case.started_at),
            ended: last.ended_at.filter(|_| has_own_end).map(millis),
            duration_s: case.duration.map(seconds),
            attempts: case.attempts.iter().filter(|_| !is_plain).map(AttemptModel::from).collect(),
            location: case.location.map(LocationModel::from),
            fingerprint: case.fingerprint.map(Name::new),
            steps: case.steps.iter().map(StepModel::from).collect(),
            steps_dropped: case.steps_dropped,
            notes: NotesModel::of(case.notes, extent),
        }
    }
}

impl From<&AttemptView<'_>> for AttemptModel {
    fn from(attempt: &AttemptView<'_>) -> Self {
        Self {
            number: attempt.number,
            status: attempt.status,
            synthetic: attempt.synthetic,
            started: attempt.started_at.map(millis),
            ended: attempt.ended_at.map(millis),
            duration_s: attempt.duration.map(seconds),
            failure: attempt.failure.map(FailureModel::from),
            skipped_by: attempt.skipped_by,
            reason: attempt.reason.map(Name::new),
        }
    }
}

impl From<&StepView> for StepModel {
    fn from(step: &StepView) -> Self {
        Self {
            path: step.path.iter().map(|name| Name::new(name)).collect(),
            attempt: step.attempt,
            status: step.status,
            duration_s: step.duration.map(seconds),
            failure: step.failure.as_deref().map(FailureModel::from),
        }
    }
}
