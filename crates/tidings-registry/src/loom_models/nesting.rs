//! The re-entrancy queue: what an observer emits comes after the event that it is shown.

use loom::thread;

use super::support::{
    LONG, Log, Step, all_delivered, assert_gapless, check, counts, emitter, first,
};
use crate::Bus;

/// An observer that answers each first step with two second ones, and remembers all.
fn answering(bus: &Bus) -> Log {
    let log = Log::default();
    let (inner, emitting) = (log.clone(), emitter(bus));
    let answers = bus.observe("model.", move |envelope| {
        if let Some(Step::First { n }) = envelope.event::<Step>().unwrap().as_deref() {
            emitting.emit(Step::Second { n: 10 * n });
            emitting.emit(Step::Second { n: 10 * n + 1 });
        }
        inner.add(envelope);
    });
    answers.expect("a good prefix").detach();
    log
}

fn second(n: u64) -> Step {
    Step::Second { n }
}

#[test]
fn what_an_observer_emits_comes_after_and_in_order() {
    check(3, || {
        let bus = Bus::new();
        let log = answering(&bus);
        let emitting = emitter(&bus);
        let other = thread::spawn(move || emitting.emit(first(2)));
        emitter(&bus).emit(first(1));
        other.join().expect("the emitter does not panic");
        for n in [1, 2] {
            let of_one: Vec<Step> = log
                .steps()
                .into_iter()
                .filter(|step| [first(n), second(10 * n), second(10 * n + 1)].contains(step))
                .collect();
            assert_eq!(of_one, [first(n), second(10 * n), second(10 * n + 1)]);
        }
        assert_gapless(&log);
    });
}

#[test]
fn a_close_waits_for_what_an_accepted_event_caused() {
    check(3, || {
        let bus = Bus::new();
        let log = answering(&bus);
        let emitting = emitter(&bus);
        let other = thread::spawn(move || emitting.emit(first(1)).is_accepted());
        let report = bus.close(LONG).expect("the bus is not strict");
        let shown = log.seen().len() as u64;
        let is_accepted = other.join().expect("the emitter does not panic");
        assert_eq!(counts(&report), all_delivered(shown));
        assert_eq!(shown, log.seen().len() as u64, "shown after the close");
        assert_eq!(is_accepted, shown > 0);
        assert!(report.complete, "{report:?}");
        assert_gapless(&log);
    });
}
