//! Emitters: what they build, what they derive, and what their events carry.

use std::cell::Cell;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use tidings_core::state::{StateMachine, StateName};
use tidings_core::{
    Emitter, Entity, EventType, RawEmitError, RawEmitter, RawJson, RawPayload, Receipt, Role,
};

use crate::support::{FakeBus, Lab, Work, done, started};

fn entity() -> Entity {
    Entity::new("suite", "a")
}

/// Emits lazily, and says what came of it and how often the event was built.
fn lazily(emitter: &Emitter<Work>, event_type: EventType) -> (Receipt, u32) {
    let built = Cell::new(0);
    let receipt = emitter.emit_with(event_type, || {
        built.set(built.get() + 1);
        started("boot")
    });
    (receipt, built.get())
}

#[test]
fn an_event_that_nobody_hears_is_never_built() {
    let bus = FakeBus::new();
    let emitter = bus.emitter::<Work>(&entity());
    bus.with(|state| state.unheard = vec![Work::STARTED]);
    assert_eq!(lazily(&emitter, Work::STARTED), (Receipt::UNHEARD, 0));
    assert_eq!(lazily(&emitter, Work::STARTED), (Receipt::UNHEARD, 0), "remembered");
    assert_eq!(emitter.emit(started("boot")), Receipt::UNHEARD);
    bus.with(|state| state.unheard.clear());
    let (receipt, built) = lazily(&emitter, Work::STARTED);
    assert_eq!((receipt.delivered(), built), (1, 1), "heard again at once");
    assert_eq!(bus.envelopes().len(), 1);
}

#[test]
fn a_closed_bus_builds_nothing() {
    let bus = FakeBus::new();
    let emitter = bus.emitter::<Work>(&entity());
    bus.with(|state| state.closed = true);
    assert_eq!(lazily(&emitter, Work::STARTED), (Receipt::Closed, 0));
    assert_eq!(emitter.emit(started("boot")), Receipt::Closed);
    assert!(bus.envelopes().is_empty());
}

#[test]
fn what_was_built_is_routed_by_its_own_type() {
    let bus = FakeBus::new();
    let emitter = bus.emitter::<Work>(&entity());
    bus.with(|state| state.unheard = vec![Work::STARTED]);
    assert_eq!(lazily(&emitter, Work::DONE), (Receipt::UNHEARD, 1));
    assert_eq!(lazily(&emitter, Lab::OPENED), (Receipt::UNHEARD, 1));
    assert!(bus.envelopes().is_empty());
}

#[test]
fn a_child_speaks_for_the_entity_below_and_keeps_the_attributes() {
    let bus = FakeBus::new();
    let emitter = bus.emitter::<Work>(&entity()).with("level", "emitter").with("attempt", 2);
    let child = emitter.child("case", "t1");
    child.emit(started("boot"));
    emitter.emit(started("boot"));
    let events = bus.envelopes();
    assert_eq!(events[0].entity(), &entity().child("case", "t1"));
    assert_eq!(events[1].entity(), &entity());
    for event in &events {
        assert_eq!(event.attributes().text("level"), Some("emitter"));
        assert_eq!(event.attributes().get("bus"), Some(&1.into()));
        assert_eq!(event.attributes().get("attempt"), Some(&2.into()));
    }
}

#[test]
fn a_cast_emitter_says_other_events_of_the_same_entity() {
    let bus = FakeBus::new();
    let lab: Emitter<Lab> = bus.emitter::<Work>(&entity()).with("n", 1).cast();
    lab.emit(Lab::Opened);
    lab.emit(Lab::Work(done("boot", 0.5)));
    let events = bus.envelopes();
    assert_eq!(*events[0].event_type(), Lab::OPENED);
    assert_eq!(*events[1].event_type(), Work::DONE);
    assert_eq!(events[1].attributes().get("n"), Some(&1.into()));
    let inner = events[1].event::<Work>().expect("fits").expect("embedded");
    assert_eq!(*inner, done("boot", 0.5));
}

#[test]
fn an_emitted_event_has_the_id_that_its_emitter_foretold() {
    let bus = FakeBus::new();
    let emitter = bus.emitter::<Work>(&entity()).child("case", "t1").with("n", 1);
    let foretold = emitter.content_id(&done("boot", 0.5)).expect("a JSON form");
    emitter.emit(done("boot", 7.0));
    assert_eq!(bus.envelopes()[0].content_id(), Ok(foretold));
}

#[test]
fn every_derived_emitter_is_a_source_of_its_own_and_a_clone_is_not() {
    let bus = FakeBus::new();
    let emitter = bus.emitter::<Work>(&entity());
    let copy = emitter.clone();
    for source in [&emitter, &copy, &emitter.child("case", "t1"), &emitter.with("a", 1)] {
        source.emit(started("boot"));
    }
    emitter.cast::<Lab>().emit(Lab::Opened);
    let keys = bus.with(|state| state.keys.clone());
    assert_eq!(keys[0], keys[1]);
    for (place, key) in keys.iter().enumerate().skip(2) {
        assert!(!keys[..place].contains(key), "{keys:?}");
    }
}

#[test]
fn a_raw_emitter_says_what_it_is_told_and_refuses_what_is_no_event() {
    let bus = FakeBus::new();
    let emitter = RawEmitter::new(bus.dispatch(), entity()).child("case", "t1").with("n", 1);
    let text = r#"{ "big": 123456789012345678901234567890, "rate": 1.50 }"#;
    emitter.emit_text("foreign.seen", text).expect("good");
    emitter.emit("foreign.seen", serde_json::json!({"b": 1, "a": 2.0})).expect("good");
    let payload = RawPayload::new(RawJson::null()).with_role(Role::Begin);
    emitter.emit_as(&EventType::foreign("Some.Type").expect("printable"), payload);
    let events = bus.envelopes();
    assert_eq!(events[0].data(), Ok(text));
    assert_eq!(events[1].data(), Ok(r#"{"a":2,"b":1}"#));
    assert_eq!((events[2].role(), events[2].data()), (Role::Begin, Ok("null")));
    assert_eq!(events[2].entity(), &entity().child("case", "t1"));

    let name = emitter.emit("Not.a.type", RawJson::null()).expect_err("capitals");
    assert!(matches!(name, RawEmitError::Name(_)), "{name}");
    let reserved = emitter.emit("tidings.sink.held", RawJson::null()).expect_err("reserved");
    assert!(reserved.to_string().contains("reserved"), "{reserved}");
    let data = emitter.emit_text("foreign.seen", "{").expect_err("no JSON");
    assert!(matches!(data, RawEmitError::Data(_)), "{data}");
    assert_eq!(bus.envelopes().len(), 3, "what was refused was not emitted");
}

#[test]
fn emitters_go_to_other_threads_and_into_whatever_catches_panics() {
    fn anywhere<T: Send + Sync + UnwindSafe + RefUnwindSafe + 'static>() {}
    fn shared<T: Send + Sync + 'static>() {}
    anywhere::<Emitter<Work>>();
    anywhere::<Emitter<Cell<u8>>>();
    anywhere::<RawEmitter>();
    shared::<Arc<tidings_core::Envelope>>();
    shared::<tidings_core::Scope>();
    shared::<StateMachine<StateName>>();
}

#[test]
fn an_event_is_seen_as_every_type_that_has_its_name_live_as_after_replay() {
    let bus = FakeBus::new();
    bus.emitter::<Work>(&entity()).emit(done("boot", 0.1 + 0.2));
    bus.emitter::<Lab>(&entity()).emit(Lab::Work(started("boot")));
    for live in bus.envelopes() {
        let replayed = crate::support::received(&crate::support::line(&*live)).envelope;
        for envelope in [&live, &replayed] {
            let work = envelope.event::<Work>().expect("fits").expect("one of its types");
            let lab = envelope.event::<Lab>().expect("fits").expect("one of its types");
            assert_eq!(*lab, Lab::Work(Work::clone(&work)));
        }
    }
    bus.emitter::<Lab>(&entity()).emit(Lab::Opened);
    let opened = Arc::clone(bus.envelopes().last().expect("emitted"));
    assert!(opened.event::<Work>().expect("no fault").is_none());
}
