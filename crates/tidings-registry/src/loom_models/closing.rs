//! Close while others emit: every accepted event is in the report, and no other.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use tidings_core::Receipt;

use super::support::{LONG, Log, all_delivered, check, counts, emitter, first};
use crate::{Bus, Overflow};

#[test]
fn every_accepted_event_is_in_the_report() {
    check(3, || {
        let bus = Bus::new();
        let log = Log::on(&bus);
        let emitting = emitter(&bus);
        let emits = thread::spawn(move || {
            [1, 2].into_iter().filter(|n| emitting.emit(first(*n)).is_accepted()).count()
        });
        let report = bus.close(LONG).expect("the bus is not strict");
        let shown = log.seen().len();
        let accepted = emits.join().expect("the emitter does not panic");
        assert_eq!(counts(&report), all_delivered(accepted as u64));
        assert_eq!(shown, accepted, "shown after the close, or never");
        assert!(report.complete, "{report:?}");
    });
}

#[test]
fn every_accepted_event_is_through_its_queue() {
    check(2, || {
        let bus = Bus::new();
        let log = Log::default();
        let queued = bus.register(log.clone()).queued(4, Overflow::DropNewest);
        queued.start().expect("the bus is open").detach();
        let emitting = emitter(&bus);
        let emits = thread::spawn(move || emitting.emit(first(1)).is_accepted());
        let report = bus.close(LONG).expect("the bus is not strict");
        let shown = log.seen().len();
        let accepted = usize::from(emits.join().expect("the emitter does not panic"));
        assert_eq!(counts(&report), all_delivered(accepted as u64));
        assert_eq!(shown, accepted, "shown after the close, or never");
        assert!(report.complete, "{report:?}");
    });
}

#[test]
fn nobody_listens_is_not_remembered_beyond_the_close() {
    check(3, || {
        let bus = Bus::new();
        let emitting = emitter(&bus);
        let is_closed = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&is_closed);
        let emits = thread::spawn(move || {
            emitting.emit(first(1));
            let must_refuse = told.load(Ordering::Acquire);
            (must_refuse, emitting.emit(first(2)))
        });
        bus.close(LONG).expect("the bus is not strict");
        is_closed.store(true, Ordering::Release);
        let (must_refuse, receipt) = emits.join().expect("the emitter does not panic");
        assert!(receipt == Receipt::Closed || !must_refuse, "{receipt:?} after the close");
    });
}
