//! What never ran: the plan minus what was seen.

use std::collections::HashSet;

use tidings_core::Entity;

use crate::vocabulary::Selector;

use super::reducer::RunSummary;
use super::scope::suite_of;

/// A selector in a form that can be looked up.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Suite(&'a str),
    Test(&'a str, &'a str),
    Path(Vec<&'a str>),
    Case(Vec<&'a str>),
}

impl RunSummary {
    /// What was planned and never seen, in the order of the plans.
    ///
    /// A case that was skipped was seen. What is only planned as a number has no names, and is
    /// not in here; [`never_ran`](Self::never_ran) counts it.
    pub fn unseen(&self) -> Vec<&Selector> {
        let planned: Vec<&Selector> =
            self.plans.values().flat_map(|plan| &plan.selectors).collect();
        if planned.is_empty() {
            return planned;
        }
        let places: Vec<(Option<Entity>, &Entity)> =
            self.seen_entities().map(|entity| (suite_of(entity), entity)).collect();
        let mut keys = HashSet::new();
        for (suite, entity) in &places {
            let path: Vec<&str> = suite.iter().flat_map(Entity::pairs).map(|(_, id)| id).collect();
            if let Some(outermost) = path.first() {
                keys.insert(Key::Suite(outermost));
                keys.insert(Key::Test(outermost, entity.id()));
            }
            for depth in 1..=path.len() {
                keys.insert(Key::Path(path[..depth].to_vec()));
            }
            keys.insert(Key::Case([&path[..], &[entity.id()]].concat()));
        }
        let mut told = HashSet::new();
        let mut unseen = planned;
        unseen.retain(|selector| !is_seen(selector, &keys, &places) && told.insert(*selector));
        unseen
    }

    /// How many planned cases were never seen.
    pub fn never_ran(&self) -> u64 {
        let has_list = self.plans.values().any(|plan| !plan.selectors.is_empty());
        let counted = self.plans.values().filter(|plan| plan.selectors.is_empty());
        let counts = counted.filter_map(|plan| plan.count);
        // A plan is what somebody said, and may be any number.
        let planned = counts.fold(0, u64::saturating_add);
        let listed = self.unseen().len() as u64;
        if planned == 0 {
            return listed;
        }
        // What a list names is not part of a number.
        let lists: Vec<&Selector> = if has_list {
            self.plans.values().flat_map(|plan| &plan.selectors).collect()
        } else {
            Vec::new()
        };
        let is_counted = |entity: &&Entity| {
            let suite = suite_of(entity);
            let path: Vec<&str> = suite.iter().flat_map(Entity::pairs).map(|(_, id)| id).collect();
            !lists.iter().any(|selector| selector.matches(&path, entity.id()))
        };
        let seen = self.seen_entities().filter(is_counted).count() as u64;
        listed.saturating_add(planned.saturating_sub(seen))
    }

    /// The cases that have begun or ended, once per node.
    fn seen_entities(&self) -> impl Iterator<Item = &Entity> {
        let seen = self.executions.iter().filter(|run| run.is_seen() && run.repeat == 1);
        seen.map(|run| &run.entity)
    }
}

fn is_seen(
    selector: &Selector,
    keys: &HashSet<Key<'_>>,
    places: &[(Option<Entity>, &Entity)],
) -> bool {
    match selector {
        Selector::Suite { suite } => keys.contains(&Key::Suite(suite)),
        Selector::Test { suite, test } => keys.contains(&Key::Test(suite, test)),
        Selector::NestedSuite { path } => {
            keys.contains(&Key::Path(path.iter().map(String::as_str).collect()))
        }
        Selector::NestedTest { path, test } => {
            let path = path.iter().chain([test]);
            keys.contains(&Key::Case(path.map(String::as_str).collect()))
        }
        Selector::TestWildcard { text } => {
            places.iter().any(|(_, entity)| entity.id().contains(text.as_str()))
        }
        Selector::Other => true,
    }
}
