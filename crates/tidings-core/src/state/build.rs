//! Builds a table at run time; every fault of it is listed, not the first.

use std::collections::{HashMap, HashSet};
use std::fmt::{self, Display};
use std::sync::Arc;

use super::table::Table;

/// The most states a run-time table may have.
pub const STATES_MAX: usize = 4_096;

/// Collects the states and edges of a [`Table`].
///
/// A name in an edge declares the state, unless [`states`](Self::states) has listed them.
#[derive(Debug, Clone)]
#[must_use = "a table is made by `build`"]
pub struct TableBuilder {
    name: String,
    initials: Vec<String>,
    listed: Option<Vec<String>>,
    edges: Vec<(String, String)>,
    terminals: Vec<String>,
}

impl TableBuilder {
    pub(super) fn new(name: String) -> Self {
        Self { name, initials: Vec::new(), listed: None, edges: Vec::new(), terminals: Vec::new() }
    }

    /// Sets the state where a machine begins.
    pub fn initial(mut self, state: impl Into<String>) -> Self {
        self.initials.push(state.into());
        self
    }

    /// Lists the states; from then on any other name is a fault.
    pub fn states<N: Into<String>>(mut self, states: impl IntoIterator<Item = N>) -> Self {
        self.listed.get_or_insert_default().extend(states.into_iter().map(Into::into));
        self
    }

    /// Adds an edge; an edge from a state to itself is one like any other.
    pub fn edge(mut self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.edges.push((from.into(), to.into()));
        self
    }

    /// Promises that no other state follows; without it, a state with no targets is terminal too.
    pub fn terminal(mut self, state: impl Into<String>) -> Self {
        self.terminals.push(state.into());
        self
    }

    /// Checks the graph and makes the table.
    ///
    /// # Errors
    /// Lists every fault: no or two initial states, states that cannot be reached,
    /// terminals with exits, edges given twice, unknown, blank or repeated names, more than
    /// [`STATES_MAX`] states.
    pub fn build(self) -> Result<Table, TableError> {
        let mut check = Check::default();
        check.declare(&self);
        let initial = check.initial(&self.initials);
        let targets = check.edges(&self.edges);
        check.terminals(&self.terminals, &targets);
        if let Some(initial) = initial {
            check.reach(initial, &targets);
        }
        match initial {
            Some(initial) if check.faults.is_empty() => {
                let states = check.names.into_iter().zip(targets).collect();
                Ok(Table::checked(self.name.into(), initial, states))
            }
            _ => Err(TableError { table: self.name, faults: check.faults }),
        }
    }
}

/// Why a run-time table was not built: every fault it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableError {
    table: String,
    faults: Vec<TableFault>,
}

impl TableError {
    /// Returns the name of the table.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Returns what is wrong with it; never empty.
    pub fn faults(&self) -> &[TableFault] {
        &self.faults
    }
}

impl Display for TableError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "state table `{}` is not valid: ", self.table)?;
        for (place, fault) in self.faults.iter().enumerate() {
            let separator = if place == 0 { "" } else { "; " };
            write!(out, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for TableError {}

/// One thing that is wrong with a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TableFault {
    /// Nothing says where a machine begins.
    #[error("it has no initial state")]
    NoInitial,
    /// Two states are marked initial.
    #[error("`{second}` is a second initial state, `{first}` is marked already")]
    #[non_exhaustive]
    TwoInitials {
        /** The state marked first. */
        first: String,
        /** The state marked after it. */
        second: String,
    },
    /// No path leads to a state.
    #[error("`{state}` cannot be reached from the initial state")]
    #[non_exhaustive]
    Unreachable {
        /** The state. */
        state: String,
    },
    /// A state that was promised to be terminal has an edge to another.
    #[error("`{state}` is terminal and goes to `{target}`")]
    #[non_exhaustive]
    TerminalWithExit {
        /** The state. */
        state: String,
        /** Where it goes. */
        target: String,
    },
    /// An edge was given twice.
    #[error("`{from}` goes to `{to}` twice")]
    #[non_exhaustive]
    DuplicateEdge {
        /** The state it leaves. */
        from: String,
        /** The state it enters. */
        to: String,
    },
    /// A state was listed twice.
    #[error("`{state}` is listed twice")]
    #[non_exhaustive]
    DuplicateState {
        /** The state. */
        state: String,
    },
    /// A name is not in the list of states.
    #[error("`{name}` is not a listed state")]
    #[non_exhaustive]
    UnknownState {
        /** The name. */
        name: String,
    },
    /// A name is empty or blank.
    #[error("a state has a blank name")]
    BlankName,
    /// There are more than [`STATES_MAX`] states.
    #[error("it has {states} states, at most {STATES_MAX} are allowed")]
    #[non_exhaustive]
    TooManyStates {
        /** How many there are. */
        states: usize,
    },
}

#[derive(Default)]
struct Check {
    names: Vec<Arc<str>>,
    places: HashMap<Arc<str>, usize>,
    faults: Vec<TableFault>,
    closed: bool,
    unknown: bool,
}

impl Check {
    fn declare(&mut self, table: &TableBuilder) {
        for state in table.listed.iter().flatten() {
            if !self.add(state) {
                self.faults.push(TableFault::DuplicateState { state: state.clone() });
            }
        }
        self.closed = table.listed.is_some();
        if !self.closed {
            let ends = table.edges.iter().flat_map(|(from, to)| [from, to]);
            for state in table.initials.iter().chain(ends).chain(&table.terminals) {
                self.add(state);
            }
        }
        if self.names.iter().any(|name| name.trim().is_empty()) {
            self.faults.push(TableFault::BlankName);
        }
        if self.names.len() > STATES_MAX {
            self.faults.push(TableFault::TooManyStates { states: self.names.len() });
        }
    }

    fn add(&mut self, state: &str) -> bool {
        if self.places.contains_key(state) {
            return false;
        }
        let name: Arc<str> = state.into();
        self.places.insert(Arc::clone(&name), self.names.len());
        self.names.push(name);
        true
    }

    fn place(&mut self, name: &str) -> Option<usize> {
        let place = self.places.get(name).copied();
        if place.is_none() {
            self.unknown = true;
            let fault = TableFault::UnknownState { name: name.to_owned() };
            if !self.faults.contains(&fault) {
                self.faults.push(fault);
            }
        }
        place
    }

    fn initial(&mut self, initials: &[String]) -> Option<usize> {
        let Some((first, more)) = initials.split_first() else {
            self.faults.push(TableFault::NoInitial);
            return None;
        };
        let place = self.place(first);
        for second in more {
            self.faults
                .push(TableFault::TwoInitials { first: first.clone(), second: second.clone() });
        }
        place.filter(|_| more.is_empty())
    }

    fn edges(&mut self, edges: &[(String, String)]) -> Vec<Vec<usize>> {
        let mut targets = vec![Vec::new(); self.names.len()];
        let mut seen = HashSet::new();
        for (from, to) in edges {
            if let (Some(leaves), Some(enters)) = (self.place(from), self.place(to)) {
                if seen.insert((leaves, enters)) {
                    targets[leaves].push(enters);
                } else {
                    self.faults
                        .push(TableFault::DuplicateEdge { from: from.clone(), to: to.clone() });
                }
            }
        }
        targets
    }

    fn terminals(&mut self, terminals: &[String], targets: &[Vec<usize>]) {
        for state in terminals {
            let Some(place) = self.place(state) else {
                continue;
            };
            for &target in targets[place].iter().filter(|&&target| target != place) {
                let target = self.names[target].to_string();
                self.faults.push(TableFault::TerminalWithExit { state: state.clone(), target });
            }
        }
    }

    fn reach(&mut self, initial: usize, targets: &[Vec<usize>]) {
        // A name that is not known cuts the graph in two: what lies behind is no fault of its own.
        if self.unknown {
            return;
        }
        let mut reached = vec![false; targets.len()];
        let mut open = vec![initial];
        while let Some(place) = open.pop() {
            if !std::mem::replace(&mut reached[place], true) {
                open.extend(&targets[place]);
            }
        }
        for (state, _) in self.names.iter().zip(reached).filter(|(_, reached)| !reached) {
            self.faults.push(TableFault::Unreachable { state: state.to_string() });
        }
    }
}
