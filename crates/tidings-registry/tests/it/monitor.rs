//! A state machine for each entity, as an observer.

use std::sync::Arc;

use tidings_core::state::{ProtocolMode, StateName, Table};
use tidings_core::{Entity, EventType};
use tidings_registry::{Bus, Monitor};

fn monitor(mode: ProtocolMode) -> Arc<Monitor<StateName>> {
    let table = Table::builder("case").initial("idle").edge("idle", "running");
    let table = table.edge("running", "done").build().expect("a good table");
    let monitor = Monitor::with_table(&table, mode)
        .on(EventType::from_static("case.started"), "running")
        .on(EventType::from_static("case.done"), "done");
    Arc::new(monitor)
}

/// Emits these, each about its entity, and says how many the monitor failed at.
fn failures(bus: &Bus, events: &[(&str, &str)]) -> u32 {
    let emit = |(id, name): &(&str, &str)| {
        bus.raw_emitter("case", id).emit(name, serde_json::json!({})).expect("a good name")
    };
    events.iter().map(|event| emit(event).failed()).sum()
}

#[test]
fn what_is_not_in_a_terminal_state_is_unfinished_in_the_state_it_is_in() {
    let (bus, monitor) = (Bus::new(), monitor(ProtocolMode::Monitor));
    let _watching = bus.subscribe(Arc::clone(&monitor));
    let events = [("a", "case.started"), ("b", "case.started"), ("a", "case.done")];
    assert_eq!(failures(&bus, &events), 0);
    let b = Entity::new("case", "b");
    assert_eq!(monitor.unfinished(), [(b.clone(), StateName::from("running"))]);
    assert_eq!(monitor.state(&Entity::new("case", "a")), Some(StateName::from("done")));
    assert_eq!(monitor.state(&Entity::new("case", "c")), None);
    assert_eq!((failures(&bus, &[("b", "case.done")]), monitor.violation_count()), (0, 0));
    assert_eq!(monitor.unfinished(), []);
}

#[test]
fn a_watched_entity_is_where_its_event_says_and_a_driven_one_stays() {
    for (mode, state, then) in
        [(ProtocolMode::Monitor, "done", 1), (ProtocolMode::Drive, "idle", 0)]
    {
        let (bus, monitor) = (Bus::new(), monitor(mode));
        let _watching = bus.subscribe(Arc::clone(&monitor));
        let entity = Entity::new("case", "a");
        assert_eq!(failures(&bus, &[("a", "case.done"), ("a", "case.other")]), 1);
        let known = monitor.state(&entity).unwrap_or_else(|| StateName::from("idle"));
        assert_eq!(known, StateName::from(state));
        assert_eq!(failures(&bus, &[("a", "case.started")]), then);
        assert_eq!(monitor.violation_count(), u64::from(1 + then));
        assert_eq!(monitor.violations().len(), 1 + then as usize);
    }
}
