//! Dedup by content, on the bus and on one subscription.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tidings_core::{Envelope, ManualClock, Receipt, Timestamp};
use tidings_registry::{Bus, Dedup, Observer, ObserverError, Overflow, Registration};

use crate::support::{
    Latch, Log, OpenAtEnd, PATIENCE, Work, assert_gapless, note, observer, record, step, word,
    words,
};

const WINDOW: Duration = Duration::from_secs(10);

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(Timestamp::from_nanos(0)))
}

fn deduplicating(clock: &Arc<ManualClock>) -> Bus {
    let dedup = Dedup::by_content(100, WINDOW);
    Bus::builder().clock(Arc::clone(clock)).dedup(dedup).build()
}

#[test]
fn a_bus_suppresses_equal_content_within_the_window_only() {
    let clock = clock();
    let bus = deduplicating(&clock);
    let log = record(&bus);
    let emitter = bus.emitter("case", "t");
    assert_eq!(emitter.emit(step(1)).delivered(), 1);
    assert_eq!(emitter.emit(step(1)), Receipt::Duplicate);
    assert_eq!(emitter.emit(step(2)).delivered(), 1, "distinct content");
    clock.advance(WINDOW.saturating_sub(Duration::from_nanos(1)));
    assert_eq!(emitter.emit(step(1)), Receipt::Duplicate);
    clock.advance(Duration::from_nanos(1));
    assert_eq!(emitter.emit(step(1)).delivered(), 1, "a duplicate does not prolong the window");
    assert_gapless(&log.all());
    let report = bus.close(PATIENCE).expect("not strict");
    assert_eq!(report.suppressed, 2);
    assert_eq!(observer(&report, "closure(**)").counts.accepted, 3);
    assert!(report.complete);
}

#[test]
fn entity_and_type_are_content_attributes_and_volatile_fields_are_not() {
    let bus = deduplicating(&clock());
    let log = words(&bus);
    let timed = |seconds| Work::Timed { name: "x".into(), seconds };
    let emitter = bus.emitter("case", "t");
    assert_eq!(emitter.emit(timed(1.0)).delivered(), 1);
    assert_eq!(emitter.emit(timed(2.0)), Receipt::Duplicate, "it differs in a volatile field");
    assert_eq!(emitter.with("host", "h").emit(timed(1.0)), Receipt::Duplicate);
    assert_eq!(bus.emitter("case", "u").emit(timed(1.0)).delivered(), 1);
    assert_eq!(emitter.child("step", "1").emit(timed(1.0)).delivered(), 1);
    let raw = bus.raw_emitter("case", "t");
    let same = raw.emit("work.step", serde_json::json!({"number": 1, "thread": 0}));
    assert_eq!(same.expect("a good name").delivered(), 1);
    assert_eq!(emitter.emit(step(1)), Receipt::Duplicate, "typed or raw, it says the same");
    assert_eq!(log.len(), 4);
}

#[test]
fn an_event_without_a_json_form_is_never_suppressed() {
    let bus = deduplicating(&clock());
    let seen = words(&bus);
    let own = Log::new();
    let kept = own.clone();
    let observing = Watch(move |envelope: &_| {
        kept.push(word(envelope));
        Ok(())
    });
    let registration = bus.register(observing).dedup(Dedup::by_content(10, WINDOW));
    registration.start().expect("open").detach();
    let emitter = bus.emitter("case", "t");
    for _ in 0..3 {
        assert_eq!(emitter.emit(Work::Value { value: f64::NAN }).delivered(), 2);
    }
    assert_eq!((seen.len(), own.len()), (3, 3));
}

struct Watch<F>(F);

impl<F> Observer for Watch<F>
where
    F: Fn(&Arc<Envelope>) -> Result<(), ObserverError> + Send + Sync + 'static,
{
    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        (self.0)(envelope)
    }
}

#[test]
fn an_event_that_failed_may_be_said_again_at_once() {
    let bus = deduplicating(&clock());
    let works = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&works);
    let fails = move || {
        if switch.load(Ordering::Relaxed) { Ok(()) } else { Err(ObserverError::failed("no")) }
    };
    bus.subscribe(Watch(move |_: &_| fails())).detach();
    let emitter = bus.emitter("case", "t");
    assert_eq!(emitter.emit(step(1)).failed(), 1);
    assert_eq!(emitter.emit(step(1)).failed(), 1);
    works.store(true, Ordering::Relaxed);
    assert_eq!(emitter.emit(step(1)).delivered(), 1);
    assert_eq!(emitter.emit(step(1)), Receipt::Duplicate);
}

#[test]
fn an_event_emitted_inside_an_observer_that_failed_may_be_said_again() {
    let bus = deduplicating(&clock());
    let emitter = bus.emitter("case", "t");
    let (inner, receipts) = (emitter.clone(), Log::new());
    let log = receipts.clone();
    bus.observe("work.step", move |_| log.push(inner.emit(note("nested"))))
        .expect("a good prefix")
        .detach();
    bus.register(Watch(|_: &_| Err(ObserverError::failed("no"))))
        .interest(tidings_core::Interest::types([&Work::NOTE]))
        .start()
        .expect("open")
        .detach();
    emitter.emit(step(1));
    emitter.emit(step(2));
    assert_eq!(receipts.all(), [Receipt::Reentrant; 2]);
}

#[test]
fn an_event_that_found_no_room_may_be_said_again() {
    let bus = deduplicating(&clock());
    let (latch, seen) = (Latch::closed(), Log::new());
    let _open = OpenAtEnd(latch.clone());
    let (door, log) = (latch.clone(), seen.clone());
    let observing = Watch(move |envelope: &_| {
        log.push(word(envelope));
        door.wait();
        Ok(())
    });
    let registration = bus.register(observing).queued(1, Overflow::DropNewest);
    registration.start().expect("open").detach();
    let emitter = bus.emitter("case", "t");
    emitter.emit(step(1));
    seen.wait_for(1);
    emitter.emit(step(2));
    assert_eq!(emitter.emit(step(3)).dropped(), 1);
    assert_eq!(emitter.emit(step(3)).dropped(), 1, "it was not delivered before");
    assert_eq!(emitter.emit(step(2)), Receipt::Duplicate);
}

#[test]
fn a_subscription_suppresses_for_itself_alone() {
    let shapes: [fn(Registration) -> Registration; 2] =
        [|inline| inline, |queued| queued.queued(10, Overflow::Block)];
    for configure in shapes {
        let clock = clock();
        let bus = Bus::builder().clock(Arc::clone(&clock)).build();
        let all = words(&bus);
        let own = Log::new();
        let (kept, fail) = (own.clone(), Arc::new(AtomicBool::new(true)));
        let observing = Watch(move |envelope: &_| {
            kept.push(word(envelope));
            if word(envelope) == "2" && fail.swap(false, Ordering::Relaxed) {
                Err(ObserverError::failed("no"))
            } else {
                Ok(())
            }
        });
        let registration = bus.register(observing).name("own").dedup(Dedup::by_content(10, WINDOW));
        configure(registration).start().expect("open").detach();
        let emitter = bus.emitter("case", "t");
        for number in [1, 1, 2, 2, 2, 1] {
            assert!(emitter.emit(step(number)).is_accepted());
            bus.barrier(PATIENCE).expect("nothing hangs");
        }
        clock.advance(WINDOW);
        emitter.emit(step(1));
        let report = bus.close(PATIENCE).expect("not strict");
        assert_eq!(all.all(), ["1", "1", "2", "2", "2", "1", "1"]);
        assert_eq!(own.all(), ["1", "2", "2", "1"]);
        let counts = observer(&report, "own").counts;
        assert_eq!((counts.accepted, counts.suppressed), (7, 3));
        assert_eq!((counts.delivered, counts.failed), (3, 1));
    }
}

#[test]
fn a_failure_that_was_forgotten_does_not_shorten_the_window_of_another_event() {
    let clock = clock();
    let bus = deduplicating(&clock);
    let failing = bus.subscribe(Watch(|_: &_| Err(ObserverError::failed("no"))));
    let emitter = bus.emitter("case", "t");
    assert_eq!(emitter.emit(step(1)).failed(), 1);
    failing.cancel();
    let _log = words(&bus);
    clock.advance(WINDOW / 2);
    assert_eq!(emitter.emit(step(2)).delivered(), 1);
    clock.advance(WINDOW / 2);
    assert_eq!(emitter.emit(step(2)), Receipt::Duplicate, "half of its window is left");
}

#[test]
fn unheard_suppressed_and_filtered_events_take_no_sequence() {
    let dedup = Dedup::by_content(10, WINDOW);
    let builder =
        Bus::builder().dedup(dedup).clock(clock()).processor(|event| match event.event::<Work>() {
            Some(Work::Value { .. }) => tidings_registry::Verdict::Drop,
            _ => tidings_registry::Verdict::Keep,
        });
    let bus = builder.build();
    let log = Log::new();
    let inner = log.clone();
    let observing = Watch(move |envelope: &Arc<Envelope>| {
        inner.push(envelope.id().sequence());
        Ok(())
    });
    let interest = tidings_core::Interest::types([&Work::STEP, &Work::VALUE]);
    bus.register(observing).interest(interest).start().expect("open").detach();
    let emitter = bus.emitter("case", "t");
    assert_eq!(emitter.emit(step(1)).delivered(), 1);
    assert_eq!(emitter.emit(note("unheard")), Receipt::UNHEARD);
    assert_eq!(emitter.emit(step(1)), Receipt::Duplicate);
    assert_eq!(emitter.emit(Work::Value { value: 1.0 }), Receipt::Filtered);
    assert_eq!(emitter.emit(step(2)).delivered(), 1);
    assert_eq!(log.all(), [0, 1]);
}

#[test]
fn an_event_that_failed_behind_a_queue_may_be_said_again() {
    let bus = Bus::builder().dedup(Dedup::by_content(100, Duration::from_mins(1))).build();
    let fails = AtomicBool::new(true);
    let observer = move |_: &Arc<Envelope>| {
        if fails.swap(false, Ordering::Relaxed) {
            return Err(ObserverError::failed("not yet"));
        }
        Ok(())
    };
    let _queued =
        bus.register(Watch(observer)).queued(10, Overflow::Block).start().expect("the bus is open");
    let emitter = bus.emitter::<Work>("case", "t");
    assert_eq!(emitter.emit(step(1)).enqueued(), 1);
    bus.barrier(PATIENCE).expect("nothing hangs");
    assert_eq!(emitter.emit(step(1)).enqueued(), 1, "the first one failed");
    bus.barrier(PATIENCE).expect("nothing hangs");
    assert_eq!(emitter.emit(step(1)), Receipt::Duplicate, "the second one did not");
}

#[test]
fn an_event_that_was_evicted_from_a_queue_may_be_said_again() {
    let bus = Bus::builder().dedup(Dedup::by_content(100, Duration::from_mins(1))).build();
    let (release, wait) = std::sync::mpsc::sync_channel::<()>(10);
    let (arrived, is_in) = std::sync::mpsc::sync_channel::<()>(10);
    let wait = Mutex::new(wait);
    let observer = move |_: &Arc<Envelope>| {
        arrived.send(()).ok();
        wait.lock().recv().ok();
        Ok(())
    };
    let _queued = bus
        .register(Watch(observer))
        .queued(1, Overflow::DropOldest)
        .start()
        .expect("the bus is open");
    let emitter = bus.emitter::<Work>("case", "t");
    emitter.emit(step(1));
    is_in.recv_timeout(PATIENCE).expect("the observer is called");
    emitter.emit(step(2));
    emitter.emit(step(3)); // Takes the place of the second.
    assert_eq!(emitter.emit(step(3)), Receipt::Duplicate);
    assert_eq!(emitter.emit(step(2)).enqueued(), 1, "nobody has seen the second");
    (0..4).for_each(|_| release.send(()).expect("the observer waits"));
}
