//! Which edges of a table a test run took.

use std::collections::HashSet;
use std::fmt::{self, Display};

use super::derived::Label;
use super::table::Table;
use super::transition::Transition;

/// Collects transitions and tells which edges and states never came up.
///
/// The initial state counts as reached. A transition that is no edge of the table (a
/// protocol that was brought back into step) covers nothing.
///
/// # Examples
/// ```
/// use tidings_core::state::{Coverage, StateMachine, Table};
///
/// let table = Table::builder("case")
///     .initial("idle")
///     .edge("idle", "done")
///     .edge("idle", "skipped")
///     .build()?;
/// let mut coverage = Coverage::new(&table);
/// let machine = StateMachine::with_table("case#17", &table);
/// coverage.record(&machine.transition("done")?);
/// assert_eq!(
///     coverage.to_string(),
///     "case: 1 of 2 edges, 2 of 3 states; never taken: `idle` to `skipped`; never reached: `skipped`"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Coverage {
    table: Table,
    edges: HashSet<(usize, usize)>,
    states: HashSet<usize>,
}

impl Coverage {
    /// Begins with the initial state reached and no edge taken.
    pub fn new(table: &Table) -> Self {
        let states = HashSet::from([table.initial_at()]);
        Self { table: table.clone(), edges: HashSet::new(), states }
    }

    /// Adds a transition; returns whether it is an edge of the table.
    pub fn record<S: Label>(&mut self, made: &Transition<S>) -> bool {
        let ends = (self.table.place_of(made.from.label()), self.table.place_of(made.to.label()));
        let (Some(from), Some(to)) = ends else {
            return false;
        };
        let known = self.table.allows_at(from, to);
        if known {
            self.edges.insert((from, to));
            self.states.extend([from, to]);
        }
        known
    }

    /// Returns the edges that were never taken, in the order of the table.
    pub fn edges_never_taken(&self) -> Vec<(&str, &str)> {
        let missing = self.table.edges_at().filter(|edge| !self.edges.contains(edge));
        missing.map(|(from, to)| (self.table.name_at(from), self.table.name_at(to))).collect()
    }

    /// Returns the states that were never reached, in the order of the table.
    pub fn states_never_reached(&self) -> Vec<&str> {
        let missing = (0..self.table.len()).filter(|state| !self.states.contains(state));
        missing.map(|state| self.table.name_at(state)).collect()
    }

    /// Returns whether every edge was taken, and every state reached.
    pub fn is_complete(&self) -> bool {
        self.edges.len() == self.table.edges_at().count() && self.states.len() == self.table.len()
    }
}

impl Display for Coverage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (edges, states) = (self.table.edges_at().count(), self.table.len());
        let name = self.table.name();
        write!(
            out,
            "{name}: {} of {edges} edges, {} of {states} states",
            self.edges.len(),
            self.states.len()
        )?;
        let edges = self.edges_never_taken();
        let edges = edges.iter().map(|(from, to)| format!("`{from}` to `{to}`"));
        write_missing(out, "never taken", edges)?;
        write_missing(
            out,
            "never reached",
            self.states_never_reached().iter().map(|state| format!("`{state}`")),
        )
    }
}

fn write_missing(
    out: &mut fmt::Formatter<'_>,
    what: &str,
    mut missing: impl Iterator<Item = String>,
) -> fmt::Result {
    let Some(first) = missing.next() else {
        return Ok(());
    };
    write!(out, "; {what}: {first}")?;
    missing.try_for_each(|more| write!(out, ", {more}"))
}
