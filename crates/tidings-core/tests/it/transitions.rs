//! A state change and its event: both, or neither.

use tidings_core::Entity;
use tidings_core::emitter::EmitTransitionError;
use tidings_core::state::{StateMachine, StateName, Table};

use crate::support::{FakeBus, Work, started};

fn machine() -> StateMachine<StateName> {
    let table = Table::builder("case")
        .initial("idle")
        .edge("idle", "running")
        .edge("running", "done")
        .build()
        .expect("a sound table");
    StateMachine::with_table("case#17", &table)
}

#[test]
fn a_transition_brings_its_event() {
    let (bus, machine) = (FakeBus::new(), machine());
    let emitter = bus.emitter::<Work>(&Entity::new("case", "t1"));
    let (made, receipt) =
        emitter.transition(&machine, "running", started("boot")).expect("allowed");
    assert_eq!(
        (made.to_string().as_str(), receipt.delivered()),
        ("case#17: `idle` to `running` (#1)", 1)
    );
    emitter.transition(&machine, "done", Work::Idle).expect("allowed");
    let types: Vec<_> = bus.envelopes().iter().map(|event| event.event_type().clone()).collect();
    assert_eq!(types, [Work::STARTED, Work::IDLE]);
    assert_eq!(bus.with(|state| state.streams()), 1, "a machine has one lane");
}

#[test]
fn an_illegal_transition_emits_nothing() {
    let (bus, machine) = (FakeBus::new(), machine());
    let emitter = bus.emitter::<Work>(&Entity::new("case", "t1"));
    let refused = emitter.transition(&machine, "done", started("boot")).expect_err("illegal");
    assert!(matches!(refused, EmitTransitionError::Illegal(_)), "{refused}");
    assert_eq!(
        refused.to_string(),
        "case#17: `done` is not allowed in `idle` (allowed: `running`)"
    );
    assert_eq!(machine.state(), "idle");
    assert!(bus.envelopes().is_empty());
}

#[test]
fn on_a_closed_bus_nothing_changes() {
    let (bus, machine) = (FakeBus::new(), machine());
    let emitter = bus.emitter::<Work>(&Entity::new("case", "t1"));
    bus.with(|state| state.closed = true);
    let refused = emitter.transition(&machine, "running", started("boot")).expect_err("closed");
    assert_eq!(refused.to_string(), "the bus is closed; `case#17` stays as it is");
    assert_eq!((machine.state().to_string().as_str(), machine.transitions()), ("idle", 0));
    assert!(bus.envelopes().is_empty());
}

#[test]
fn a_transition_is_made_whether_or_not_its_event_is_heard() {
    let (bus, machine) = (FakeBus::new(), machine());
    let emitter = bus.emitter::<Work>(&Entity::new("case", "t1"));
    bus.with(|state| state.unheard = vec![Work::STARTED]);
    let (_made, receipt) =
        emitter.transition(&machine, "running", started("boot")).expect("allowed");
    assert_eq!(receipt, tidings_core::Receipt::UNHEARD);
    assert_eq!(machine.state(), "running");
}
