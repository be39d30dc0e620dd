//! The machine against the plainest model: a state and a set of edges.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;

use crate::state::{Coverage, Fed, Protocol, ProtocolMode, StateMachine, StateName, Table};

#[derive(Debug, Clone)]
struct Drawing {
    states: usize,
    edges: BTreeSet<(usize, usize)>,
}

impl Drawing {
    fn table(&self) -> Table {
        let table = Table::builder("drawing").initial(name(0));
        let edges = self.edges.iter().map(|&(from, to)| (name(from), name(to)));
        edges
            .fold(table, |table, (from, to)| table.edge(from, to))
            .build()
            .expect("the drawing is connected")
    }
}

fn name(state: usize) -> String {
    format!("s{state}")
}

/// A tree reaches every state; the rest of the edges is free.
fn drawings() -> impl Strategy<Value = Drawing> {
    (1_usize..8).prop_flat_map(|states| {
        let parents: Vec<_> = (1..states).map(|child| 0..child).collect();
        let free = prop::collection::btree_set((0..states, 0..states), 0..12);
        (parents, free).prop_map(move |(parents, mut edges)| {
            edges
                .extend(parents.into_iter().enumerate().map(|(child, parent)| (parent, child + 1)));
            Drawing { states, edges }
        })
    })
}

proptest! {
    #[test]
    fn a_machine_does_what_its_drawing_says(
        drawing in drawings(),
        targets in prop::collection::vec(0_usize..9, 0..60),
    ) {
        let machine = StateMachine::with_table("model", &drawing.table());
        let (mut state, mut made) = (0, 0);
        for target in targets {
            let legal = drawing.edges.contains(&(state, target));
            let outcome = machine.transition(name(target));
            prop_assert_eq!(outcome.is_ok(), legal, "{:?}", outcome);
            if legal {
                state = target;
                made += 1;
            }
            prop_assert_eq!(machine.state(), StateName::from(name(state)));
            prop_assert_eq!(machine.transitions(), made);
            let ends = drawing.edges.iter().all(|&(from, to)| from != state || to == state);
            prop_assert_eq!(machine.is_terminal(), ends);
        }
    }

    #[test]
    fn a_move_from_an_expected_state_is_made_in_that_state_only(
        drawing in drawings(),
        attempts in prop::collection::vec((0_usize..8, 0_usize..9), 0..60),
    ) {
        let machine = StateMachine::with_table("model", &drawing.table());
        let mut state = 0;
        for (expected, target) in attempts {
            let legal = expected == state && drawing.edges.contains(&(state, target));
            let outcome = machine.transition_from(name(expected), name(target));
            prop_assert_eq!(outcome.is_ok(), legal, "{:?}", outcome);
            if legal {
                state = target;
            }
            prop_assert_eq!(machine.state(), StateName::from(name(state)));
        }
    }

    #[test]
    fn paths_are_shortest_and_legal(drawing in drawings()) {
        let table = drawing.table();
        // Bellman-Ford: the model of a shortest way.
        let mut steps = vec![usize::MAX; drawing.states];
        steps[0] = 0;
        for _ in 0..drawing.states {
            for &(from, to) in &drawing.edges {
                steps[to] = steps[to].min(steps[from].saturating_add(1));
            }
        }
        for (state, &steps) in steps.iter().enumerate() {
            let path = table.path_to(&name(state)).unwrap();
            prop_assert_eq!(path.len(), steps + 1);
            prop_assert_eq!(*path.last().unwrap(), name(state));
            prop_assert!(path.windows(2).all(|edge| table.allows(edge[0], edge[1])), "{:?}", path);
        }
        prop_assert_eq!(table.paths().len(), drawing.states);
    }

    #[test]
    fn walking_the_edge_paths_covers_everything(drawing in drawings()) {
        let table = drawing.table();
        let mut coverage = Coverage::new(&table);
        for path in table.edge_paths() {
            let machine = StateMachine::with_table("walk", &table);
            for state in &path[1..] {
                coverage.record(&machine.transition(*state).unwrap());
            }
        }
        prop_assert!(coverage.is_complete(), "{}", coverage);
    }

    #[test]
    fn a_monitor_reports_exactly_the_steps_that_are_no_edges(
        drawing in drawings(),
        steps in prop::collection::vec((0_u8..3, 0_usize..8), 0..60),
    ) {
        let mut monitor = Protocol::with_table(&drawing.table(), ProtocolMode::Monitor);
        let mut states = [None; 3];
        let mut breaks = 0;
        for (entity, target) in steps {
            let target = target % drawing.states;
            let before = &mut states[usize::from(entity)];
            let edge = drawing.edges.contains(&(before.unwrap_or(0), target));
            let enters = before.is_none() && target == 0 && !edge;
            let outcome = monitor.feed(&entity, name(target), Duration::ZERO);
            prop_assert_eq!(outcome.is_ok(), edge || enters, "{:?}", outcome);
            prop_assert_eq!(matches!(outcome, Ok(Fed::Entered)), enters);
            breaks += u64::from(!edge && !enters);
            *before = Some(target);
            prop_assert_eq!(monitor.state(&entity), Some(StateName::from(name(target))));
        }
        prop_assert_eq!(monitor.violation_count(), breaks);
    }
}
