//! What a delivery does with the answers of its sink.

use std::time::Duration;

use serde_json::json;
use tidings_delivery::{Confirmation, Delivery, Outcome, Overflow, Retry, SendMode, WhenExhausted};
use tidings_registry::{Bus, Counts, ObserverReport, Report};

use crate::fixture::{Diagnostics, LONG, Place, emit, quick};

fn place_of(report: &Report) -> &ObserverReport {
    report.observer("place").expect("it is registered")
}

fn counts(bus: &Bus) -> Counts {
    bus.report().observer("place").expect("it is registered").counts
}

#[test]
fn every_event_arrives_once_and_in_order() {
    let (bus, place) = (Bus::new(), Place::default());
    let delivery = Delivery::builder(place.sink()).batch_events(7).start().expect("it starts");
    bus.subscribe(delivery).detach();
    let ids = emit(&bus, 1_000);
    let report = bus.close(LONG).expect("the bus is not strict");
    assert!(report.complete, "{report}");
    assert_eq!(place.taken(), ids);
    assert!(place.batches().iter().all(|len| *len <= 7));
}

#[test]
fn a_receipt_says_that_the_event_waits() {
    let (bus, place) = (Bus::new(), Place::default());
    bus.subscribe(Delivery::new(place.sink()).expect("it starts")).detach();
    let receipt = bus.raw_emitter("case", "t1").emit("case.noted", json!({})).expect("valid");
    assert_eq!((receipt.delivered(), receipt.enqueued()), (0, 1));
}

#[test]
fn what_was_taken_is_not_sent_again() {
    let (bus, place) = (Bus::new(), Place::default());
    let mut first = true;
    place.answer(move |_| {
        if std::mem::take(&mut first) {
            Outcome::retry("busy").after_taking(3)
        } else {
            Outcome::delivered()
        }
    });
    let delivery = Delivery::builder(place.sink()).batch_events(10).retry(quick()).start();
    bus.subscribe(delivery.expect("it starts")).detach();
    let ids = emit(&bus, 10);
    let report = bus.close(LONG).expect("the bus is not strict");
    assert_eq!((place.taken(), place.batches()), (ids, vec![10, 7]));
    assert!(report.complete, "{report}");
    assert_eq!(place_of(&report).counts.retries, 1);
}

#[test]
fn an_event_that_can_never_be_taken_is_set_aside_with_its_reason_and_the_rest_arrives() {
    let folder = tempfile::tempdir().expect("a folder");
    let dead = folder.path().join("dead.jsonl");
    let (bus, place) = (Bus::new(), Place::default());
    let (diagnostics, _subscription) = Diagnostics::of(&bus);
    place.answer(|batch| {
        let poisoned = batch.iter().position(|event| event.position() == 4);
        poisoned.map_or_else(Outcome::delivered, |index| {
            Outcome::set_aside(index, "invalid data").after_taking(index)
        })
    });
    let delivery = Delivery::builder(place.sink()).batch_events(10).dead_letter(&dead).start();
    bus.subscribe(delivery.expect("it starts")).detach();
    let mut ids = emit(&bus, 10);
    bus.barrier(LONG).expect("it is flushed");
    let report = bus.close(LONG).expect("the bus is not strict");
    let poisoned = ids.remove(4);
    assert_eq!((place.taken(), place.batches()), (ids, vec![10, 5]));
    let line = std::fs::read_to_string(dead).expect("it is there");
    assert!(line.contains(&poisoned) && line.contains("invalid data"), "{line}");
    let counts = place_of(&report).counts;
    assert_eq!((counts.delivered, counts.rejected), (9, 1));
    assert!(diagnostics.messages()[0].contains("set aside `case.noted`"));
}

#[test]
fn a_batch_that_is_too_much_is_divided_until_one_event_is_left() {
    let (bus, place) = (Bus::new(), Place::default());
    place.answer(|batch| {
        if batch.iter().any(|event| event.position() == 9) {
            Outcome::split("cannot be read")
        } else {
            Outcome::delivered()
        }
    });
    let delivery = Delivery::builder(place.sink()).batch_events(16).start().expect("it starts");
    bus.subscribe(delivery).detach();
    let mut ids = emit(&bus, 16);
    let report = bus.close(LONG).expect("the bus is not strict");
    ids.remove(9);
    assert_eq!(place.taken(), ids);
    assert_eq!(place_of(&report).counts.rejected, 1);
    assert_eq!(place.batches(), [16, 8, 8, 4, 2, 1, 1, 2, 4]);
}

#[test]
fn what_a_sink_warns_of_is_told_and_loses_nothing() {
    let (bus, place) = (Bus::new(), Place::default());
    let (diagnostics, _subscription) = Diagnostics::of(&bus);
    place.answer(|_| Outcome::delivered().with_warning("acknowledgement is switched off"));
    let delivery = Delivery::builder(place.sink()).name("lab").batch_events(10).start();
    bus.subscribe(delivery.expect("it starts")).detach();
    let ids = emit(&bus, 10);
    bus.barrier(LONG).expect("it is flushed");
    let report = bus.close(LONG).expect("the bus is not strict");
    assert_eq!(place.taken(), ids);
    assert!(report.complete, "{report}");
    assert_eq!(diagnostics.messages(), ["`lab`: acknowledgement is switched off"]);
}

#[test]
fn a_hold_keeps_everything_and_ends_with_the_first_success() {
    let (bus, place) = (Bus::new(), Place::default());
    let (diagnostics, _subscription) = Diagnostics::of(&bus);
    place.answer(|_| Outcome::hold("the token is unknown"));
    let delivery = Delivery::builder(place.sink()).batch_events(5).retry(quick()).start();
    bus.subscribe(delivery.expect("it starts")).detach();
    let ids = emit(&bus, 20);
    place.wait_for_batches(5);
    assert_eq!(counts(&bus).pending, 20);
    place.take_all();
    bus.barrier(LONG).expect("it is flushed");
    let report = bus.close(LONG).expect("the bus is not strict");
    assert_eq!(place.taken(), ids);
    assert!(report.complete, "{report}");
    let messages = diagnostics.messages();
    assert!(messages[0].contains("needs you: the token is unknown"), "{messages:?}");
    assert!(messages[1].contains("delivers again"), "{messages:?}");
    assert_eq!(messages.len(), 2, "{messages:?}");
}

#[test]
fn an_event_is_given_up_after_its_last_attempt() {
    let (bus, place) = (Bus::new(), Place::default());
    place.answer(|batch| {
        if batch.iter().any(|event| event.position() == 0) {
            Outcome::retry("overloaded")
        } else {
            Outcome::delivered()
        }
    });
    let delivery = Delivery::builder(place.sink())
        .batch_events(1)
        .retry(quick().attempts_max(3))
        .start()
        .expect("it starts");
    bus.subscribe(delivery).detach();
    let ids = emit(&bus, 3);
    let report = bus.close(LONG).expect("the bus is not strict");
    assert_eq!(place.taken(), ids[1..]);
    assert_eq!(place_of(&report).counts.failed, 1);
    let error = place_of(&report).last_error.as_deref().unwrap_or_default();
    assert!(error.contains("given up after 3 attempts: overloaded"), "{error}");
}

#[test]
fn events_that_are_too_old_are_given_up_those_that_wait_too() {
    let (bus, place) = (Bus::new(), Place::default());
    place.answer(|_| Outcome::retry("overloaded"));
    let delivery = Delivery::builder(place.sink())
        .batch_events(2)
        .retry(quick().age_max(Duration::ZERO))
        .start()
        .expect("it starts");
    bus.subscribe(delivery).detach();
    emit(&bus, 10);
    let report = bus.close(LONG).expect("the bus is not strict");
    assert_eq!(place_of(&report).counts.failed, 10, "{report}");
}

#[test]
fn a_sink_that_stops_is_sent_nothing_more() {
    let (bus, place) = (Bus::new(), Place::default());
    place.answer(|_| Outcome::stop("the index is gone"));
    let delivery = Delivery::builder(place.sink()).batch_events(2).start().expect("it starts");
    bus.subscribe(delivery).detach();
    emit(&bus, 10);
    bus.barrier(LONG).expect("nothing is left");
    // What comes later has failed at once.
    emit(&bus, 5);
    assert_eq!(counts(&bus).failed, 15);
    let report = bus.close(LONG).expect("the bus is not strict");
    assert_eq!(place_of(&report).counts.failed, 15, "{report}");
    assert_eq!(place.batches(), [2]);
}

#[test]
fn stop_is_what_exhausted_means_if_it_was_asked_for() {
    let (bus, place) = (Bus::new(), Place::default());
    place.answer(|_| Outcome::retry("overloaded"));
    let retry: Retry = quick().attempts_max(2).when_exhausted(WhenExhausted::Stop);
    let delivery = Delivery::builder(place.sink()).batch_events(2).retry(retry).start();
    bus.subscribe(delivery.expect("it starts")).detach();
    emit(&bus, 10);
    let report = bus.close(LONG).expect("the bus is not strict");
    assert_eq!(place_of(&report).counts.failed, 10, "{report}");
    assert_eq!(place.batches(), [2, 2]);
}

#[test]
fn a_sink_that_panics_on_an_event_loses_only_that_one() {
    let (bus, place) = (Bus::new(), Place::default());
    place.answer(|batch| {
        assert!(batch.iter().all(|event| event.position() != 5), "cannot bear five");
        Outcome::delivered()
    });
    let again = place.clone();
    let delivery = Delivery::builder(PanicsAgain { place: again }).batch_events(8).retry(quick());
    bus.register(delivery.start().expect("it starts"))
        .name("place")
        .start()
        .expect("open")
        .detach();
    let mut ids = emit(&bus, 8);
    let report = bus.close(LONG).expect("the bus is not strict");
    ids.remove(5);
    assert_eq!(place.taken(), ids, "{report}");
    assert_eq!(place_of(&report).counts.rejected, 1);
    assert!(report.to_string().contains("cannot bear five"), "{report}");
}

struct PanicsAgain {
    place: Place,
}

impl tidings_delivery::Sink for PanicsAgain {
    fn send(&mut self, batch: &tidings_delivery::Batch<'_>) -> Outcome {
        assert!(batch.iter().all(|event| event.position() != 5), "cannot bear five");
        self.place.take_all();
        self.place.sink().send(batch)
    }
}

#[test]
fn unconfirmed_batches_are_delivered_when_they_are_confirmed_and_sent_again_when_not() {
    let (bus, place) = (Bus::new(), Place::default());
    let acknowledging = place.clone();
    place.answer(move |batch| {
        let outcome = if batch.number() == 1 {
            Outcome::retry("no acknowledgement in time")
        } else {
            Outcome::delivered()
        };
        acknowledging.confirm(Confirmation::new(batch.number(), outcome));
        Outcome::unconfirmed()
    });
    let delivery = Delivery::builder(place.sink_with_window(3)).batch_events(5).retry(quick());
    bus.subscribe(delivery.start().expect("it starts")).detach();
    emit(&bus, 20);
    let report = bus.close(LONG).expect("the bus is not strict");
    assert!(report.complete, "{report}");
    assert_eq!(place.batches(), [5; 5]);
    assert_eq!(place_of(&report).counts.delivered, 20);
}

#[test]
fn what_is_never_confirmed_is_never_called_delivered() {
    let (bus, place) = (Bus::new(), Place::default());
    place.answer(|_| Outcome::unconfirmed());
    let delivery = Delivery::builder(place.sink_with_window(2)).batch_events(5).start();
    bus.subscribe(delivery.expect("it starts")).detach();
    emit(&bus, 20);
    place.wait_for_batches(2);
    let report = bus.close(Duration::from_millis(50)).expect("the bus is not strict");
    let counts = place_of(&report).counts;
    assert_eq!((counts.delivered, counts.pending), (0, 20));
    assert_eq!(place.batches(), [5, 5]);
}

#[test]
fn a_full_queue_does_what_its_policy_says_with_exact_counts() {
    for (overflow, kept) in [(Overflow::DropNewest, 0..9), (Overflow::DropOldest, 16..25)] {
        let (bus, place) = (Bus::new(), Place::default());
        place.hold();
        let delivery = Delivery::builder(place.sink())
            .queue_events(10)
            .send_mode(SendMode::RealTime { interval: Duration::ZERO })
            .overflow(overflow)
            .start()
            .expect("it starts");
        bus.subscribe(delivery).detach();
        // One is in hand; nine more have room.
        emit(&bus, 1);
        place.wait_for_hang();
        let ids = emit(&bus, 25);
        place.release();
        let report = bus.close(LONG).expect("the bus is not strict");
        let counts = place_of(&report).counts;
        assert_eq!((counts.accepted, counts.delivered, counts.dropped), (26, 10, 16), "{report}");
        assert_eq!(place.taken()[1..], ids[kept]);
    }
}

#[test]
fn the_queue_is_bounded_by_bytes_too_and_lets_a_single_large_event_in() {
    let (bus, place) = (Bus::new(), Place::default());
    let delivery = Delivery::builder(place.sink())
        .queue_bytes(10_000)
        .overflow(Overflow::DropNewest)
        .send_mode(SendMode::OnFlush)
        .start()
        .expect("it starts");
    bus.subscribe(delivery).detach();
    let emitter = bus.raw_emitter("case", "t1");
    let emit = |bytes: usize| {
        let receipt = emitter.emit("case.noted", json!({ "text": "x".repeat(bytes) }));
        receipt.expect("the type is valid").dropped()
    };
    // It is more than three quarters of the queue, and is sent at once.
    place.hold();
    assert_eq!(emit(50_000), 0);
    place.wait_for_hang();
    assert_eq!(emit(10), 1);
    place.release();
    assert!(bus.barrier(LONG).is_ok());
    assert_eq!((emit(3_000), emit(3_000), emit(7_000)), (0, 0, 1));
}

#[test]
fn an_emit_that_blocks_goes_on_as_soon_as_there_is_room_and_waits_in_vain_only_once() {
    let (bus, place) = (Bus::new(), Place::default());
    place.hold();
    let delivery = Delivery::builder(place.sink())
        .queue_events(2)
        .batch_events(1)
        .overflow(Overflow::Block)
        .block_timeout(Duration::from_millis(20))
        .start()
        .expect("it starts");
    bus.subscribe(delivery).detach();
    emit(&bus, 1);
    place.wait_for_hang();
    // Only the first of these waits.
    emit(&bus, 1_000);
    assert_eq!(counts(&bus).dropped, 999);
    place.release();
    place.wait_for_taken(2);
    emit(&bus, 50);
    let report = bus.close(LONG).expect("the bus is not strict");
    assert_eq!(place_of(&report).counts.delivered, 52, "{report}");
}

#[test]
fn close_keeps_its_deadline_with_a_sink_that_hangs_and_every_event_is_accounted_for() {
    let (bus, place) = (Bus::new(), Place::default());
    place.hold();
    let delivery = Delivery::builder(place.sink()).batch_events(5).start().expect("it starts");
    bus.subscribe(delivery).detach();
    emit(&bus, 20);
    place.wait_for_hang();
    let begin = std::time::Instant::now();
    let report = bus.close(Duration::from_millis(100)).expect("the bus is not strict");
    assert!(begin.elapsed() < LONG);
    assert_eq!(place_of(&report).counts.pending, 20, "{report}");
    let error = place_of(&report).last_error.as_deref().unwrap_or_default();
    assert!(error.contains("the sink has been at a batch for"), "{error}");
    place.release();
}

#[test]
fn what_is_left_at_close_goes_to_the_dead_letters_where_there_is_no_spool() {
    let folder = tempfile::tempdir().expect("a folder");
    let dead = folder.path().join("dead.jsonl");
    let (bus, place) = (Bus::new(), Place::default());
    place.answer(|_| Outcome::retry("away"));
    let delivery = Delivery::builder(place.sink()).retry(quick()).dead_letter(&dead).start();
    bus.subscribe(delivery.expect("it starts")).detach();
    emit(&bus, 20);
    let report = bus.close(Duration::from_millis(50)).expect("the bus is not strict");
    assert_eq!(place_of(&report).counts.failed, 20, "{report}");
    assert_eq!(std::fs::read_to_string(dead).expect("it is there").lines().count(), 20);
}

#[test]
fn an_event_without_a_json_form_is_refused_and_its_neighbours_arrive() {
    #[derive(Debug, Clone, serde::Serialize, serde::Deserialize, tidings_derive::Event)]
    #[event(namespace = "case", crate = "tidings_core")]
    enum Measured {
        Value { value: f64 },
    }
    let folder = tempfile::tempdir().expect("a folder");
    let dead = folder.path().join("dead.jsonl");
    let (bus, place) = (Bus::new(), Place::default());
    let delivery = Delivery::builder(place.sink()).dead_letter(&dead).start().expect("it starts");
    bus.subscribe(delivery).detach();
    let emitter = bus.emitter::<Measured>("case", "t1");
    for value in [1.0, f64::NAN, 2.0] {
        emitter.emit(Measured::Value { value });
    }
    let report = bus.close(LONG).expect("the bus is not strict");
    let counts = place_of(&report).counts;
    assert_eq!((counts.delivered, counts.rejected), (2, 1), "{report}");
    let line = std::fs::read_to_string(dead).expect("it is there");
    assert!(
        line.contains("NaN") && line.contains("\"reason\":\"the event has no JSON form"),
        "{line}"
    );
}

#[test]
fn an_event_larger_than_may_be_sent_is_set_aside_and_one_larger_than_a_batch_goes_alone() {
    let (bus, place) = (Bus::new(), Place::default());
    place.answer(|batch| {
        let is_alone = batch.len() == 1 || batch.bytes().len() <= 5_000;
        if is_alone { Outcome::delivered() } else { Outcome::stop("too much at a time") }
    });
    let delivery = Delivery::builder(place.sink())
        .batch_bytes(5_000)
        .event_bytes_max(20_000)
        .send_mode(SendMode::OnFlush)
        .start()
        .expect("it starts");
    bus.subscribe(delivery).detach();
    let emitter = bus.raw_emitter("case", "t1");
    for bytes in [10, 10_000, 10, 30_000, 10] {
        emitter.emit("case.noted", json!({ "text": "x".repeat(bytes) })).expect("valid");
    }
    let report = bus.close(LONG).expect("the bus is not strict");
    let counts = place_of(&report).counts;
    assert_eq!((counts.delivered, counts.rejected), (4, 1), "{report}");
}

#[test]
fn on_flush_sends_nothing_before_it_is_asked_to() {
    let (bus, place) = (Bus::new(), Place::default());
    let delivery = Delivery::builder(place.sink()).batch_events(5).send_mode(SendMode::OnFlush);
    bus.subscribe(delivery.start().expect("it starts")).detach();
    emit(&bus, 12);
    assert!(place.batches().is_empty());
    bus.barrier(LONG).expect("it is flushed");
    assert_eq!(place.batches(), [5, 5, 2]);
}

#[test]
fn diagnostics_about_a_sink_that_hears_its_own_do_not_feed_themselves() {
    let (bus, place) = (Bus::new(), Place::default());
    place.answer(|_| Outcome::split("refuses everything"));
    let interest = tidings_core::Interest::everything()
        .with(tidings_core::Prefix::parse("tidings.").expect("a prefix"));
    let delivery = Delivery::builder(place.sink()).interest(interest).start().expect("it starts");
    bus.subscribe(delivery).detach();
    emit(&bus, 1);
    place.wait_for_batches(2);
    let report = bus.close(LONG).expect("the bus is not strict");
    assert_eq!(place_of(&report).counts.accepted, 2, "{report}");
}
