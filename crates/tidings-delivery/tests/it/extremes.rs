//! Limits of one, sizes beyond them, longest times, and code of users in odd places.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tidings_delivery::{
    Batch, Confirmation, Delivery, DeliveryBuilder, Gate, Outcome, Overflow, Retry, SendMode, Sink,
    SpoolSettings,
};
use tidings_registry::{Bus, ObserverReport};

use crate::fixture::{LONG, Place, PlaceSink, emit, quick};

fn place_of(bus: &Bus) -> ObserverReport {
    let report = bus.close(LONG).expect("the bus is not strict");
    report.observer("place").expect("it is registered").clone()
}

fn emit_text(bus: &Bus, bytes: usize) {
    let text = "x".repeat(bytes);
    let emitter = bus.raw_emitter("case", "t1");
    emitter.emit("case.noted", json!({ "text": text })).expect("the type is valid");
}

/// A bus whose delivery hangs in its first batch, until the place is released.
fn hanging(
    settle: impl FnOnce(DeliveryBuilder<PlaceSink>) -> DeliveryBuilder<PlaceSink>,
) -> (Bus, Place) {
    let (bus, place) = (Bus::new(), Place::default());
    place.hold();
    let builder = Delivery::builder(place.sink()).linger(Duration::ZERO).retry(quick());
    bus.subscribe(settle(builder).start().expect("it starts")).detach();
    emit(&bus, 1);
    place.wait_for_hang();
    (bus, place)
}

#[test]
fn a_queue_of_one_overflows_into_its_spool() {
    let folder = tempfile::tempdir().expect("a folder");
    let (bus, place) =
        hanging(|builder| builder.queue_events(1).spool(SpoolSettings::new(folder.path())));
    let ids = emit(&bus, 20);
    place.release();
    assert_eq!(place_of(&bus).counts.delivered, 21);
    assert_eq!(place.taken()[1..], ids);
}

#[test]
fn an_event_larger_than_the_queue_goes_to_the_spool_by_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let (bus, place) =
        hanging(|builder| builder.queue_bytes(1_000).spool(SpoolSettings::new(folder.path())));
    emit_text(&bus, 4_000);
    place.release();
    assert_eq!(place_of(&bus).counts.delivered, 2);
}

#[test]
fn an_event_for_which_no_room_can_be_made_does_not_throw_out_others() {
    let (bus, place) =
        hanging(|builder| builder.queue_bytes(50_000).overflow(Overflow::DropOldest));
    emit(&bus, 50);
    emit_text(&bus, 60_000);
    place.release();
    let counts = place_of(&bus).counts;
    assert_eq!((counts.delivered, counts.dropped), (51, 1));
}

#[test]
fn what_waits_is_on_disk_soon_after_the_sink_began_to_hang() {
    let folder = tempfile::tempdir().expect("a folder");
    let (bus, place) = hanging(|builder| builder.spool(SpoolSettings::new(folder.path())));
    let deadline = Instant::now() + LONG;
    let spooled = || bus.report().observer("place").expect("it is registered").counts.spooled;
    while spooled() == 0 {
        emit(&bus, 1);
        std::thread::yield_now();
        assert!(Instant::now() < deadline, "{}", bus.report());
    }
    place.release();
    assert!(place_of(&bus).last_error.is_none());
}

#[test]
fn real_time_sends_all_that_waited_when_its_interval_began() {
    let (bus, place) = hanging(|builder| {
        builder
            .batch_events(10)
            .send_mode(SendMode::RealTime { interval: Duration::from_millis(1) })
    });
    emit(&bus, 95);
    place.release();
    place.wait_for_taken(96);
    assert_eq!(place_of(&bus).counts.delivered, 96);
}

#[test]
fn an_emitter_that_waited_for_room_when_the_sink_stopped_has_its_event_failed() {
    let (bus, place) =
        hanging(|builder| builder.queue_events(1).overflow(Overflow::Block).block_timeout(LONG));
    place.answer(|_| Outcome::stop("gone"));
    std::thread::scope(|scope| {
        scope.spawn(|| emit(&bus, 2));
        // Whether it waits already or comes later: the answer is the same.
        place.release();
    });
    bus.barrier(LONG).expect("nothing is left");
    assert_eq!(place_of(&bus).counts.failed, 3);
}

#[test]
fn a_close_waits_for_a_confirmation_that_comes_in_time() {
    let (bus, place) = (Bus::new(), Place::default());
    let confirming = place.clone();
    place.answer(move |batch| {
        if batch.number() == 1 {
            return Outcome::unconfirmed();
        }
        confirming.confirm(Confirmation::new(1, Outcome::delivered()));
        Outcome::retry_after(LONG * 100, "busy")
    });
    let delivery = Delivery::builder(place.sink_with_window(4)).batch_events(1).start();
    bus.subscribe(delivery.expect("it starts")).detach();
    emit(&bus, 2);
    assert_eq!(place_of(&bus).counts.delivered, 1);
}

#[test]
fn a_late_answer_buries_nothing_that_was_buried_at_close() {
    let folder = tempfile::tempdir().expect("a folder");
    let dead = folder.path().join("dead.jsonl");
    let (bus, place) = (Bus::new(), Place::default());
    place.hold();
    place.answer(|_| Outcome::set_aside(0, "poisoned"));
    let closed = place.clone();
    let sink = Telling { place: place.clone(), closed: Arc::default() };
    let ended = Arc::clone(&sink.closed);
    let delivery = Delivery::builder(sink).linger(Duration::ZERO).dead_letter(&dead).start();
    bus.subscribe(delivery.expect("it starts")).detach();
    emit(&bus, 1);
    place.wait_for_hang();
    bus.close(Duration::from_millis(50)).expect("the bus is not strict");
    closed.release();
    let deadline = Instant::now() + LONG;
    while ended.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
        assert!(Instant::now() < deadline, "the sink was not closed");
    }
    let letters = std::fs::read_to_string(dead).expect("it is there");
    assert_eq!(letters.lines().count(), 1, "{letters}");
}

/// Says when it is closed.
struct Telling {
    place: Place,
    closed: Arc<AtomicU64>,
}

impl Sink for Telling {
    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        self.place.sink().send(batch)
    }

    fn close(&mut self) {
        self.closed.store(1, Ordering::SeqCst);
    }
}

#[test]
fn a_flush_spools_what_waits_behind_a_gate_that_another_delivery_shut() {
    let folder = tempfile::tempdir().expect("a folder");
    let (bus, place, gate) = (Bus::new(), Place::default(), Gate::default());
    let busy = Place::default();
    busy.answer(|_| Outcome::retry_after(LONG * 100, "busy"));
    let first =
        Delivery::builder(busy.sink()).name("busy").gate(gate.clone()).linger(Duration::ZERO);
    bus.subscribe(first.start().expect("it starts")).detach();
    emit(&bus, 1);
    busy.wait_for_batches(1);
    let deadline = Instant::now() + LONG;
    while bus.report().observer("busy").is_some_and(|busy| busy.last_error.is_none()) {
        assert!(Instant::now() < deadline, "nothing was refused");
    }
    let second = Delivery::builder(place.sink())
        .gate(gate)
        .interest(tidings_core::Prefix::parse("case").expect("a prefix"))
        .spool(SpoolSettings::new(folder.path()));
    let second = second.start().expect("it starts");
    let second = Arc::new(second);
    bus.subscribe(Arc::clone(&second)).detach();
    emit(&bus, 3);
    tidings_registry::Observer::flush(&*second, deadline).expect("they are in the spool");
    let spooled = bus.report().observer("place").expect("it is registered").counts.spooled;
    assert_eq!(spooled, 3);
}

#[test]
fn what_gets_too_old_behind_a_pause_is_given_up() {
    let (bus, place) = (Bus::new(), Place::default());
    place.answer(|_| Outcome::retry_after(LONG * 100, "busy"));
    let retry = Retry::default().age_max(Duration::from_millis(50));
    let delivery = Delivery::builder(place.sink()).linger(Duration::ZERO).retry(retry).start();
    bus.subscribe(delivery.expect("it starts")).detach();
    emit(&bus, 5);
    bus.barrier(LONG).expect("all has a fate");
    assert_eq!(place_of(&bus).counts.failed, 5);
}

#[test]
fn what_a_stopped_sink_left_in_the_spool_stays_there_at_any_age() {
    let folder = tempfile::tempdir().expect("a folder");
    let (bus, place) = (Bus::new(), Place::default());
    place.answer(|_| Outcome::stop("gone"));
    let retry = Retry::default().age_max(Duration::from_millis(1));
    let delivery = Delivery::builder(place.sink())
        .linger(Duration::ZERO)
        .retry(retry)
        .spool(SpoolSettings::new(folder.path()))
        .start();
    bus.subscribe(delivery.expect("it starts")).detach();
    emit(&bus, 5);
    place.wait_for_batches(1);
    bus.barrier(LONG).expect("they are in the spool");
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_millis(20) {
        emit(&bus, 1);
        bus.barrier(LONG).expect("they are in the spool");
    }
    let counts = place_of(&bus).counts;
    assert_eq!((counts.failed, counts.spooled), (0, counts.accepted));
}

#[test]
fn events_too_large_for_the_spool_are_buried_at_once_while_the_sink_hangs() {
    let folder = tempfile::tempdir().expect("a folder");
    let dead = folder.path().join("dead.jsonl");
    let spool = SpoolSettings::new(folder.path().join("spool")).bytes_max(64 * 1024);
    let (bus, place) =
        hanging(|builder| builder.queue_bytes(300_000).spool(spool).dead_letter(&dead));
    for _event in 0..5 {
        emit_text(&bus, 200_000);
    }
    let letters = std::fs::read_to_string(&dead).expect("it is there");
    assert!(letters.contains("too large for the spool"), "nothing was buried yet");
    place.release();
    let place = place_of(&bus);
    assert_eq!(place.counts.accepted, place.counts.delivered + place.counts.failed, "{place}");
}

#[test]
fn no_time_is_too_long() {
    type Setting = fn(DeliveryBuilder<PlaceSink>) -> DeliveryBuilder<PlaceSink>;
    let settings: [Setting; 3] = [
        |builder| builder.linger(Duration::MAX),
        |builder| builder.send_mode(SendMode::RealTime { interval: Duration::MAX }),
        |builder| builder.overflow(Overflow::Block).queue_events(1).block_timeout(Duration::MAX),
    ];
    for setting in settings {
        let (bus, place) = (Bus::new(), Place::default());
        let delivery = setting(Delivery::builder(place.sink())).start().expect("it starts");
        bus.subscribe(delivery).detach();
        emit(&bus, 3);
        assert_eq!(place_of(&bus).counts.delivered, 3);
    }
    let answers: [fn() -> Outcome; 3] = [
        || Outcome::retry_after(Duration::MAX, "later"),
        || Outcome::hold("wrong"),
        || Outcome::delivered().slow_down(Duration::MAX),
    ];
    for answer in answers {
        let (bus, place) = (Bus::new(), Place::default());
        place.answer(move |_| answer());
        let retry = Retry::default().cap(Duration::MAX);
        let delivery = Delivery::builder(place.sink()).batch_events(1).retry(retry).start();
        bus.subscribe(delivery.expect("it starts")).detach();
        emit(&bus, 3);
        place.wait_for_batches(1);
        let counts = place_of(&bus).counts;
        assert_eq!((counts.accepted, counts.delivered + counts.pending), (3, 3));
    }
}

#[test]
fn a_sink_that_panics_about_its_window_is_contained() {
    struct Nervous(bool);

    impl Sink for Nervous {
        fn unconfirmed_max(&self) -> usize {
            assert!(self.0, "no window yet");
            1
        }

        fn send(&mut self, _batch: &Batch<'_>) -> Outcome {
            self.0 = true;
            Outcome::delivered()
        }
    }

    let bus = Bus::new();
    bus.register(Delivery::new(Nervous(false)).expect("it starts"))
        .name("place")
        .start()
        .expect("the bus is open")
        .detach();
    emit(&bus, 3);
    assert_eq!(place_of(&bus).counts.delivered, 3);
}

#[test]
fn a_sink_that_emits_into_its_own_full_queue_does_not_wait_for_itself() {
    let (bus, place) = (Bus::new(), Place::default());
    let echo = bus.raw_emitter("case", "echo");
    let echoes = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&echoes);
    place.answer(move |batch| {
        if count.fetch_add(1, Ordering::Relaxed) < 3 {
            for _event in batch.iter() {
                echo.emit("case.echo", json!({})).expect("the type is valid");
            }
        }
        Outcome::delivered()
    });
    // Would it wait, it would wait for ever.
    let delivery = Delivery::builder(place.sink())
        .linger(Duration::ZERO)
        .queue_events(2)
        .overflow(Overflow::Block)
        .block_timeout(Duration::MAX)
        .start()
        .expect("it starts");
    bus.subscribe(delivery).detach();
    emit(&bus, 4);
    let place = place_of(&bus);
    let counts = place.counts;
    assert_eq!(counts.accepted, counts.delivered + counts.dropped, "{place}");
}

#[test]
fn a_payload_may_emit_when_it_is_dropped() {
    thread_local! {
        static BUS: std::cell::RefCell<Option<Bus>> = const { std::cell::RefCell::new(None) };
    }

    #[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
    struct Noisy;

    impl Drop for Noisy {
        fn drop(&mut self) {
            let bus = BUS.with_borrow(Clone::clone);
            if let Some(bus) = bus {
                bus.raw_emitter("case", "end").emit("case.ended", json!({})).expect("valid");
            }
        }
    }

    #[derive(Debug, Clone, serde::Serialize, serde::Deserialize, tidings_derive::Event)]
    #[event(namespace = "case", crate = "tidings_core")]
    enum Case {
        Made { noisy: Noisy },
    }

    let (bus, place) = hanging(|builder| builder.queue_events(3).overflow(Overflow::DropOldest));
    BUS.set(Some(bus.clone()));
    let emitter = bus.emitter::<Case>("case", "t1");
    // Each one beyond the bound has an older one dropped, on this thread.
    for _event in 0..50 {
        emitter.emit(Case::Made { noisy: Noisy });
    }
    BUS.set(None);
    place.release();
    let place = place_of(&bus);
    assert_eq!(place.counts.accepted, place.counts.delivered + place.counts.dropped, "{place}");
}
