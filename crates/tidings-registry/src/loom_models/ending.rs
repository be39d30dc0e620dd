//! Emits from the destructors of a thread's own storage.
//!
//! loom destroys a thread's values in no fixed order, so here only one has a destructor that
//! does anything: the thread has leased no lane before.

use std::cell::RefCell;
use std::sync::Arc;

use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread;
use tidings_core::Emitter;

use super::support::{
    LONG, Log, Step, all_delivered, assert_gapless, check, counts, emitter, first,
};
use crate::Bus;
use crate::lane::make_storage;

/// Emits when its thread ends.
struct Parting {
    emitter: Emitter<Step>,
    end: Arc<End>,
}

/// How it went.
#[derive(Default)]
struct End {
    is_over: AtomicBool,
    accepted: AtomicUsize,
}

impl Drop for Parting {
    fn drop(&mut self) {
        let is_accepted = |n: &u64| self.emitter.emit(first(*n)).is_accepted();
        let accepted = [1, 2].iter().filter(|n| is_accepted(n)).count();
        self.end.accepted.store(accepted, Ordering::Relaxed);
        self.end.is_over.store(true, Ordering::Release);
    }
}

loom::thread_local! {
    static PARTING: RefCell<Option<Parting>> = RefCell::new(None);
}

/// Starts a thread that emits twice as it ends; what is answered waits for that, and says
/// how many were accepted.
fn end_a_thread(emitter: Emitter<Step>) -> impl FnOnce() -> usize {
    let end = Arc::<End>::default();
    let known = Arc::clone(&end);
    thread::spawn(move || {
        make_storage();
        PARTING.with(|place| *place.borrow_mut() = Some(Parting { emitter, end }));
    });
    move || {
        // loom's join does not wait for destructors.
        while !known.is_over.load(Ordering::Acquire) {
            thread::yield_now();
        }
        known.accepted.load(Ordering::Relaxed)
    }
}

#[test]
fn an_accepted_event_of_a_destructor_is_in_the_report() {
    check(3, || {
        let bus = Bus::new();
        let log = Log::on(&bus);
        let accepted = end_a_thread(emitter(&bus));
        let report = bus.close(LONG).expect("the bus is not strict");
        let shown = log.seen().len();
        let accepted = accepted();
        assert_eq!(counts(&report), all_delivered(accepted as u64));
        assert_eq!(shown, accepted, "shown after the close, or never");
        assert!(report.complete, "{report:?}");
        assert_gapless(&log);
    });
}

#[test]
fn destructors_lease_lanes_beside_threads_that_live() {
    check(3, || {
        let bus = Bus::new();
        let log = Log::on(&bus);
        let accepted = end_a_thread(emitter(&bus));
        emitter(&bus).emit(first(3));
        assert_eq!(accepted(), 2);
        assert_eq!(log.seen().len(), 3);
        assert_gapless(&log);
    });
}

#[test]
fn what_an_observer_answers_to_a_destructor_names_its_cause() {
    check(3, || {
        let bus = Bus::new();
        let log = Log::on(&bus);
        let answering = emitter(&bus);
        let answers = bus.on::<Step>(move |step, _| {
            if let Step::First { n } = step {
                answering.emit(Step::Second { n: *n });
            }
        });
        answers.detach();
        let accepted = end_a_thread(emitter(&bus));
        emitter(&bus).emit(first(3));
        assert_eq!(accepted(), 2);
        let seen = log.seen();
        assert_eq!(seen.len(), 6, "each has its answer");
        for answer in seen.iter().filter(|seen| matches!(seen.step, Step::Second { .. })) {
            let cause = seen.iter().find(|seen| Some(seen.id) == answer.cause);
            let Step::Second { n } = answer.step else { continue };
            assert_eq!(cause.map(|cause| cause.step.clone()), Some(first(n)));
        }
        assert_gapless(&log);
    });
}
