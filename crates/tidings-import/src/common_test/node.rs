//! What is known of one node: its suite, the groups around, and the cases that run.
//!
//! All of it is bounded by what is open, but for the hashes of the cases that were seen: with
//! them a plan does not count a case twice that runs again.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::hash::{Hash as _, Hasher as _};

use tidings_core::Entity;

use super::local_time::LocalTime;

/// The most groups that are taken for nested.
const GROUPS_MAX: usize = 16;

/// The most functions that are remembered as announced and not started.
const ANNOUNCED_MAX: usize = 100_000;

/// A node that runs tests.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// The suite that runs.
    pub(super) suite: Option<String>,
    /// The suite that a function belongs to which does not say so, by the path of its log.
    pub(super) hint: Option<String>,
    /// Where the function around cases that runs keeps its log.
    pub(super) log: Option<String>,
    /// The groups that have begun and not ended, outermost first.
    pub(super) groups: Vec<String>,
    /// The groups that were told to have begun.
    pub(super) told: Vec<Entity>,
    /// Whether this version tells the groups of cases.
    pub(super) names_groups: bool,
    pub(super) tests: Tests,
    pub(super) plan: Plan,
    announced: HashMap<CaseName, VecDeque<Announced>>,
    announced_count: usize,
    running: HashMap<CaseName, VecDeque<Entity>>,
    running_count: usize,
    waiting: BTreeMap<Entity, VecDeque<Waiting>>,
}

/// A suite and a case.
type CaseName = (String, String);

/// What was said of a case before it began.
#[derive(Debug, Default)]
pub(super) struct Announced {
    pub(super) group: Option<String>,
    pub(super) log: Option<String>,
}

/// A case that began while one of its name was running at its place.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) log: Option<String>,
}

/// What is known of the group of a case.
#[derive(Debug)]
pub(super) enum Group {
    Named(String),
    /// None was named.
    None,
    /// Nobody said where the case is.
    Unknown,
}

/// How far the tests of a node are.
#[derive(Debug, Default)]
pub(super) struct Tests {
    pub(super) is_logging: bool,
    pub(super) is_testing: bool,
    pub(super) began: Option<LocalTime>,
    pub(super) ended: Option<LocalTime>,
}

/// How many cases should run.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// What was announced; none if it was not, or is unknown.
    pub(super) count: Option<u64>,
    /// Whether a part of the tests did not say how many cases they have.
    pub(super) is_unknown: bool,
    /// What was said last.
    pub(super) said: Option<u64>,
    seen: HashSet<u64>,
    repeats: u64,
    /// Whole suites that were skipped as one, and are not part of the announced number.
    whole: u64,
}

impl Node {
    /// Remembers what was said of a case that will begin.
    pub(super) fn announce(&mut self, suite: &str, case: &str, announced: Announced) {
        if self.announced_count < ANNOUNCED_MAX {
            self.announced_count += 1;
            let name = (suite.to_owned(), case.to_owned());
            self.announced.entry(name).or_default().push_back(announced);
        }
    }

    /// What was said first of a case that begins.
    pub(super) fn announced(&mut self, suite: &str, case: &str) -> Option<Announced> {
        let announced = take_first(&mut self.announced, suite, case, |_| true)?;
        self.announced_count -= 1;
        Some(announced)
    }

    /// Forgets what was announced and never began.
    pub(super) fn forget_announced(&mut self) {
        self.announced.clear();
        self.announced_count = 0;
    }

    /// A case has begun.
    pub(super) fn run(&mut self, suite: &str, case: &str, entity: Entity) {
        self.running_count += 1;
        let name = (suite.to_owned(), case.to_owned());
        self.running.entry(name).or_default().push_back(entity);
    }

    /// Takes the case that ends: of several of its name the one in the group that is named, or
    /// the one that began first.
    pub(super) fn stop(&mut self, suite: &str, case: &str, group: Option<&str>) -> Option<Entity> {
        let is_in = |entity: &Entity| {
            group.is_none_or(|group| entity.parent().is_some_and(|parent| parent.id() == group))
        };
        let entity = take_first(&mut self.running, suite, case, is_in)
            .or_else(|| take_first(&mut self.running, suite, case, |_| true))?;
        self.running_count -= 1;
        Some(entity)
    }

    /// The only case that runs.
    pub(super) fn only_running(&self) -> Option<(&CaseName, &Entity)> {
        if self.running_count != 1 {
            return None;
        }
        let (name, entities) = self.running.iter().next()?;
        Some((name, entities.front()?))
    }

    /// How many cases run.
    pub(super) fn running_count(&self) -> usize {
        self.running_count
    }

    /// A case has begun while one of its name runs at its place.
    pub(super) fn wait(&mut self, entity: Entity, waiting: Waiting) {
        self.waiting.entry(entity).or_default().push_back(waiting);
    }

    /// The next that can be told, after one at its place has ended.
    pub(super) fn stop_waiting(&mut self, entity: &Entity) -> Option<Waiting> {
        let waiting = self.waiting.get_mut(entity)?;
        let next = waiting.pop_front();
        if waiting.is_empty() {
            self.waiting.remove(entity);
        }
        next
    }

    /// A place where a case waits to be told.
    pub(super) fn waits_somewhere(&self) -> Option<Entity> {
        self.waiting.keys().next().cloned()
    }

    /// A group has begun within those that have.
    pub(super) fn push_group(&mut self, name: &str) {
        if self.groups.len() < GROUPS_MAX {
            self.groups.push(name.to_owned());
        }
    }

    /// The groups around something that is said to be in this one, outermost first.
    pub(super) fn groups_to(&self, name: &str) -> Vec<String> {
        if let Some(place) = self.groups.iter().rposition(|group| group == name) {
            return self.groups[..=place].to_vec();
        }
        let mut groups = self.groups.clone();
        groups.push(name.to_owned());
        groups
    }
}

/// Takes the first one that is wanted of those with a name.
fn take_first<T>(
    all: &mut HashMap<CaseName, VecDeque<T>>,
    suite: &str,
    case: &str,
    is_wanted: impl Fn(&T) -> bool,
) -> Option<T> {
    let name = (suite.to_owned(), case.to_owned());
    let some = all.get_mut(&name)?;
    let taken = some.iter().position(is_wanted).and_then(|place| some.remove(place));
    if some.is_empty() {
        all.remove(&name);
    }
    taken
}

impl Plan {
    /// Some more tests have said how many cases they have.
    pub(super) fn add(&mut self, cases: Option<u64>) {
        match cases {
            Some(cases) => self.count = Some(self.count.unwrap_or(0).saturating_add(cases)),
            None => self.is_unknown = true,
        }
    }

    /// A case runs or was skipped.
    pub(super) fn see(&mut self, case: &Entity, is_whole_suite: bool) {
        if self.count.is_none() {
            return;
        }
        let mut hasher = DefaultHasher::new();
        case.hash(&mut hasher);
        if !self.seen.insert(hasher.finish()) {
            self.repeats += 1;
        } else if is_whole_suite {
            self.whole += 1;
        }
    }

    /// How many different cases should be seen; none if that was said already, or is unknown.
    pub(super) fn next(&mut self) -> Option<u64> {
        let count = self.count.filter(|_| !self.is_unknown)?;
        let count = count.saturating_add(self.whole).saturating_sub(self.repeats);
        (self.said.replace(count) != Some(count)).then_some(count)
    }
}
