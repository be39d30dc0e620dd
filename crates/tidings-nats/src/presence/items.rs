//! What is running somewhere, as its events say.

use std::collections::HashMap;

use tidings_core::{Entity, Envelope};
use tidings_testrun::TestRun;

/// The most items that are remembered as running on one bus.
const ITEMS_MAX: usize = 65_536;

/// Which end an item has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Run,
    Suite,
    Group,
    Case,
    Step,
}

/// An item that has begun and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) entity: Entity,
    pub(super) level: Level,
    pub(super) attempt: u32,
    begun: u64,
}

/// What an event does to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Begins(Level, u32),
    Ends,
    /// The end of a run.
    EndsRun,
}

/// What an event does to its entity; none for one that is no beginning and no end.
pub(super) fn change_of(envelope: &Envelope) -> Option<Change> {
    match envelope.event_type().as_str() {
        "test.run.started" | "test.suite.started" | "test.group.started" | "test.case.started"
        | "test.step.started" => beginning(envelope),
        "test.suite.finished"
        | "test.group.finished"
        | "test.case.finished"
        | "test.case.skipped"
        | "test.step.finished" => Some(Change::Ends),
        "test.run.finished" => Some(Change::EndsRun),
        _ => None,
    }
}

fn beginning(envelope: &Envelope) -> Option<Change> {
    let event = envelope.event::<TestRun>().ok()??;
    let (level, attempt) = match &*event {
        TestRun::RunStarted(started) => (Level::Run, started.attempt),
        TestRun::SuiteStarted(started) => (Level::Suite, started.attempt),
        TestRun::GroupStarted(started) => (Level::Group, started.attempt),
        TestRun::CaseStarted(started) => (Level::Case, started.attempt),
        TestRun::StepStarted(started) => (Level::Step, started.attempt),
        _ => return None,
    };
    Some(Change::Begins(level, attempt.max(1)))
}

/// The items that are running on one bus.
#[derive(Debug, Clone, Default)]
pub(super) struct Items {
    open: HashMap<Entity, Item>,
    begun: u64,
}

impl Items {
    pub(super) fn begin(&mut self, entity: &Entity, level: Level, attempt: u32) {
        if self.open.len() >= ITEMS_MAX && !self.open.contains_key(entity) {
            return;
        }
        self.begun += 1;
        let item = Item { entity: entity.clone(), level, attempt, begun: self.begun };
        self.open.insert(entity.clone(), item);
    }

    pub(super) fn end(&mut self, entity: &Entity) {
        self.open.remove(entity);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Takes all of them, innermost and latest first, as they would have ended.
    pub(super) fn take(&mut self) -> Vec<Item> {
        let mut items: Vec<Item> = self.open.drain().map(|(_, item)| item).collect();
        items.sort_unstable_by_key(|item| {
            (std::cmp::Reverse(item.entity.depth()), std::cmp::Reverse(item.begun))
        });
        items
    }
}
