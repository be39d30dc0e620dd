//! Joining late: the past first, then the present.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use parking_lot::Mutex;
use tidings_core::{Envelope, Interest};
use tidings_registry::{Bus, Observer, ObserverError, Overflow, Registration};

use crate::support::{Log, PATIENCE, Work, emit_steps, note, observer, step, word, words};

const THREADS: u32 = 4;

/// Keeps what each emitting thread said.
#[derive(Default)]
struct Tape([Mutex<Vec<u32>>; THREADS as usize]);

impl Observer for Tape {
    fn interest(&self) -> Interest {
        Interest::types([&Work::STEP])
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        if let Some(Work::Step { thread, number }) = envelope.event::<Work>()?.as_deref() {
            self.0[*thread as usize].lock().push(*number);
        }
        Ok(())
    }
}

impl Tape {
    fn len(&self) -> usize {
        self.0.iter().map(|numbers| numbers.lock().len()).sum()
    }
}

fn join_while_others_emit(configure: impl Fn(Registration) -> Registration) {
    let bus = Bus::builder().history(64).build();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (emitter, done) = (bus.emitter("case", "t"), &done);
            scope.spawn(move || {
                for number in 0.. {
                    emitter.emit(Work::Step { thread, number });
                    if done.load(Ordering::Relaxed) {
                        return;
                    }
                }
            });
        }
        for round in 0..70 {
            let tape = Arc::new(Tape::default());
            let registration = configure(bus.register(Arc::clone(&tape))).past(round % 70);
            let subscription = registration.start().expect("open");
            while tape.len() < 200 {
                thread::yield_now();
            }
            subscription.cancel_and_wait(PATIENCE).expect("nothing hangs");
            for (thread, numbers) in tape.0.iter().enumerate() {
                let numbers = numbers.lock();
                for pair in numbers.windows(2) {
                    assert_eq!(pair[0] + 1, pair[1], "thread {thread}, round {round}");
                }
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    let report = bus.close(PATIENCE).expect("not strict");
    crate::support::assert_balanced(&report);
    assert!(report.observers.iter().all(|line| line.counts.pending == 0), "{report:?}");
}

#[test]
fn an_inline_observer_joins_late_without_gap_or_repeat() {
    join_while_others_emit(|registration| registration);
}

#[test]
fn a_queued_observer_joins_late_without_gap_or_repeat() {
    join_while_others_emit(|registration| registration.queued(1_000, Overflow::Block));
}

#[test]
fn the_past_is_the_last_events_of_the_interest_and_they_are_counted() {
    let shapes: [fn(Registration) -> Registration; 2] =
        [|inline| inline, |queued| queued.queued(10, Overflow::Block)];
    for configure in shapes {
        let bus = Bus::builder().history(6).build();
        let emitter = bus.emitter("case", "t");
        for number in 0..10 {
            assert!(emitter.emit(step(number)).is_accepted());
        }
        emitter.emit(note("other"));
        let tape = Arc::new(Tape::default());
        let registration = configure(bus.register(Arc::clone(&tape)).name("late"));
        registration.past(3).start().expect("open").detach();
        let all = Arc::new(Tape::default());
        let registration = configure(bus.register(Arc::clone(&all)).name("all"));
        registration.past(100).start().expect("open").detach();
        emitter.emit(step(10));
        let report = bus.close(PATIENCE).expect("not strict");
        assert_eq!(*tape.0[0].lock(), [7, 8, 9, 10]);
        assert_eq!(*all.0[0].lock(), [5, 6, 7, 8, 9, 10]);
        for (name, accepted) in [("late", 4), ("all", 6)] {
            let counts = observer(&report, name).counts;
            assert_eq!((counts.accepted, counts.delivered), (accepted, accepted), "{name}");
        }
        assert!(report.complete);
    }
}

#[test]
fn what_an_observer_emits_while_it_is_shown_the_past_comes_after_it() {
    let bus = Bus::builder().history(10).build();
    let emitter = bus.emitter("case", "t");
    emit_steps(&emitter, 0..3);
    let log = Log::new();
    let kept = log.clone();
    let observing = Watch(move |envelope: &Arc<Envelope>| {
        kept.push(word(envelope));
        if envelope.event_type() == "work.step" {
            emitter.emit(note(&format!("after {}", word(envelope))));
        }
    });
    let _late = bus.register(observing).past(10).start().expect("open");
    assert_eq!(log.all(), ["0", "1", "2", "after 0", "after 1", "after 2"]);
}

struct Watch<F>(F);

impl<F: Fn(&Arc<Envelope>) + Send + Sync + 'static> Observer for Watch<F> {
    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        (self.0)(envelope);
        Ok(())
    }
}

#[test]
fn an_observer_may_join_late_inside_another_one() {
    let bus = Bus::builder().history(10).build();
    let first = words(&bus);
    let (log, inner) = (Log::new(), bus.clone());
    let kept = log.clone();
    bus.observe("work.note", move |_| {
        let kept = kept.clone();
        let observing = Watch(move |envelope: &Arc<Envelope>| kept.push(word(envelope)));
        inner.register(observing).past(10).start().expect("open").detach();
    })
    .expect("a good prefix")
    .detach();
    let emitter = bus.emitter("case", "t");
    emitter.emit(step(1));
    emitter.emit(note("now"));
    emitter.emit(step(2));
    assert_eq!(first.all(), ["1", "now", "2"]);
    assert_eq!(log.all(), ["1", "now", "2"], "the current event is past by then");
    bus.close(PATIENCE).expect("not strict");
}

#[test]
fn a_bus_without_a_history_refuses_who_asks_for_the_past() {
    let bus = Bus::new();
    let refused = bus.register(Arc::new(Tape::default())).past(10).start();
    let reason = refused.expect_err("the bus keeps nothing").to_string();
    assert!(reason.contains("Bus::builder().history("), "{reason}");
    assert!(bus.report().observers.is_empty());
}
