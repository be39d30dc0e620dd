//! The whole page as one value.

use std::collections::BTreeSet;

use serde::Serialize;
use tidings_core::Entity;
use tidings_core::text::is_dangerous;
use tidings_testrun::{Progress, RunSummary, Status};

use crate::lifecycle::{LifecycleModel, Lifecycles};

use super::budget::Budget;
use super::case::CaseModel;
use super::key::Keys;
use super::notes::{Extent, NotesModel};
use super::number::{is_zero, millis, seconds};
use super::place::{CountsModel, ErrorModel, NodeModel, SuiteModel};
use super::text::Name;

/// The most names of what never ran; the number is always that of all.
pub const NEVER_RAN_NAMES_MAX: usize = 1_000;

/// All that the page shows of a run; written with serde, it is what the page reads.
///
/// Nothing in it depends on when it is made: the model of a recorded run is that of the live
/// one.
///
/// ```
/// use tidings_registry::Bus;
/// use tidings_report::{Lifecycles, Model};
/// use tidings_testrun::{LiveSummary, RunEmitter};
///
/// let bus = Bus::new();
/// let summary = LiveSummary::on(&bus);
/// let run = RunEmitter::start(&bus, "nightly");
/// run.case("starts").success();
/// run.success();
///
/// let summary = summary.snapshot();
/// let lifecycles = Lifecycles::new();
/// let json = serde_json::to_value(Model::of(&summary, &lifecycles))?;
/// assert_eq!(json["run"]["names"][0], "nightly");
/// assert_eq!(json["counts"]["passed"], 1);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Model {
    pub(super) run: RunModel,
    pub(super) counts: CountsModel,
    pub(super) never_ran: NeverRanModel,
    pub(super) nodes: Vec<NodeModel>,
    pub(super) suites: Vec<SuiteModel>,
    pub(super) errors: Vec<ErrorModel>,
    pub(super) lifecycles: Vec<LifecycleModel>,
    pub(super) cases: Vec<CaseModel>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct RunModel {
    names: Vec<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    is_over: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_s: Option<f64>,
    /// How many cases are planned or seen.
    expected: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<ProgressModel>,
    /// How many events could not be read.
    #[serde(skip_serializing_if = "is_zero")]
    unreadable: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<NotesModel>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct ProgressModel {
    done: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Name>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct NeverRanModel {
    count: u64,
    names: Vec<String>,
}

impl Model {
    /// Everything that is known of the run now.
    pub fn of(summary: &RunSummary, lifecycles: &Lifecycles) -> Self {
        let cases = summary.cases();
        let budget = Budget::of(&cases);
        let keys = &mut Keys::default();
        let models = cases.iter().map(|case| CaseModel::of(case, budget.extent(case), keys));
        let cases = models.collect();
        Self { cases, ..Self::without_cases(summary, lifecycles, keys) }
    }

    /// Everything but the cases.
    pub(super) fn without_cases(
        summary: &RunSummary,
        lifecycles: &Lifecycles,
        keys: &mut Keys,
    ) -> Self {
        Self {
            run: RunModel::of(summary),
            counts: CountsModel::from(&summary.counts()),
            never_ran: NeverRanModel::of(summary),
            nodes: summary.nodes().iter().map(|node| NodeModel::of(node, keys)).collect(),
            suites: summary.suites().iter().map(|suite| SuiteModel::of(suite, keys)).collect(),
            errors: summary.errors().iter().map(|error| ErrorModel::of(error, keys)).collect(),
            lifecycles: lifecycles.models(),
            cases: Vec::new(),
        }
    }

    /// The model of a page that will not change: its cases are numbered by their places,
    /// which do not depend on the order in which threads were heard.
    pub(crate) fn numbered_by_place(&self) -> Self {
        let mut model = self.clone();
        for case in &mut model.cases {
            case.number = None;
        }
        model
    }

    /// What to call the run.
    pub(crate) fn title(&self) -> String {
        let names: Vec<&str> = self.run.names.iter().map(|name| &*name.0).collect();
        let title = if names.is_empty() { "Test run".to_owned() } else { names.join(", ") };
        title.chars().filter(|letter| !is_dangerous(*letter)).take(200).collect()
    }
}

impl RunModel {
    fn of(summary: &RunSummary) -> Self {
        let status = summary.status();
        let said: BTreeSet<&str> = summary.run_notes().map(|(run, _)| Entity::id(run)).collect();
        let names = if said.is_empty() {
            summary.nodes().iter().map(|node| node.run).collect()
        } else {
            said
        };
        let notes = summary.run_notes().map(|(_, notes)| notes);
        Self {
            names: names.into_iter().map(Name::new).collect(),
            status,
            is_over: summary.is_over(),
            started: summary.started_at().map(millis),
            duration_s: summary.duration().map(seconds),
            expected: summary.expected(),
            progress: summary.progress().map(ProgressModel::from),
            unreadable: summary.unreadable(),
            notes: notes.filter_map(|notes| NotesModel::of(notes, Extent::Whole)).collect(),
        }
    }
}

impl From<&Progress> for ProgressModel {
    fn from(progress: &Progress) -> Self {
        Self {
            done: progress.done,
            total: progress.total,
            message: progress.message.as_deref().map(Name::new),
        }
    }
}

impl NeverRanModel {
    fn of(summary: &RunSummary) -> Self {
        let unseen = summary.unseen();
        let names = unseen.iter().take(NEVER_RAN_NAMES_MAX).map(|selector| {
            let mut name = selector.to_string();
            name.truncate(name.floor_char_boundary(super::text::NAME_BYTES_MAX));
            name
        });
        Self { count: summary.never_ran(), names: names.collect() }
    }
}
