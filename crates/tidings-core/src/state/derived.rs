//! What stands for a state: an enum's variant, or a name known only at run time.

use std::fmt::{self, Debug, Display};
use std::sync::Arc;

use super::table::Table;

/// A state known at compile time: a variant of an enum with `#[derive(State)]`.
///
/// Derive it. A hand-written impl must keep the three in step: `STATES[i].index() == i`,
/// and [`table`](Self::table) has exactly these states, by name, in this order.
///
/// | attribute | on | meaning |
/// |---|---|---|
/// | `#[state(initial)]` | exactly one variant | where a machine begins |
/// | `#[to(Running, Skipped)]` | variant | the states that may follow; itself only if listed |
/// | `#[terminal]` | variant | nothing else follows |
/// | `#[state(name = "…")]` | variant, enum | the name, instead of the identifier in snake case |
/// | `#[state(crate = "…")]` | enum | where Tidings is, instead of `::tidings` |
///
/// Compile errors, with the names: no or two initial states, states that cannot be reached,
/// dead ends not marked terminal, terminals with exits, edges listed twice, targets that
/// are no state, variants with fields.
///
/// # Examples
/// ```
/// use tidings_core::state::State;
/// use tidings_derive::State;
///
/// #[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
/// #[state(crate = "tidings_core")]
/// enum Door {
///     #[state(initial)]
///     #[to(Open)]
///     Shut,
///     #[to(Shut)]
///     Open,
/// }
/// assert_eq!(Door::initial(), Door::Shut);
/// assert_eq!(Door::Open.name(), "open");
/// assert_eq!(Door::Open.targets(), [Door::Shut]);
/// ```
pub trait State: Copy + Eq + Debug + Send + Sync + 'static {
    /// All states, in the order of the table.
    const STATES: &'static [Self];

    /// Returns the table of these states.
    fn table() -> &'static Table;

    /// Returns the place of this state in [`STATES`](Self::STATES).
    fn index(self) -> usize;

    /// Returns the name of this state.
    fn name(self) -> &'static str;

    /// Returns the state at a place.
    fn from_index(index: usize) -> Option<Self> {
        Self::STATES.get(index).copied()
    }

    /// Returns the state where a machine begins.
    fn initial() -> Self {
        Self::at(Self::table(), Self::table().initial_at())
    }

    /// Returns the states that may follow this one.
    fn targets(self) -> Vec<Self> {
        typed(Self::table().targets_at(self.index()))
    }

    /// Returns whether no other state can follow this one.
    fn is_terminal(self) -> bool {
        Self::table().is_terminal_at(self.index())
    }

    /// Returns a shortest way from the initial state to this one, both included.
    fn path(self) -> Vec<Self> {
        let way = Self::table().way_to(self.index());
        typed(&way.expect("the states of a valid table are reachable"))
    }

    /// Returns [`path`](Self::path) of each state: a test that walks them sees every state.
    fn paths() -> Vec<Vec<Self>> {
        Self::STATES.iter().map(|state| state.path()).collect()
    }

    /// Returns walks from the initial state that together take every edge.
    fn edge_paths() -> Vec<Vec<Self>> {
        Self::table().edge_ways().iter().map(|way| typed(way)).collect()
    }
}

fn typed<S: State>(places: &[usize]) -> Vec<S> {
    places.iter().map(|&place| S::at(S::table(), place)).collect()
}

/// What a machine's states are made of: any [`State`], or [`StateName`].
///
/// Sealed: implement [`State`] instead.
pub trait Label: Clone + Eq + Debug + Send + Sync + sealed::Sealed + 'static {
    /// Returns the name of the state.
    fn label(&self) -> &str;

    /// Returns the place of the state in `table`, if it is one of its states.
    fn place(&self, table: &Table) -> Option<usize>;

    /// Returns the state at a place of `table`.
    ///
    /// # Panics
    /// If the table has no such place.
    fn at(table: &Table, place: usize) -> Self;
}

impl<S: State> Label for S {
    fn label(&self) -> &str {
        (*self).name()
    }

    fn place(&self, _table: &Table) -> Option<usize> {
        Some(self.index())
    }

    fn at(_table: &Table, place: usize) -> Self {
        Self::from_index(place).expect("a state's table has as many states as the enum")
    }
}

/// The name of a state of a run-time table.
///
/// A name that the table does not know is never allowed, in any state.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateName(Arc<str>);

impl StateName {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Label for StateName {
    fn label(&self) -> &str {
        self.as_str()
    }

    fn place(&self, table: &Table) -> Option<usize> {
        table.place_of(self.as_str())
    }

    fn at(table: &Table, place: usize) -> Self {
        Self(Arc::clone(table.shared_name_at(place)))
    }
}

impl From<&str> for StateName {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl From<String> for StateName {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl PartialEq<str> for StateName {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for StateName {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl Debug for StateName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        Debug::fmt(self.as_str(), out)
    }
}

impl Display for StateName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

mod sealed {
    //! Keeps `Label` to the two kinds of states there are.

    /// Implemented by every [`Label`](super::Label).
    #[expect(unnameable_types, reason = "a name is what would let others implement it")]
    pub trait Sealed {}
    impl<S: super::State> Sealed for S {}
    impl Sealed for super::StateName {}
}
