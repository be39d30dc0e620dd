//! The emitters of suites and of groups within them.

use tidings_core::Receipt;

use crate::vocabulary::{CaseStarted, GroupStarted, RunPlanned, SuiteStarted};

use super::case::CaseEmitter;
use super::item::{Item, Level, emitter, ends};
use super::shared::SharedSuite;

macro_rules! holds_cases {
    ($name:ident) => {
        impl $name {
            pub(super) fn new(item: Item) -> Self {
                Self { item }
            }

            /// Says what is to run in here.
            pub fn plan(&self, plan: RunPlanned) -> Receipt {
                self.item.emit(plan)
            }

            /// Begins a group within it.
            pub fn group(&self, name: &str) -> GroupEmitter {
                self.group_as(name, GroupStarted::new())
            }

            /// Begins a group about which more is known.
            pub fn group_as(&self, name: &str, started: GroupStarted) -> GroupEmitter {
                let attempt = started.attempt;
                GroupEmitter::new(self.item.child(Level::Group, name, attempt, started.into()))
            }

            /// Begins a case.
            pub fn case(&self, name: &str) -> CaseEmitter {
                self.case_as(name, CaseStarted::new())
            }

            /// Begins a case about which more is known.
            pub fn case_as(&self, name: &str, started: CaseStarted) -> CaseEmitter {
                let attempt = started.attempt;
                CaseEmitter::new(self.item.child(Level::Case, name, attempt, started.into()))
            }
        }
    };
}

/// Speaks for a suite, from its beginning to its end; see [`RunEmitter`](super::RunEmitter).
#[derive(Debug)]
#[must_use = "a suite is aborted when its emitter is dropped"]
pub struct SuiteEmitter {
    item: Item,
}

emitter!(SuiteEmitter, "suite");
ends!(SuiteEmitter, SuiteFinished, "suite");
holds_cases!(SuiteEmitter);

impl SuiteEmitter {
    /// Lets several tasks share it: it ends with the last of them, like its cases.
    #[must_use = "a shared suite ends when the last of its clones is dropped"]
    pub fn shared(self) -> SharedSuite {
        SharedSuite::new(self, None)
    }

    pub(super) fn set_end_as_inside(&mut self) {
        self.item.set_end_as_inside();
    }

    /// Begins a suite within this one.
    pub fn suite(&self, name: &str) -> Self {
        self.suite_as(name, SuiteStarted::new())
    }

    /// Begins a suite within this one about which more is known.
    pub fn suite_as(&self, name: &str, started: SuiteStarted) -> Self {
        Self::new(self.item.child(Level::Suite, name, started.attempt, started.into()))
    }
}

/// Speaks for a group of cases, from its beginning to its end; see
/// [`RunEmitter`](super::RunEmitter).
#[derive(Debug)]
#[must_use = "a group is aborted when its emitter is dropped"]
pub struct GroupEmitter {
    item: Item,
}

emitter!(GroupEmitter, "group");
ends!(GroupEmitter, GroupFinished, "group");
holds_cases!(GroupEmitter);
