//! The modules and classes that are open, on each worker.
//!
//! One that nothing runs in ends as soon as something else begins beside it; if pytest comes
//! back to it, it is begun again.

use std::collections::HashMap;
use std::sync::Arc;

use tidings_core::{Entity, Timestamp};

use super::nodeid::Place;

/// The open scopes of all workers.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    workers: HashMap<Option<Arc<str>>, Worker>,
}

#[derive(Debug, Default)]
struct Worker {
    /// Outermost first, with the number of tests that run within.
    open: Vec<(Entity, usize)>,
    last: Option<Timestamp>,
}

/// What else happens when something begins at a place.
#[derive(Debug, PartialEq)]
pub(super) struct Entered {
    /// What is over, innermost first.
    pub(super) over: Vec<Entity>,
    /// When the last thing there ended.
    pub(super) over_at: Option<Timestamp>,
    /// What begins, outermost first.
    pub(super) begun: Vec<Entity>,
}

impl Scopes {
    /// Something begins at a place.
    pub(super) fn enter(&mut self, worker: Option<&Arc<str>>, place: &Place) -> Entered {
        let worker = self.workers.entry(worker.cloned()).or_default();
        let is_over =
            |scope: &mut (Entity, usize)| scope.1 == 0 && !place.case.starts_with(&scope.0);
        let over = worker.open.extract_if(.., is_over).map(|(scope, _)| scope);
        let mut over: Vec<Entity> = over.collect();
        over.reverse();
        let mut begun = Vec::new();
        for scope in &place.scopes {
            if let Some((_, count)) = worker.open.iter_mut().find(|(open, _)| open == scope) {
                *count += 1;
            } else {
                worker.open.push((scope.clone(), 1));
                begun.push(scope.clone());
            }
        }
        Entered { over, over_at: worker.last, begun }
    }

    /// What began there has ended.
    pub(super) fn leave(
        &mut self,
        worker: Option<&Arc<str>>,
        place: &Place,
        at: Option<Timestamp>,
    ) {
        let Some(worker) = self.workers.get_mut(&worker.cloned()) else { return };
        worker.last = worker.last.max(at);
        for (scope, count) in &mut worker.open {
            if place.scopes.contains(scope) {
                *count = count.saturating_sub(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(nodeid: &str) -> Place {
        Place::of_test(&Entity::new("run", "r"), nodeid)
    }

    fn ids(entities: &[Entity]) -> Vec<&str> {
        entities.iter().map(Entity::id).collect()
    }

    #[test]
    fn a_scope_ends_when_nothing_runs_in_it_and_something_begins_beside_it() {
        let mut scopes = Scopes::default();
        let (a, b, c) = (place("m.py::A::x"), place("m.py::y"), place("n.py::z"));
        assert_eq!(ids(&scopes.enter(None, &a).begun), ["m.py", "A"]);
        let entered = scopes.enter(None, &b);
        assert_eq!((entered.over, entered.begun), (vec![], vec![]));
        scopes.leave(None, &a, Some(Timestamp::from_nanos(5)));
        let entered = scopes.enter(None, &c);
        assert_eq!((ids(&entered.over), ids(&entered.begun)), (vec!["A"], vec!["n.py"]));
        assert_eq!(entered.over_at, Some(Timestamp::from_nanos(5)));
        scopes.leave(None, &b, None);
        scopes.leave(None, &c, None);
        let entered = scopes.enter(None, &a);
        assert_eq!((ids(&entered.over), ids(&entered.begun)), (vec!["n.py"], vec!["A"]));
    }

    #[test]
    fn each_worker_has_scopes_of_its_own() {
        let mut scopes = Scopes::default();
        let (worker, place) = (Arc::from("gw1"), place("m.py::x"));
        for worker in [None, Some(&worker)] {
            assert_eq!(ids(&scopes.enter(worker, &place).begun), ["m.py"]);
        }
    }
}
