//! Many threads emit while observers come and go.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;

use parking_lot::Mutex;
use tidings_core::{Envelope, Interest, Lane, Receipt};
use tidings_registry::{Bus, Observer, ObserverError, Overflow};

use crate::support::{PATIENCE, Work, assert_balanced, observer};

const THREADS: u32 = 8;
const EVENTS: u32 = 50_000;

/// Keeps the numbers of each emitting thread's events, and their lanes.
#[derive(Default)]
struct Tape {
    threads: [Mutex<Vec<u32>>; THREADS as usize],
    lanes: Mutex<BTreeMap<Lane, Vec<u64>>>,
    seen: AtomicUsize,
    with_lanes: bool,
}

impl Tape {
    fn numbers(&self, thread: u32) -> Vec<u32> {
        self.threads[thread as usize].lock().clone()
    }

    fn seen(&self) -> usize {
        self.seen.load(Ordering::Relaxed)
    }

    /// Fails unless each thread's numbers are a stretch without gap, repeat or swap.
    fn assert_contiguous(&self) {
        for thread in 0..THREADS {
            let numbers = self.numbers(thread);
            for pair in numbers.windows(2) {
                assert_eq!(pair[0] + 1, pair[1], "thread {thread}");
            }
        }
    }

    fn assert_rising(&self) {
        for thread in 0..THREADS {
            let numbers = self.numbers(thread);
            assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "thread {thread}");
        }
    }
}

impl Observer for Tape {
    fn interest(&self) -> Interest {
        Interest::everything()
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        let Some(event) = envelope.event::<Work>()? else {
            return Ok(());
        };
        let Work::Step { thread, number } = *event else {
            return Ok(());
        };
        self.threads[thread as usize].lock().push(number);
        if self.with_lanes {
            let id = envelope.id();
            self.lanes.lock().entry(id.lane()).or_default().push(id.sequence());
        }
        self.seen.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn needs_close(&self) -> bool {
        false
    }
}

fn emit_all(bus: &Bus, events: u32) -> u64 {
    let accepted = AtomicU64::new(0);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (emitter, accepted) = (bus.emitter("case", "t"), &accepted);
            scope.spawn(move || {
                for number in 0..events {
                    if emitter.emit(Work::Step { thread, number }) == Receipt::Closed {
                        return;
                    }
                    accepted.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    accepted.into_inner()
}

/// Registers observers, lets them see something, and lets them go, until `done`.
fn come_and_go(bus: &Bus, done: &AtomicBool, kind: u32) {
    let mut round = 0;
    while !done.load(Ordering::Relaxed) {
        round += 1;
        let tape = Arc::new(Tape::default());
        let registration = bus.register(Arc::clone(&tape)).name("temporary");
        let registration = match (kind, round % 2) {
            (0 | 3, _) => registration,
            (_, 0) => registration.queued(10_000, Overflow::Block),
            _ => registration.priority(round % 5),
        };
        let subscription = registration.start().expect("the bus is open");
        let sees = |tape: &Tape, more: usize| {
            let target = tape.seen() + more;
            while tape.seen() < target && !done.load(Ordering::Relaxed) {
                thread::yield_now();
            }
        };
        sees(&tape, 100);
        match kind {
            0 | 1 => {
                subscription.cancel_and_wait(PATIENCE).expect("nothing hangs");
                let before = tape.seen();
                tape.assert_contiguous();
                assert_eq!(tape.seen(), before, "called after it was gone");
            }
            2 => {
                subscription.pause();
                subscription.resume();
                sees(&tape, 100);
                subscription.cancel_and_wait(PATIENCE).expect("nothing hangs");
                tape.assert_rising();
            }
            _ => {
                let second = Arc::new(Tape::default());
                assert!(subscription.replace(Arc::clone(&second)));
                sees(&second, 100);
                subscription.cancel_and_wait(PATIENCE).expect("nothing hangs");
                for thread in 0..THREADS {
                    let (mut all, after) = (tape.numbers(thread), second.numbers(thread));
                    all.extend(after);
                    assert!(all.windows(2).all(|pair| pair[0] + 1 == pair[1]), "thread {thread}");
                }
            }
        }
    }
}

#[test]
fn nothing_is_lost_doubled_or_swapped_while_observers_come_and_go() {
    let bus = Bus::new();
    let permanent = Arc::new(Tape { with_lanes: true, ..Tape::default() });
    bus.register(Arc::clone(&permanent)).name("permanent").start().expect("open").detach();
    let done = AtomicBool::new(false);
    let accepted = thread::scope(|scope| {
        for kind in 0..4 {
            let (bus, done) = (&bus, &done);
            scope.spawn(move || come_and_go(bus, done, kind));
        }
        let (bus, done) = (&bus, &done);
        scope.spawn(move || {
            while !done.load(Ordering::Relaxed) {
                assert_balanced(&bus.report());
                thread::yield_now();
            }
        });
        let accepted = emit_all(bus, EVENTS);
        done.store(true, Ordering::Relaxed);
        accepted
    });
    let expected: Vec<u32> = (0..EVENTS).collect();
    for thread in 0..THREADS {
        assert!(permanent.numbers(thread) == expected, "thread {thread}");
    }
    for (lane, sequences) in &*permanent.lanes.lock() {
        let expected: Vec<u64> = (0..sequences.len() as u64).collect();
        assert!(*sequences == expected, "lane {lane}");
    }
    let report = bus.close(PATIENCE).expect("not strict");
    assert_balanced(&report);
    assert!(report.complete, "{report:?}");
    assert_eq!(observer(&report, "permanent").counts.delivered, accepted);
}

#[test]
fn every_accepted_event_is_in_the_report_of_a_close_under_fire() {
    for _round in 0..20 {
        let bus = Bus::new();
        let inline = Arc::new(Tape::default());
        let queued = Arc::new(Tape::default());
        bus.register(Arc::clone(&inline)).name("inline").start().expect("open").detach();
        let registration = bus.register(Arc::clone(&queued)).name("queued");
        registration.queued(1_000, Overflow::Block).start().expect("open").detach();
        let (accepted, report) = thread::scope(|scope| {
            let emitting = scope.spawn(|| emit_all(&bus, 1_000_000));
            while inline.seen() < 500 {
                thread::yield_now();
            }
            let report = bus.close(PATIENCE).expect("not strict");
            (emitting.join().expect("no panic"), report)
        });
        assert!(report.complete, "{report:?}");
        for name in ["inline", "queued"] {
            let counts = observer(&report, name).counts;
            assert_eq!((counts.accepted, counts.delivered), (accepted, accepted), "{name}");
        }
        assert_eq!((inline.seen() as u64, queued.seen() as u64), (accepted, accepted));
        inline.assert_contiguous();
        queued.assert_contiguous();
    }
}

#[test]
fn more_cancelled_observers_than_a_report_names_are_added_up() {
    let bus = Bus::new();
    let emitter = bus.emitter("case", "t");
    for number in 0..600_u32 {
        let tape = bus.subscribe(Tape::default());
        emitter.emit(Work::Step { thread: 0, number });
        tape.cancel();
    }
    let report = bus.close(PATIENCE).expect("not strict");
    assert_balanced(&report);
    let delivered: u64 = report.observers.iter().map(|line| line.counts.delivered).sum();
    assert_eq!(delivered, 600);
    assert!(report.observers.len() < 300, "{}", report.observers.len());
    assert!(report.complete);
}

#[test]
fn a_queued_observer_that_is_cancelled_under_fire_leaves_nothing_pending() {
    let bus = Bus::new();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _thread in 0..4 {
            scope.spawn(|| {
                let emitter = bus.emitter("case", "t");
                while !done.load(Ordering::Relaxed) {
                    emitter.emit(Work::Step { thread: 0, number: 0 });
                }
            });
        }
        for round in 0..200 {
            let tape = Arc::new(Tape::default());
            let overflow = [Overflow::Block, Overflow::DropNewest, Overflow::DropOldest];
            let registration = bus.register(Arc::clone(&tape)).queued(4, overflow[round % 3]);
            let subscription = registration.start().expect("open");
            while tape.seen() == 0 {
                thread::yield_now();
            }
            subscription.cancel();
        }
        done.store(true, Ordering::Relaxed);
    });
    bus.barrier(PATIENCE).expect("no event of a cancelled observer is left");
    let report = bus.close(PATIENCE).expect("not strict");
    assert_balanced(&report);
    assert!(report.observers.iter().all(|line| line.counts.pending == 0), "{report:?}");
}
