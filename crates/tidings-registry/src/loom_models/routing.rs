//! The routing snapshot: what an emit sees of registrations that change meanwhile.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

use super::support::{Log, check, emitter, first};
use crate::Bus;

fn heard(log: &Log, n: u64) -> bool {
    log.steps().contains(&first(n))
}

/// Emits 1 and 2 on another thread; who subscribed before the flag was set has to hear 2, and
/// whether it was set by then is what the thread answers.
fn emits_twice(bus: &Bus) -> (Arc<AtomicBool>, thread::JoinHandle<bool>) {
    let emitting = emitter(bus);
    let is_subscribed = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&is_subscribed);
    let emits = thread::spawn(move || {
        emitting.emit(first(1));
        let must_hear = told.load(Ordering::Acquire);
        emitting.emit(first(2));
        must_hear
    });
    (is_subscribed, emits)
}

#[test]
fn an_emit_sees_one_table_and_the_new_one_once_subscribe_returned() {
    check(3, || {
        let bus = Bus::new();
        let always = Log::on(&bus);
        let (is_subscribed, emits) = emits_twice(&bus);
        let one = Log::on(&bus);
        let two = Log::on(&bus);
        is_subscribed.store(true, Ordering::Release);
        emitter(&bus).emit(first(3));
        let must_hear = emits.join().expect("the emitter does not panic");
        for n in 1..=3 {
            assert!(heard(&always, n), "{n} passed by who was there all the time");
            assert!(!heard(&two, n) || heard(&one, n), "{n} saw a mixture of tables");
        }
        for log in [&one, &two] {
            assert!(!heard(log, 1) || heard(log, 2), "the old table came back");
            assert!(heard(log, 2) || !must_hear, "subscribed, and not heard");
            assert!(heard(log, 3), "this thread has subscribed before");
        }
    });
}

#[test]
fn nobody_listens_is_remembered_for_no_later_table() {
    check(3, || {
        let bus = Bus::new();
        let (is_subscribed, emits) = emits_twice(&bus);
        let log = Log::on(&bus);
        is_subscribed.store(true, Ordering::Release);
        let must_hear = emits.join().expect("the emitter does not panic");
        assert!(heard(&log, 2) || !must_hear, "subscribed, and taken for nobody");
        assert!(!heard(&log, 1) || heard(&log, 2), "the old table came back");
    });
}
