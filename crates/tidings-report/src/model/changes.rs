//! What an open page has to learn.

use serde::Serialize;
use tidings_core::Entity;
use tidings_testrun::RunSummary;

use crate::lifecycle::Lifecycles;

use super::case::CaseModel;
use super::key::Keys;
use super::notes::Extent;
use super::whole::Model;

/// What a page that is open has to learn: a [`Model`] with only those cases that changed.
///
/// A case in here replaces the one of the same number, or is added; everything else replaces
/// all that was there. To take changes twice, or after a model that has them already, does no
/// harm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Changes {
    #[serde(flatten)]
    model: Model,
}

impl Changes {
    /// Everything but the cases as it is now, and the cases whose entity has changed, which
    /// are those with an event of their own or about something within them, and those that
    /// the end of a run or the loss of a node has changed.
    pub fn of(
        summary: &RunSummary,
        lifecycles: &Lifecycles,
        is_changed: impl Fn(&Entity) -> bool,
    ) -> Self {
        let keys = &mut Keys::default();
        let cases = summary.cases_about(is_changed);
        let models = cases.iter().map(|case| CaseModel::of(case, Extent::Whole, keys));
        let cases = models.collect();
        Self { model: Model { cases, ..Model::without_cases(summary, lifecycles, keys) } }
    }
}
