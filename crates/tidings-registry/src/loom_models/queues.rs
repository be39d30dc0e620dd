//! A queue that drops its oldest event: exact counts, kept order, barriers that wait.

use loom::thread;

use super::support::{LONG, Log, Step, check, counts, emitter, first};
use crate::{Bus, Overflow};

/// A bus with one observer behind a queue that holds one event.
fn narrow(bus: &Bus) -> Log {
    let log = Log::default();
    let queued = bus.register(log.clone()).queued(1, Overflow::DropOldest);
    queued.start().expect("the bus is open").detach();
    log
}

#[test]
fn drop_oldest_keeps_the_order_and_the_last_and_counts_exactly() {
    check(2, || {
        let bus = Bus::new();
        let log = narrow(&bus);
        let emitting = emitter(&bus);
        for n in 1..=3 {
            emitting.emit(first(n));
        }
        let report = bus.close(LONG).expect("the bus is not strict");
        let sequences: Vec<u64> = log.seen().iter().map(|seen| seen.id.sequence()).collect();
        assert!(sequences.is_sorted_by(|before, after| before < after), "{sequences:?}");
        assert_eq!(sequences.last(), Some(&2), "the newest is the last to go");
        let counts = counts(&report);
        assert_eq!(counts.accepted, 3);
        assert_eq!(counts.delivered, sequences.len() as u64);
        assert_eq!(counts.dropped, 3 - counts.delivered);
        assert_eq!(counts.pending, 0);
    });
}

#[test]
fn two_that_make_room_at_once_count_each_event_once() {
    check(2, || {
        let bus = Bus::new();
        let log = narrow(&bus);
        let emitting = emitter(&bus);
        let other = thread::spawn(move || emitting.emit(first(1)));
        emitter(&bus).emit(first(2));
        other.join().expect("the emitter does not panic");
        let report = bus.close(LONG).expect("the bus is not strict");
        let counts = counts(&report);
        assert_eq!(counts.accepted, 2);
        assert_eq!(counts.delivered, log.seen().len() as u64);
        assert_eq!(counts.delivered + counts.dropped, 2, "{counts:?}");
        assert!(counts.delivered >= 1, "room was made, and not used");
    });
}

#[test]
fn a_barrier_counts_what_others_push_out_meanwhile_once() {
    check(1, || {
        let bus = Bus::new();
        let log = narrow(&bus);
        let emitting = emitter(&bus);
        emitting.emit(first(1));
        emitting.emit(first(2));
        let other = emitter(&bus);
        let pushes = thread::spawn(move || other.emit(first(3)));
        bus.barrier(LONG).expect("no event takes so long");
        let is_mine = |step: &&Step| **step != first(3);
        let shown = log.steps().iter().filter(is_mine).count() as u64;
        let dropped = bus.report().observers[0].counts.dropped;
        // The third is the newest: each that was dropped is one of the first two.
        assert_eq!(shown + dropped, 2, "still to come after a barrier: {:?}", log.steps());
        pushes.join().expect("the emitter does not panic");
    });
}
