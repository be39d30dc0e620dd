//! Walks through a table, for tests: shortest ways, and ways that take every edge.

use std::collections::{HashSet, VecDeque};

use super::table::Table;

impl Table {
    /// Returns a shortest way from the initial state to `state`, both included.
    ///
    /// Among ways of one length, the one declared first. `None` if it is not a state.
    ///
    /// # Examples
    /// ```
    /// use tidings_core::state::Table;
    ///
    /// let table = Table::builder("case").initial("a").edge("a", "b").edge("b", "c").build()?;
    /// assert_eq!(table.path_to("c"), Some(vec!["a", "b", "c"]));
    /// # Ok::<(), tidings_core::state::TableError>(())
    /// ```
    pub fn path_to(&self, state: &str) -> Option<Vec<&str>> {
        Some(self.names_of(&self.way_to(self.place_of(state)?)?))
    }

    /// Returns a shortest way to each state, in the order of the states.
    pub fn paths(&self) -> Vec<Vec<&str>> {
        let ways = (0..self.len()).filter_map(|state| self.way_to(state));
        ways.map(|way| self.names_of(&way)).collect()
    }

    /// Returns walks from the initial state that together take every edge.
    ///
    /// Each goes on to the nearest edge not yet taken, until none can be reached.
    pub fn edge_paths(&self) -> Vec<Vec<&str>> {
        self.edge_ways().iter().map(|way| self.names_of(way)).collect()
    }

    pub(super) fn way_to(&self, state: usize) -> Option<Vec<usize>> {
        self.way(self.initial_at(), |place| place == state)
    }

    pub(super) fn edge_ways(&self) -> Vec<Vec<usize>> {
        let mut open: HashSet<(usize, usize)> = self.edges_at().collect();
        let mut ways = Vec::new();
        while !open.is_empty() {
            let mut walk = vec![self.initial_at()];
            let mut here = self.initial_at();
            let fresh = |place: usize, open: &HashSet<(usize, usize)>| {
                self.targets_at(place).iter().copied().find(|&to| open.contains(&(place, to)))
            };
            while let Some(way) = self.way(here, |place| fresh(place, &open).is_some()) {
                for edge in way.windows(2) {
                    open.remove(&(edge[0], edge[1]));
                }
                let source = way[way.len() - 1];
                let to = fresh(source, &open).expect("the way leads to an edge not yet taken");
                open.remove(&(source, to));
                walk.extend(&way[1..]);
                walk.push(to);
                here = to;
            }
            ways.push(walk);
        }
        ways
    }

    /// Returns a shortest way from `start` to the nearest place that is wanted.
    fn way(&self, start: usize, wanted: impl Fn(usize) -> bool) -> Option<Vec<usize>> {
        let mut came_from = vec![None; self.len()];
        let mut seen = vec![false; self.len()];
        let mut open = VecDeque::from([start]);
        seen[start] = true;
        while let Some(place) = open.pop_front() {
            if wanted(place) {
                let mut way: Vec<usize> =
                    std::iter::successors(Some(place), |&at: &usize| came_from[at]).collect();
                way.reverse();
                return Some(way);
            }
            for &next in self.targets_at(place) {
                if !std::mem::replace(&mut seen[next], true) {
                    came_from[next] = Some(place);
                    open.push_back(next);
                }
            }
        }
        None
    }
}
