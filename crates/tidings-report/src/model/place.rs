//! Suites, nodes and errors that are no cases, as the page shows them.

use std::collections::BTreeMap;

use serde::Serialize;
use tidings_core::Entity;
use tidings_testrun::{Counts, ErrorView, NodeView, Status, SuiteView};

use super::failure::{FailureModel, LocationModel};
use super::key::{Key, Keys};
use super::notes::{Extent, NotesModel, properties};
use super::number::{is_false, is_zero, millis, seconds};
use super::text::Name;

/// How many items ended how; what is 0 is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct CountsModel {
    #[serde(skip_serializing_if = "is_zero")]
    total: u64,
    #[serde(skip_serializing_if = "is_zero")]
    passed: u64,
    #[serde(skip_serializing_if = "is_zero")]
    failed: u64,
    #[serde(skip_serializing_if = "is_zero")]
    skipped: u64,
    #[serde(skip_serializing_if = "is_zero")]
    flaky: u64,
    #[serde(skip_serializing_if = "is_zero")]
    running: u64,
    #[serde(skip_serializing_if = "is_zero")]
    synthetic: u64,
    #[serde(skip_serializing_if = "is_zero")]
    error_items: u64,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    by_status: BTreeMap<Status, u64>,
}

impl From<&Counts> for CountsModel {
    fn from(counts: &Counts) -> Self {
        Self {
            total: counts.total(),
            passed: counts.passed(),
            failed: counts.failed(),
            skipped: counts.skipped(),
            flaky: counts.flaky,
            running: counts.running,
            synthetic: counts.synthetic,
            error_items: counts.error_items,
            by_status: counts.by_status().filter(|(_, number)| *number > 0).collect(),
        }
    }
}

/// Kind and id of every level, outermost first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(Option<Entity>);

impl Serialize for Path {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pairs = self.0.iter().flat_map(Entity::pairs);
        serializer.collect_seq(pairs.map(|(kind, id)| [Name::new(kind), Name::new(id)]))
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct SuiteModel {
    /// None for what is in no suite.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<Key>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<Key>,
    path: Path,
    /// The items in it and in all that is within it.
    counts: CountsModel,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "is_false")]
    is_open: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_s: Option<f64>,
    cases_s: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureModel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationModel>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<NotesModel>,
}

impl SuiteModel {
    pub(super) fn of(suite: &SuiteView<'_>, keys: &mut Keys) -> Self {
        let parent = suite.path.as_ref().and_then(Entity::parent);
        Self {
            key: suite.path.as_ref().map(|path| keys.suite(path)),
            parent: parent.map(|path| keys.suite(&path)),
            path: Path(suite.path.clone()),
            counts: CountsModel::from(&suite.all),
            status: suite.status,
            is_open: suite.is_open,
            started: suite.started_at.map(millis),
            duration_s: suite.duration.map(seconds),
            cases_s: seconds(suite.cases_duration),
            failure: suite.failure.map(FailureModel::from),
            location: suite.location.map(LocationModel::from),
            notes: suite.notes.iter().filter_map(|it| NotesModel::of(it, Extent::Whole)).collect(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct NodeModel {
    key: Key,
    name: Name,
    run: Name,
    counts: CountsModel,
    #[serde(skip_serializing_if = "Option::is_none")]
    joined: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lost: Option<f64>,
    #[serde(skip_serializing_if = "is_false")]
    is_lost: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Name>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<[Name; 2]>,
}

impl NodeModel {
    pub(super) fn of(node: &NodeView<'_>, keys: &mut Keys) -> Self {
        Self {
            key: keys.node(node.run, node.name),
            name: Name::new(node.name),
            run: Name::new(node.run),
            counts: CountsModel::from(&node.counts),
            joined: node.joined_at.map(millis),
            lost: node.lost_at.map(millis),
            is_lost: node.is_lost,
            reason: node.reason.map(Name::new),
            properties: properties(node.properties),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct ErrorModel {
    entity: Path,
    #[serde(skip_serializing_if = "Option::is_none")]
    suite: Option<Key>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    node: Key,
    failure: FailureModel,
    at: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_s: Option<f64>,
}

impl ErrorModel {
    pub(super) fn of(error: &ErrorView<'_>, keys: &mut Keys) -> Self {
        Self {
            entity: Path(Some(error.entity.clone())),
            suite: error.suite.as_ref().map(|path| keys.suite(path)),
            name: error.name.map(Name::new),
            node: keys.node(error.run, error.node),
            failure: FailureModel::from(error.failure),
            at: millis(error.at),
            duration_s: error.duration.map(seconds),
        }
    }
}
