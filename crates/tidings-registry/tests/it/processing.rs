//! Processors, and where attributes come from.

use tidings_core::{Attributes, ContentId, Entity, Receipt, Scope};
use tidings_registry::{Bus, Strictness, Verdict};

use crate::support::{PATIENCE, Work, diagnostics, note, record, step, types};

#[test]
fn processors_run_in_order_add_attributes_and_drop() {
    let bus = Bus::builder()
        .attribute("host", "bus")
        .processor(|event| {
            assert_eq!(event.attribute("host").and_then(|value| value.as_str()), Some("bus"));
            event.set_attribute("host", "first");
            let kind = event.entity().kind().to_owned();
            event.set_attribute("kind", kind);
            Verdict::Keep
        })
        .processor(|event| {
            assert_eq!(event.attribute("host").and_then(|value| value.as_str()), Some("first"));
            event.set_attribute("host", "second");
            match event.event::<Work>() {
                Some(Work::Note { text }) if text == "drop" => Verdict::Drop,
                _ => Verdict::Keep,
            }
        })
        .processor(|event| {
            let is_note = event.event_type() == "work.note";
            assert!(!is_note, "it was dropped before");
            Verdict::Keep
        })
        .build();
    let log = record(&bus);
    let emitter = bus.emitter("case", "t");
    assert_eq!(emitter.emit(note("drop")), Receipt::Filtered);
    assert_eq!(emitter.emit(step(1)).delivered(), 1);
    let attributes = log.all()[0].attributes().clone();
    assert_eq!(attributes.text("host"), Some("second"));
    assert_eq!(attributes.text("kind"), Some("case"));
    assert_eq!(bus.report().filtered, 1);
    assert_eq!(log.all()[0].id().sequence(), 0);
}

#[test]
fn a_processor_that_panics_is_told_and_the_event_goes_on() {
    let bus = Bus::builder()
        .processor(|_| Verdict::Keep)
        .processor(|event| {
            event.set_attribute("before", true);
            panic!("no")
        })
        .build();
    let (log, told) = (record(&bus), diagnostics(&bus));
    for number in 0..2 {
        assert_eq!(bus.emitter("case", "t").emit(step(number)).delivered(), 1);
    }
    assert_eq!(log.len(), 2);
    assert_eq!(types(&told), ["tidings.observer.failed"; 2]);
    let data = told.all()[0].data().expect("JSON").to_owned();
    assert!(
        data.contains(r#""observer":"processor#2""#) && data.contains("panicked: no"),
        "{data}"
    );
    assert_eq!(log.all()[0].attributes().get("before"), Some(&true.into()));
}

#[test]
fn an_emitter_wins_over_its_bus_and_a_scope_over_both() {
    let bus =
        Bus::builder().attribute("a", "bus").attribute("b", "bus").attribute("c", "bus").build();
    let log = record(&bus);
    let emitter = bus.emitter("case", "t").with("b", "emitter").with("c", "emitter");
    emitter.emit(step(1));
    let scope = Scope::new(Attributes::new().with("c", "scope"));
    {
        let _entered = scope.enter();
        emitter.emit(step(1));
    }
    emitter.emit(step(1));
    let seen: Vec<_> = log
        .all()
        .iter()
        .map(|envelope| {
            ["a", "b", "c"].map(|name| envelope.attributes().text(name).expect("set").to_owned())
        })
        .collect();
    let outside = ["bus", "emitter", "emitter"];
    assert_eq!(seen, [outside, ["bus", "emitter", "scope"], outside]);
    let ids: Vec<ContentId> =
        log.all().iter().map(|envelope| envelope.content_id().expect("JSON")).collect();
    let own = ContentId::of(&step(1), &Entity::new("case", "t")).expect("JSON");
    assert_eq!(ids, [own; 3], "attributes are no content");
}

#[test]
fn a_scope_is_captured_here_and_entered_in_another_thread() {
    let bus = Bus::new();
    let log = record(&bus);
    let emitter = bus.emitter("case", "t");
    let _outer = Scope::new(Attributes::new().with("case", "t1")).enter();
    let captured = Scope::capture();
    std::thread::scope(|scope| {
        let emitter = &emitter;
        scope.spawn(move || {
            emitter.emit(step(1));
            let _entered = captured.enter();
            emitter.emit(step(2));
        });
    });
    emitter.emit(step(3));
    let seen: Vec<_> = log
        .all()
        .iter()
        .map(|envelope| envelope.attributes().text("case").map(str::to_owned))
        .collect();
    assert_eq!(seen, [None, Some("t1".to_owned()), Some("t1".to_owned())]);
}

#[test]
fn an_observer_emits_in_the_scope_of_its_thread() {
    let bus = Bus::new();
    let emitter = bus.emitter("case", "t");
    let inner = emitter.clone();
    bus.observe("work.step", move |_| {
        inner.emit(note("caused"));
    })
    .expect("a good prefix")
    .detach();
    let log = record(&bus);
    let _scope = Scope::new(Attributes::new().with("case", "t1")).enter();
    emitter.emit(step(1));
    let seen = log.all();
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|envelope| envelope.attributes().text("case") == Some("t1")));
}

#[test]
fn a_processor_that_panics_makes_the_report_incomplete_and_a_strict_close_fail() {
    let bus = Bus::builder()
        .strictness(Strictness::Strict)
        .processor(|_| panic!("no attributes today"))
        .build();
    let all = record(&bus);
    bus.emitter::<Work>("case", "t").emit(step(1));
    assert_eq!(all.all().len(), 1, "the event is worth more than its decoration");
    let fault = bus.close(PATIENCE).expect_err("something went wrong");
    assert_eq!(fault.report().processor_failures, 1);
    assert!(fault.to_string().contains("1 times a processor panicked"), "{fault}");
}

#[test]
fn a_strict_close_says_that_events_were_cut_off() {
    let bus = Bus::builder().strictness(Strictness::Strict).chain_max(3).build();
    let emitter = bus.emitter::<Work>("case", "t");
    let again = emitter.clone();
    let _endless = bus.on(move |event: &Work, _| {
        again.emit(event.clone());
    });
    emitter.emit(step(1));
    let fault = bus.close(PATIENCE).expect_err("a chain was cut off").to_string();
    assert!(fault.contains("1 events were cut off"), "{fault}");
    assert!(bus.report().to_string().starts_with("incomplete, 1 cut off"), "{}", bus.report());
}
