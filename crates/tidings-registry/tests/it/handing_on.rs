//! Observers that hand events on: their own counts, their place, what they leave out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::json;
use tidings_core::{Envelope, Interest, Prefix};
use tidings_registry::{
    Attachment, Bus, Counts, Observer, ObserverDiagnostic, ObserverError, is_observer_thread,
};

/// Keeps two events, has no room for more, and delivers none by itself.
#[derive(Default)]
struct Shelf {
    kept: AtomicU64,
    attachment: Mutex<Option<Attachment>>,
}

impl Observer for Shelf {
    fn attached(&self, attachment: &Attachment) {
        *self.attachment.lock() = Some(attachment.clone());
    }

    fn interest(&self) -> Interest {
        Prefix::parse("case").expect("a prefix").into()
    }

    fn on_event(&self, _envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        if self.kept.load(Ordering::Relaxed) == 2 {
            return Err(ObserverError::dropped("the shelf is full"));
        }
        self.kept.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn counts(&self) -> Option<Counts> {
        Some(Counts { spooled: self.kept.load(Ordering::Relaxed), ..Counts::default() })
    }

    fn last_error(&self) -> Option<String> {
        Some("the shelf has no exit".to_owned())
    }
}

fn note(bus: &Bus) -> tidings_core::Receipt {
    bus.raw_emitter("case", "t1").emit("case.noted", json!({})).expect("the type is valid")
}

#[test]
fn a_receipt_says_enqueued_of_what_is_handed_on_and_dropped_of_what_is_left_out() {
    let bus = Bus::new();
    bus.subscribe(Shelf::default()).detach();
    let receipts = [note(&bus), note(&bus), note(&bus)];
    assert_eq!(
        receipts.map(|receipt| (receipt.enqueued(), receipt.dropped())),
        [(1, 0), (1, 0), (0, 1)]
    );
    let report = bus.report();
    let counts = report.observers[0].counts;
    assert_eq!((counts.accepted, counts.spooled, counts.dropped, counts.pending), (3, 2, 1, 0));
}

#[test]
fn what_is_left_out_for_want_of_room_is_a_number_and_no_flood_of_diagnostics() {
    let bus = Bus::new();
    let failures = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&failures);
    let _told = bus.on::<ObserverDiagnostic>(move |_, _| {
        seen.fetch_add(1, Ordering::Relaxed);
    });
    bus.subscribe(Shelf::default()).detach();
    for _event in 0..10 {
        note(&bus);
    }
    assert_eq!(failures.load(Ordering::Relaxed), 0);
}

#[test]
fn the_report_has_the_last_error_of_the_observer_itself() {
    let bus = Bus::new();
    bus.register(Silent).name("shelf").start().expect("the bus is open").detach();
    let report = bus.report();
    assert_eq!(report.observers[0].last_error.as_deref(), Some("the shelf has no exit"));
}

struct Silent;

impl Observer for Silent {
    fn on_event(&self, _envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        Ok(())
    }

    fn last_error(&self) -> Option<String> {
        Some("the shelf has no exit".to_owned())
    }
}

#[test]
fn a_flush_that_came_too_early_is_made_good_by_a_later_one() {
    let bus = Bus::new();
    bus.subscribe(Slow::default()).detach();
    let barrier = bus.barrier(LONG).expect_err("it was not ready");
    assert_eq!(barrier.to_string(), "not everything could be flushed: `Slow`: not yet");
    let error = bus.report().observers[0].last_error.clone();
    assert_eq!(error.as_deref(), Some("failed to flush: not yet"));
    bus.barrier(LONG).expect("the hook came to its end");
    let report = bus.close(LONG).expect("the bus is not strict");
    assert!(report.complete, "{report}");
}

const LONG: Duration = Duration::from_secs(20);

/// Is not finished when it is flushed for the first time.
#[derive(Default)]
struct Slow(AtomicU64);

impl Observer for Slow {
    fn on_event(&self, _envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        Ok(())
    }

    fn flush(&self, _deadline: std::time::Instant) -> Result<(), ObserverError> {
        match self.0.fetch_add(1, Ordering::Relaxed) {
            0 => Err(ObserverError::failed("not yet")),
            _ => Ok(()),
        }
    }

    fn counts(&self) -> Option<Counts> {
        Some(Counts::default())
    }
}

#[test]
fn an_observer_emits_about_itself_under_the_name_it_is_registered_by() {
    let bus = Bus::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let _told = bus
        .observe("case.stuck", move |envelope| {
            noted.lock().push((envelope.entity().to_string(), is_observer_thread()));
        })
        .expect("a prefix");
    let shelf = Arc::new(Shelf::default());
    bus.register(Arc::clone(&shelf)).name("left").start().expect("the bus is open").detach();
    let attachment = shelf.attachment.lock().clone().expect("it was told its place");
    assert_eq!(attachment.name(), "left");
    attachment.emit(Stuck { since_s: 3 });
    assert!(!is_observer_thread());
    assert_eq!(*seen.lock(), [("observer/left".to_owned(), true)]);
    drop(bus);
    assert!(!attachment.emit(Stuck { since_s: 4 }).is_accepted());
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize, tidings_derive::Event)]
#[event(name = "case.stuck", crate = "tidings_core")]
struct Stuck {
    since_s: u64,
}

#[test]
fn a_place_does_not_keep_its_bus_open() {
    let shelf = Arc::new(Shelf::default());
    let bus = Bus::new();
    bus.subscribe(Arc::clone(&shelf)).detach();
    let emitter = bus.raw_emitter("case", "t1");
    let report = bus.close(Duration::from_secs(5)).expect("the bus is not strict");
    assert!(report.observers[0].counts.accepted == 0);
    drop(bus);
    let receipt = emitter.emit("case.noted", json!({})).expect("the type is valid");
    assert!(!receipt.is_accepted());
}
