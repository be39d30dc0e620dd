//! Who hears what a bus has to say about its observers.

use tidings_registry::{Bus, ObserverDiagnostic, ObserverError};

use crate::support::{Log, Work, diagnostics, record, step, types};

fn with_a_failing_observer() -> Bus {
    let bus = Bus::new();
    bus.try_on(|_: &Work, _| Err(ObserverError::failed("no"))).detach();
    bus
}

#[test]
fn wildcards_and_everything_do_not_hear_diagnostics() {
    let bus = with_a_failing_observer();
    let log = record(&bus);
    for prefix in ["**", "*", "*.*.*", "**.failed", "*.observer.failed"] {
        let kept = log.clone();
        bus.observe(prefix, move |envelope| {
            if envelope.event_type() != "work.step" {
                kept.push(envelope.clone());
            }
        })
        .expect("a good prefix")
        .detach();
    }
    bus.emitter("case", "t").emit(step(1));
    assert_eq!(types(&log), ["work.step"]);
}

#[test]
fn whoever_names_them_hears_them_typed_too() {
    let bus = with_a_failing_observer();
    let (told, typed) = (diagnostics(&bus), Log::new());
    let kept = typed.clone();
    bus.on(move |event: &ObserverDiagnostic, _| kept.push(event.message())).detach();
    bus.emitter("case", "t").emit(step(1));
    assert_eq!(types(&told), ["tidings.observer.failed"]);
    assert_eq!(typed.all(), ["observer `on<Work>` failed: no"]);
    let told = &told.all()[0];
    assert_eq!(told.entity().to_string(), "observer/on<Work>");
}

#[test]
fn processors_and_dedup_leave_diagnostics_alone() {
    let dedup = tidings_registry::Dedup::by_content(10, std::time::Duration::from_mins(1));
    let bus = Bus::builder()
        .dedup(dedup)
        .processor(|event| {
            if event.event_type().is_reserved() {
                tidings_registry::Verdict::Drop
            } else {
                tidings_registry::Verdict::Keep
            }
        })
        .build();
    bus.try_on(|_: &Work, _| Err(ObserverError::failed("no"))).detach();
    let told = diagnostics(&bus);
    let emitter = bus.emitter("case", "t");
    emitter.emit(step(1));
    emitter.emit(step(2));
    assert_eq!(told.len(), 2);
}
