//! The table: states and the edges between them.
//!
//! A table that exists is valid: one initial state, every state reachable, names unique,
//! no edge twice. States are numbered in the order they were declared; everything inside
//! this module counts in places, everything outside speaks in names.

use std::collections::HashMap;
use std::fmt::{self, Debug};
use std::sync::Arc;

use super::build::TableBuilder;

/// States, an initial one, and the edges between them; cheap to clone.
///
/// # Examples
/// ```
/// use tidings_core::state::Table;
///
/// let table = Table::builder("case")
///     .initial("idle")
///     .edge("idle", "running")
///     .edge("running", "done")
///     .build()?;
/// assert_eq!(table.targets("idle"), ["running"]);
/// assert!(table.is_terminal("done"));
/// # Ok::<(), tidings_core::state::TableError>(())
/// ```
#[derive(Clone)]
pub struct Table(Arc<Inner>);

struct Inner {
    name: Arc<str>,
    initial: usize,
    states: Vec<Node>,
    places: HashMap<Arc<str>, usize>,
}

struct Node {
    name: Arc<str>,
    targets: Vec<usize>,
    terminal: bool,
}

impl Table {
    /// Begins a run-time table.
    pub fn builder(name: impl Into<String>) -> TableBuilder {
        TableBuilder::new(name.into())
    }

    /// Returns the name of the table.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the state where a machine begins.
    pub fn initial(&self) -> &str {
        self.name_at(self.0.initial)
    }

    /// Returns the states, in the order they were declared.
    pub fn states(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.states.iter().map(|state| &*state.name)
    }

    /// Returns the edges, ordered by the states they leave.
    pub fn edges(&self) -> impl Iterator<Item = (&str, &str)> {
        self.edges_at().map(|(from, to)| (self.name_at(from), self.name_at(to)))
    }

    /// Returns the states that may follow `state`; none if it is not a state.
    pub fn targets(&self, state: &str) -> Vec<&str> {
        let targets = self.place_of(state).map(|place| self.targets_at(place)).unwrap_or_default();
        self.names_of(targets)
    }

    /// Returns whether `name` is a state.
    pub fn contains(&self, name: &str) -> bool {
        self.place_of(name).is_some()
    }

    /// Returns whether there is an edge between the two.
    pub fn allows(&self, from: &str, to: &str) -> bool {
        match (self.place_of(from), self.place_of(to)) {
            (Some(from), Some(to)) => self.allows_at(from, to),
            _ => false,
        }
    }

    /// Returns whether no other state can follow `state`.
    pub fn is_terminal(&self, state: &str) -> bool {
        self.place_of(state).is_some_and(|place| self.is_terminal_at(place))
    }

    /// Makes a table of a graph that was checked before.
    pub(super) fn checked(
        name: Arc<str>,
        initial: usize,
        states: Vec<(Arc<str>, Vec<usize>)>,
    ) -> Self {
        let places =
            states.iter().enumerate().map(|(place, (name, _))| (Arc::clone(name), place)).collect();
        let node = |(place, (name, targets)): (usize, (Arc<str>, Vec<usize>))| Node {
            name,
            terminal: targets.iter().all(|&target| target == place),
            targets,
        };
        let states = states.into_iter().enumerate().map(node).collect();
        Self(Arc::new(Inner { name, initial, states, places }))
    }

    pub(super) fn place_of(&self, name: &str) -> Option<usize> {
        self.0.places.get(name).copied()
    }

    pub(super) fn initial_at(&self) -> usize {
        self.0.initial
    }

    pub(super) fn len(&self) -> usize {
        self.0.states.len()
    }

    pub(super) fn name_at(&self, place: usize) -> &str {
        self.shared_name_at(place)
    }

    pub(super) fn shared_name_at(&self, place: usize) -> &Arc<str> {
        &self.0.states[place].name
    }

    pub(super) fn names_of(&self, places: &[usize]) -> Vec<&str> {
        places.iter().map(|&place| self.name_at(place)).collect()
    }

    #[inline]
    pub(super) fn targets_at(&self, place: usize) -> &[usize] {
        &self.0.states[place].targets
    }

    #[inline]
    pub(super) fn allows_at(&self, from: usize, to: usize) -> bool {
        self.targets_at(from).contains(&to)
    }

    pub(super) fn is_terminal_at(&self, place: usize) -> bool {
        self.0.states[place].terminal
    }

    pub(super) fn edges_at(&self) -> impl Iterator<Item = (usize, usize)> {
        let states = self.0.states.iter().enumerate();
        states.flat_map(|(from, state)| state.targets.iter().map(move |&to| (from, to)))
    }
}

impl Debug for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Table")
            .field("name", &self.name())
            .field("initial", &self.initial())
            .field("edges", &self.edges().collect::<Vec<_>>())
            .finish()
    }
}
