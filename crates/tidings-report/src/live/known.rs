//! What is known of the run, and what somebody lacks of it.

use tidings_core::{Entity, Envelope};
use tidings_testrun::{RunSummary, SummaryJson};

use crate::lifecycle::Lifecycles;
use crate::model::{Changes, Model};

use super::touched::Touched;

/// What is known of the run.
#[derive(Debug, Default)]
pub(super) struct Known {
    summary: RunSummary,
    lifecycles: Lifecycles,
    touched: Touched,
}

/// What somebody lacks.
#[derive(Debug)]
pub(super) enum News {
    Model(Model),
    Changes(Changes),
}

impl Known {
    /// Takes one event.
    pub(super) fn apply(&mut self, envelope: &Envelope) {
        self.summary.apply(envelope);
        self.lifecycles.apply(envelope);
        self.touched.note(envelope);
    }

    /// Says that nothing more will come.
    pub(super) fn finish(&mut self) {
        self.summary.finish();
        self.touched.note_stream_end();
    }

    /// The version of the last change; 0 before the first.
    pub(super) fn version(&self) -> u64 {
        self.touched.version()
    }

    /// How many events had data that do not fit them.
    pub(super) fn unreadable(&self) -> u64 {
        self.summary.unreadable()
    }

    pub(super) fn summary(&self) -> SummaryJson {
        self.summary.to_json()
    }

    /// Everything as it is now.
    pub(super) fn model(&self) -> Model {
        Model::of(&self.summary, &self.lifecycles)
    }

    /// What somebody lacks who has this version, or nothing yet.
    pub(super) fn since(&mut self, has: Option<u64>) -> News {
        self.touched.settle(&self.summary);
        let Some(has) = has else { return News::Model(self.model()) };
        let is_changed = |case: &Entity| self.touched.is_after(case, has);
        News::Changes(Changes::of(&self.summary, &self.lifecycles, is_changed))
    }
}
