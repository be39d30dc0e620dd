//! What a machine and its coverage answer when they are asked.

use std::sync::Arc;
use std::time::Duration;

use tidings_core::state::{Coverage, StateMachine, StateName, Table};
use tidings_core::{Clock, ManualClock, Timestamp};

/// Three states, the middle one first, in a triangle.
fn triangle() -> Table {
    let table = Table::builder("triangle").initial("b");
    let table = table.edge("b", "c").edge("c", "a").edge("a", "b").edge("c", "b");
    table.build().expect("a good table")
}

#[test]
fn a_machine_begins_in_the_initial_state_wherever_it_stands_in_the_table() {
    let table = Table::builder("two").edge("a", "b").edge("b", "a").initial("b").build();
    let machine = StateMachine::with_table("m", &table.expect("a good table"));
    assert_eq!(machine.state(), "b");
}

#[test]
fn the_name_of_a_state_is_equal_to_its_text_and_to_no_other() {
    let name = StateName::from("idle".to_owned());
    assert!(name == "idle" && name != "done");
    assert!(name == *"idle" && name != *"done");
}

#[test]
fn coverage_is_complete_with_the_last_edge_and_not_with_the_last_state() {
    let table = triangle();
    let (machine, mut coverage) = (StateMachine::with_table("m", &table), Coverage::new(&table));
    for target in ["c", "a", "b", "c"] {
        coverage.record(&machine.transition(target).expect("an edge"));
        assert!(!coverage.is_complete(), "{coverage}");
    }
    assert_eq!(coverage.states_never_reached(), [""; 0]);
    coverage.record(&machine.transition("b").expect("an edge"));
    assert!(coverage.is_complete(), "{coverage}");
}

#[test]
fn a_machine_says_how_long_it_has_been_in_its_state() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_nanos(0)));
    let read = Arc::clone(&clock);
    let builder = StateMachine::<StateName>::builder_with_table("m", &triangle());
    let machine = builder.clock(Arc::new(move || read.elapsed())).build().expect("a good machine");
    clock.advance(Duration::from_secs(3));
    assert_eq!(machine.time_in_state(), Duration::from_secs(3));
    machine.transition("c").expect("an edge");
    assert_eq!(machine.time_in_state(), Duration::ZERO);
    clock.advance(Duration::from_secs(4));
    assert_eq!(machine.time_in_state(), Duration::from_secs(4));
}
