//! Deliveries with a spool: outages, restarts, bounds.

use std::time::Duration;

use tidings_delivery::{Delivery, Outcome, Overflow, SpoolFull, SpoolSettings};
use tidings_registry::Bus;

use crate::fixture::{LONG, Place, emit, quick};

fn spooling(place: &Place, folder: &std::path::Path) -> Delivery {
    Delivery::builder(place.sink())
        .batch_events(5)
        .retry(quick())
        .spool(SpoolSettings::new(folder))
        .start()
        .expect("it starts")
}

#[test]
fn what_cannot_be_delivered_is_spooled_and_goes_first_next_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::default();
    place.answer(|_| Outcome::retry("away"));
    let bus = Bus::new();
    bus.subscribe(spooling(&place, folder.path())).detach();
    let mut ids = emit(&bus, 23);
    let report = bus.close(Duration::from_secs(2)).expect("the bus is not strict");
    assert_eq!(report.observers[0].counts.spooled, 23, "{report}");
    place.take_all();
    let bus = Bus::new();
    bus.subscribe(spooling(&place, folder.path())).detach();
    ids.extend(emit(&bus, 10));
    let report = bus.close(LONG).expect("the bus is not strict");
    assert!(report.complete, "{report}");
    assert_eq!(report.observers[0].counts.accepted, 10);
    assert_eq!(place.taken(), ids);
}

#[test]
fn a_run_without_events_of_its_own_says_what_an_earlier_one_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::default();
    place.answer(|_| Outcome::hold("the token is unknown"));
    for accepted in [7, 0] {
        let bus = Bus::new();
        bus.subscribe(spooling(&place, folder.path())).detach();
        emit(&bus, accepted);
        place.wait_for_batches(if accepted > 0 { 1 } else { 2 });
        let report = bus.close(Duration::from_secs(1)).expect("the bus is not strict");
        assert!(!report.complete, "{report}");
        let error = report.observer("place").and_then(|place| place.last_error.clone());
        let error = error.unwrap_or_default();
        assert!(error.contains("the token is unknown"), "{error}");
        assert_eq!(error.contains("7 events of an earlier run"), accepted == 0, "{error}");
    }
}

#[test]
fn an_outage_of_any_length_ends_without_a_restart_and_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::default();
    let bus = Bus::new();
    bus.subscribe(spooling(&place, folder.path())).detach();
    let mut ids = emit(&bus, 12);
    place.answer(|_| Outcome::retry("away"));
    ids.extend(emit(&bus, 200));
    bus.barrier(LONG).expect("what is spooled is safe");
    place.take_all();
    ids.extend(emit(&bus, 30));
    let report = bus.close(LONG).expect("the bus is not strict");
    assert!(report.complete, "{report}");
    assert_eq!(place.taken(), ids);
}

#[test]
fn a_queue_that_overflows_into_the_spool_drops_nothing_while_the_sink_hangs() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::default();
    place.hold();
    let bus = Bus::new();
    let delivery = Delivery::builder(place.sink())
        .batch_events(5)
        .queue_events(20)
        .overflow(Overflow::Spool)
        .retry(quick())
        .spool(SpoolSettings::new(folder.path()))
        .start()
        .expect("it starts");
    bus.subscribe(delivery).detach();
    let mut ids = emit(&bus, 5);
    place.wait_for_hang();
    ids.extend(emit(&bus, 1_000));
    place.release();
    let report = bus.close(LONG).expect("the bus is not strict");
    assert!(report.complete, "{report}");
    assert_eq!(place.taken(), ids);
}

#[test]
fn a_sink_that_hangs_at_close_leaves_everything_in_the_spool() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::default();
    place.hold();
    let bus = Bus::new();
    bus.subscribe(spooling(&place, folder.path())).detach();
    let ids = emit(&bus, 40);
    place.wait_for_hang();
    // The device is waited for within the last fifth of it.
    let report = bus.close(Duration::from_secs(2)).expect("the bus is not strict");
    assert_eq!(report.observers[0].counts.spooled, 40, "{report}");
    let next = Place::default();
    let bus = Bus::new();
    bus.subscribe(spooling(&next, folder.path())).detach();
    bus.close(LONG).expect("the bus is not strict");
    assert_eq!(next.taken(), ids);
    place.release();
}

#[test]
fn a_full_spool_drops_as_it_was_asked_to_and_counts_it() {
    for full in [SpoolFull::DropOldest, SpoolFull::DropNewest] {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place::default();
        place.answer(|_| Outcome::retry("away"));
        let bus = Bus::new();
        let delivery = Delivery::builder(place.sink())
            .batch_events(5)
            .queue_events(100)
            .retry(quick())
            .spool(SpoolSettings::new(folder.path()).bytes_max(256 * 1024).full(full))
            .start()
            .expect("it starts");
        bus.subscribe(delivery).detach();
        let ids = emit(&bus, 3_000);
        place.take_all();
        let report = bus.close(LONG).expect("the bus is not strict");
        let counts = report.observers[0].counts;
        assert_eq!(counts.delivered + counts.dropped, 3_000, "{report}");
        assert!(counts.dropped > 1_000, "{report}");
        let taken = place.taken();
        let mut rest = ids.iter();
        assert!(taken.iter().all(|id| rest.any(|known| known == id)), "an order was lost");
        match full {
            SpoolFull::DropOldest => assert_eq!(taken.last(), ids.last()),
            _ => assert_eq!(taken[..100], ids[..100]),
        }
    }
}

#[test]
fn a_stopped_sink_leaves_the_rest_in_the_spool() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::default();
    place.answer(|_| Outcome::stop("gone"));
    let bus = Bus::new();
    bus.subscribe(spooling(&place, folder.path())).detach();
    emit(&bus, 30);
    let report = bus.close(LONG).expect("the bus is not strict");
    assert_eq!(report.observers[0].counts.spooled, 30, "{report}");
}
