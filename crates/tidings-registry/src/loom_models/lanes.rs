//! Lanes: one writer each, no gap, and used again.

use std::sync::atomic::{AtomicBool, Ordering};

use loom::thread;

use super::support::{Log, assert_gapless, check, emitter, first};
use crate::Bus;

#[test]
fn lanes_are_gapless_whoever_leases_them() {
    check(3, || {
        let bus = Bus::new();
        let log = Log::on(&bus);
        let threads = [10, 20].map(|n| {
            let emitting = emitter(&bus);
            thread::spawn(move || {
                emitting.emit(first(n));
                emitting.emit(first(n + 1));
            })
        });
        for thread in threads {
            thread.join().expect("the emitter does not panic");
        }
        assert_eq!(log.seen().len(), 4);
        assert_gapless(&log);
        let lanes = log.sequences().len();
        assert!(lanes <= 2, "{lanes} lanes for two threads");
    });
}

#[test]
fn a_lane_goes_on_where_the_thread_before_has_ended() {
    static REUSED: AtomicBool = AtomicBool::new(false);
    check(3, || {
        let bus = Bus::new();
        let log = Log::on(&bus);
        let [before, after] = [emitter(&bus), emitter(&bus)];
        thread::spawn(move || before.emit(first(1))).join().expect("the emitter does not panic");
        let later = thread::spawn(move || after.emit(first(2)));
        emitter(&bus).emit(first(3));
        later.join().expect("the emitter does not panic");
        assert_eq!(bus.report().observers[0].counts.delivered, 3);
        assert_gapless(&log);
        // loom's join may come before the thread's storage is gone, and its lane free.
        if log.sequences().len() < 3 {
            REUSED.store(true, Ordering::Relaxed);
        }
    });
    assert!(REUSED.load(Ordering::Relaxed), "a free lane is not used again");
}
