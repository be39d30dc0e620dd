//! What the code of `#[derive(State)]` refers to; not for people.

pub use std::sync::LazyLock;

pub use super::derived::State;
pub use super::table::Table;

/// A table that is made on first use.
pub type LazyTable = LazyLock<Table>;

/// Makes a table of a graph that the derive has checked.
pub fn declared(name: &str, initial: usize, states: &[(&str, &[usize])]) -> Table {
    let states = states.iter().map(|&(state, targets)| (state.into(), targets.to_vec())).collect();
    Table::checked(name.into(), initial, states)
}
