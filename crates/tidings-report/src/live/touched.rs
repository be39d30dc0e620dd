//! Which cases have changed since when.
//!
//! Each case remembers the version of its last change, one number, however often it changed:
//! whoever knows the version that a client has seen knows all that the client lacks.

use std::collections::HashMap;

use tidings_core::{Entity, Envelope, Timestamp};
use tidings_testrun::{CaseView, RunFinished, RunSummary};

/// The versions of cases.
#[derive(Debug, Default)]
pub(super) struct Touched {
    version: u64,
    cases: HashMap<Entity, u64>,
    /// Whether a run, a node or the stream began or ended since cases were last looked at.
    is_unsettled: bool,
    /// The first end of a run, and loss of a node, that was heard of.
    first_end: Option<Timestamp>,
}

impl Touched {
    /// The version of the last change; 0 before the first.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// Notes what an event is about. It need not have been taken by the summary yet.
    pub(super) fn note(&mut self, envelope: &Envelope) {
        self.version += 1;
        match envelope.event_type().as_str() {
            "test.case.started" | "test.case.finished" | "test.case.skipped" => {
                self.cases.insert(envelope.entity().clone(), self.version);
            }
            "test.run.started" | "node.joined" => self.is_unsettled = true,
            "test.run.finished" => {
                let finished = envelope.event::<RunFinished>().ok().flatten();
                let said = finished.and_then(|finished| finished.at);
                self.note_end(said.unwrap_or(envelope.time()));
            }
            "node.lost" => self.note_end(envelope.time()),
            name if name.starts_with("test.") => self.note_inside(envelope.entity()),
            // What is no event of a test run changes no case.
            _ => {}
        }
    }

    /// Notes that nothing more will come.
    pub(super) fn note_stream_end(&mut self) {
        self.version += 1;
        self.is_unsettled = true;
    }

    /// Finds the cases that changed though no event was about them. To be called before
    /// anything is told.
    ///
    /// The end of a run or the loss of a node, and what takes them back, change what nobody
    /// ended, and whether an end came late: only one after the first of those moments can.
    pub(super) fn settle(&mut self, summary: &RunSummary) {
        if !std::mem::take(&mut self.is_unsettled) {
            return;
        }
        let first_end = self.first_end;
        let may_have_changed = |case: &CaseView<'_>| {
            let ended_at = case.last().ended_at;
            ended_at.is_none_or(|at| first_end.is_some_and(|end| at > end))
        };
        for case in summary.cases().iter().filter(|case| may_have_changed(case)) {
            self.cases.insert(case.entity.clone(), self.version);
        }
    }

    /// Whether a case changed after this version.
    pub(super) fn is_after(&self, case: &Entity, version: u64) -> bool {
        self.cases.get(case).is_some_and(|changed| *changed > version)
    }

    fn note_end(&mut self, at: Timestamp) {
        self.is_unsettled = true;
        self.first_end = Some(self.first_end.map_or(at, |first| first.min(at)));
    }

    /// Notes an event within a case, or about it: the innermost case around it, as far as one
    /// is known, and else what is called one.
    fn note_inside(&mut self, entity: &Entity) {
        let mut around = Some(entity.clone());
        while let Some(place) = around {
            if let Some(version) = self.cases.get_mut(&place) {
                *version = self.version;
                return;
            }
            around = place.parent();
        }
        let depth = entity.pairs().rposition(|(kind, _)| kind == "case").map(|place| place + 1);
        let case = depth.and_then(|depth| Entity::from_path(entity.pairs().take(depth)).ok());
        if let Some(case) = case {
            self.cases.insert(case, self.version);
        }
    }
}
