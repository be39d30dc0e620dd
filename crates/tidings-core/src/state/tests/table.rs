//! Tables made at run time, the ways through them, and their coverage.

use super::fixture::{Case, lights};
use crate::state::{Coverage, STATES_MAX, State, StateMachine, Table, TableFault};

#[test]
fn a_table_tells_what_it_was_told() {
    let table = lights();
    assert_eq!((table.name(), table.initial()), ("lights", "red"));
    assert_eq!(table.states().collect::<Vec<_>>(), ["red", "green", "yellow", "off"]);
    assert_eq!(table.targets("yellow"), ["yellow", "red"]);
    assert_eq!(table.edges().count(), 5);
    assert!(
        table.allows("red", "off") && !table.allows("off", "red") && !table.allows("red", "blue")
    );
    assert!(table.contains("off") && !table.contains("blue"));
    assert!(table.targets("blue").is_empty());
}

#[test]
fn a_state_without_targets_is_terminal_and_needs_no_mark() {
    let table = lights();
    assert!(table.is_terminal("off"));
    assert!(
        !table.is_terminal("red") && !table.is_terminal("yellow") && !table.is_terminal("blue")
    );
}

#[test]
fn a_state_that_can_only_repeat_itself_is_terminal() {
    let table = Table::builder("t")
        .initial("a")
        .edge("a", "b")
        .edge("b", "b")
        .terminal("b")
        .build()
        .unwrap();
    assert!(table.is_terminal("b"));
}

#[test]
fn one_state_is_a_table() {
    let table = Table::builder("rock").initial("lying").build().unwrap();
    assert!(table.is_terminal("lying"));
    assert_eq!(table.paths(), [["lying"]]);
    assert!(table.edge_paths().is_empty() && Coverage::new(&table).is_complete());
}

#[test]
fn every_fault_is_named_at_once() {
    let error = Table::builder("case")
        .initial("idle")
        .initial("ready")
        .edge("idle", "done")
        .edge("idle", "done")
        .edge("done", "idle")
        .terminal("done")
        .build()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "state table `case` is not valid: `ready` is a second initial state, `idle` is marked already; \
         `idle` goes to `done` twice; `done` is terminal and goes to `idle`"
    );
    assert_eq!((error.table(), error.faults().len()), ("case", 3));
}

#[test]
fn states_that_cannot_be_reached_are_all_named() {
    let error =
        Table::builder("case").initial("idle").edge("lost", "found").edge("found", "lost").build();
    assert_eq!(
        error.unwrap_err().to_string(),
        "state table `case` is not valid: `lost` cannot be reached from the initial state; \
         `found` cannot be reached from the initial state"
    );
}

#[test]
fn a_table_without_a_beginning_is_refused() {
    let error = Table::builder("case").edge("idle", "done").build().unwrap_err();
    assert_eq!(error.faults(), [TableFault::NoInitial]);
    assert_eq!(Table::builder("").build().unwrap_err().faults(), [TableFault::NoInitial]);
}

#[test]
fn listed_states_catch_a_typing_error() {
    let error = Table::builder("case")
        .states(["idle", "running", "done", "done"])
        .initial("idle")
        .edge("idle", "runing")
        .edge("idle", "runing")
        .edge("running", "done")
        .build()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "state table `case` is not valid: `done` is listed twice; `runing` is not a listed state"
    );
}

#[test]
fn blank_names_and_too_many_states_are_refused() {
    let error = Table::builder("case").initial(" ").build().unwrap_err();
    assert_eq!(error.faults(), [TableFault::BlankName]);
    let wide = |states: usize| {
        let table = Table::builder("wide").initial("0");
        (1..states).fold(table, |table, state| table.edge("0", state.to_string())).build()
    };
    assert!(wide(STATES_MAX).is_ok());
    assert_eq!(
        wide(STATES_MAX + 1).unwrap_err().to_string(),
        "state table `wide` is not valid: it has 4097 states, at most 4096 are allowed"
    );
}

#[test]
fn the_shortest_way_to_each_state_is_known() {
    let table = lights();
    assert_eq!(table.path_to("yellow"), Some(vec!["red", "green", "yellow"]));
    assert_eq!(table.path_to("red"), Some(vec!["red"]));
    assert_eq!(table.path_to("blue"), None);
    assert_eq!(table.paths().len(), 4);
}

#[test]
fn edge_paths_take_every_edge() {
    assert_eq!(lights().edge_paths(), [vec!["red", "green", "yellow", "yellow", "red", "off"]]);
    let walks: Vec<_> = Case::edge_paths();
    assert_eq!(
        walks,
        [
            vec![Case::Idle, Case::Started, Case::Started, Case::Finished],
            vec![Case::Idle, Case::Skipped],
            vec![Case::Idle, Case::Started, Case::TimedOut],
        ]
    );
}

#[test]
fn coverage_lists_what_never_came_up() {
    let mut coverage = Coverage::new(Case::table());
    let machine = StateMachine::<Case>::new("case#17");
    assert!(coverage.record(&machine.transition(Case::Started).unwrap()));
    assert!(coverage.record(&machine.transition(Case::Finished).unwrap()));
    assert_eq!(
        coverage.edges_never_taken(),
        [("idle", "skipped"), ("started", "started"), ("started", "timeout")]
    );
    assert_eq!(coverage.states_never_reached(), ["skipped", "timeout"]);
    assert!(!coverage.is_complete());
    assert_eq!(
        coverage.to_string(),
        "case: 2 of 5 edges, 3 of 5 states; never taken: `idle` to `skipped`, `started` to `started`, \
         `started` to `timeout`; never reached: `skipped`, `timeout`"
    );
}

#[test]
fn a_transition_of_another_table_covers_nothing() {
    let mut coverage = Coverage::new(&lights());
    let machine = StateMachine::<Case>::new("case#17");
    assert!(!coverage.record(&machine.transition(Case::Started).unwrap()));
    assert_eq!(coverage.to_string().split(';').next(), Some("lights: 0 of 5 edges, 1 of 4 states"));
}
