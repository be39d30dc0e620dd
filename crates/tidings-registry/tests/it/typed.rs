//! Typed observers, transparent events and events known by name alone.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tidings_core::{Envelope, EventType, RawEmitError, Receipt};
use tidings_derive::Event;
use tidings_registry::{Bus, ObserverError};

use crate::support::{Log, Work, diagnostics, note, observer, record, step, types};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "outer", crate = "tidings_core")]
enum Outer {
    Own {
        n: u32,
    },
    #[event(transparent)]
    Inner(Work),
}

fn typed(bus: &Bus) -> Log<Work> {
    let log = Log::new();
    let kept = log.clone();
    bus.on(move |event: &Work, _: &Arc<Envelope>| kept.push(event.clone())).detach();
    log
}

#[test]
fn a_typed_observer_hears_its_events_wherever_they_are_embedded() {
    let bus = Bus::new();
    let (inner, all) = (typed(&bus), record(&bus));
    let outer = Log::new();
    let kept = outer.clone();
    bus.on(move |event: &Outer, _| kept.push(event.clone())).detach();
    let emitter = bus.emitter::<Outer>("case", "t");
    emitter.emit(Outer::Own { n: 1 });
    emitter.emit(Outer::Inner(step(2)));
    emitter.cast::<Work>().emit(note("direct"));
    assert_eq!(inner.all(), [step(2), note("direct")]);
    // As it would be from a journal, where nobody can tell who emitted it.
    assert_eq!(
        outer.all(),
        [Outer::Own { n: 1 }, Outer::Inner(step(2)), Outer::Inner(note("direct"))]
    );
    assert_eq!(types(&all), ["outer.own", "work.step", "work.note"]);
}

#[test]
fn events_from_elsewhere_are_decoded_for_typed_observers() {
    let bus = Bus::new();
    let inner = typed(&bus);
    let raw = bus.raw_emitter("case", "t");
    let data = serde_json::json!({"thread": 0, "number": 7});
    assert_eq!(raw.emit("work.step", data), Ok(Receipt::Dispatched(one_delivered())));
    let text = raw.emit_text("work.note", r#"{ "text" : "hi", "more": 1 }"#);
    assert_eq!(text.expect("good JSON").delivered(), 1);
    assert_eq!(inner.all(), [step(7), note("hi")]);
}

fn one_delivered() -> tidings_core::Tally {
    tidings_core::Tally::new(1, 0, 0, 0)
}

#[test]
fn data_that_does_not_fit_is_a_contained_failure_that_is_told() {
    let bus = Bus::new();
    let (inner, told, all) = (typed(&bus), diagnostics(&bus), record(&bus));
    let raw = bus.raw_emitter("case", "t");
    let receipt = raw.emit("work.step", serde_json::json!({"number": "seven"})).expect("a name");
    assert_eq!((receipt.failed(), receipt.delivered()), (1, 1));
    assert_eq!((inner.len(), all.len()), (0, 1));
    let data = told.all()[0].data().expect("JSON").to_owned();
    assert!(data.contains("the data does not fit the event"), "{data}");
    let report = bus.report();
    assert_eq!(observer(&report, "on<Work>").counts.failed, 1);
}

#[test]
fn a_name_or_a_text_that_is_none_is_an_error_and_emits_nothing() {
    let bus = Bus::new();
    let log = record(&bus);
    let raw = bus.raw_emitter("case", "t");
    for name in ["", "A.b", "a..b", "a b", "tidings.own", "tidings"] {
        let error = raw.emit(name, serde_json::json!({})).expect_err(name);
        assert!(matches!(error, RawEmitError::Name(_)), "{name}: {error}");
    }
    let error = raw.emit_text("a.b", "{n: 1}").expect_err("no JSON");
    assert!(matches!(error, RawEmitError::Data(_)), "{error}");
    assert_eq!(log.len(), 0);
    let foreign = EventType::foreign("com.Acme.Built").expect("printable segments");
    assert_eq!(raw.emit_as(&foreign, serde_json::json!({})).delivered(), 1);
    assert_eq!(types(&log), ["com.Acme.Built"]);
}

#[test]
fn a_try_on_observer_may_fail() {
    let bus = Bus::new();
    let failing = bus.try_on(|event: &Work, _| match event {
        Work::Note { .. } => Err(ObserverError::rejected("no notes")),
        _ => Ok(()),
    });
    let emitter = bus.emitter("case", "t");
    assert_eq!(emitter.emit(step(1)).delivered(), 1);
    assert_eq!(emitter.emit(note("x")).failed(), 1);
    assert_eq!(failing.report().expect("open").counts.rejected, 1);
}

#[test]
fn republish_keeps_ids_times_run_and_node() {
    let (from, to) = (
        Bus::builder().run("run-7").node("a").attribute("x", 1).build(),
        Bus::builder().run("other").node("b").attribute("y", 2).build(),
    );
    let (sent, received) = (record(&from), record(&to));
    let own = to.emitter("case", "t");
    own.emit(step(0));
    from.emitter("case", "t").emit(step(1));
    let sent = &sent.all()[0];
    assert_eq!(to.republish(Arc::clone(sent)).delivered(), 1);
    let received = received.all();
    assert!(Arc::ptr_eq(sent, &received[1]), "the very same envelope");
    assert_eq!((received[1].run(), received[1].node()), ("run-7", "a"));
    own.emit(step(2));
    assert_eq!(received[0].id().sequence(), 0);
}

#[test]
fn a_master_hears_all_of_its_nodes_and_what_they_say_of_their_observers() {
    let master = Bus::builder().node("master").build();
    let node = |name| Bus::builder().run(master.run()).node(name).build();
    let nodes = [node("a"), node("b")];
    let heard = record(&master);
    let diagnostics = master.observe("tidings", |_| ()).expect("a prefix");
    let relays = nodes.each_ref().map(|node| node.relay_to(&master));
    let _failing = nodes[0].try_on::<Work>(|_, _| Err(ObserverError::failed("no room")));
    for node in &nodes {
        node.emitter("case", "t").emit(step(1));
    }
    let heard_nodes: Vec<_> = heard.all().iter().map(|it| it.node().to_owned()).collect();
    assert_eq!(heard_nodes, ["a", "b"]);
    assert_eq!(diagnostics.report().expect("open").counts.delivered, 1);
    let [relay, _other] = relays;
    relay.cancel();
    nodes[0].emitter("case", "t").emit(step(2));
    nodes[1].emitter("case", "t").emit(step(3));
    assert_eq!(heard.all().len(), 3, "a relay ends with its subscription");
}
