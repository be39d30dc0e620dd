//! Barriers: everything accepted before, and all it caused, is finished.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tidings_core::Envelope;
use tidings_registry::{BarrierError, Bus, Observer, ObserverError, Overflow};

use crate::support::{Latch, Log, OpenAtEnd, PATIENCE, Work, emit_steps, note, step, word};

struct Watch<F>(&'static str, F);

impl<F: Fn(&Arc<Envelope>) + Send + Sync + 'static> Observer for Watch<F> {
    fn name(&self) -> String {
        self.0.to_owned()
    }

    fn interest(&self) -> tidings_core::Interest {
        tidings_core::Interest::parse([format!("work.{}", self.0)]).expect("a good prefix")
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        (self.1)(envelope);
        Ok(())
    }
}

#[test]
fn a_barrier_waits_for_a_chain_across_two_queues() {
    let bus = Bus::new();
    let done = Log::new();
    let emitter = bus.emitter("case", "t");
    let inner = emitter.clone();
    let first = Watch("step", move |envelope: &Arc<Envelope>| {
        inner.emit(note(&word(envelope)));
    });
    bus.register(first).queued(1_000, Overflow::Block).start().expect("open").detach();
    let log = done.clone();
    let second = Watch("note", move |envelope: &Arc<Envelope>| {
        thread::yield_now();
        log.push(word(envelope));
    });
    bus.register(second).queued(1_000, Overflow::Block).start().expect("open").detach();
    for round in 1..=50 {
        emit_steps(&emitter, 0..10);
        bus.barrier(PATIENCE).expect("nothing hangs");
        assert_eq!(done.len(), 10 * round);
    }
}

#[test]
fn a_barrier_names_who_was_not_finished() {
    let bus = Bus::new();
    let latch = Latch::closed();
    let _open = OpenAtEnd(latch.clone());
    let hung = Watch("note", move |_: &Arc<Envelope>| latch.wait());
    bus.register(hung).queued(10, Overflow::Block).start().expect("open").detach();
    let fine = Watch("step", |_: &Arc<Envelope>| ());
    bus.register(fine).queued(10, Overflow::Block).start().expect("open").detach();
    bus.emitter("case", "t").emit(note("x"));
    bus.emitter("case", "t").emit(step(1));
    let error = bus.barrier(Duration::from_millis(20)).expect_err("it hangs");
    let BarrierError::Deadline { unfinished, .. } = &error else { panic!("{error}") };
    assert_eq!(*unfinished, ["observer `note`"]);
}

#[test]
fn a_barrier_is_not_fooled_by_events_that_are_dropped_meanwhile() {
    let bus = Bus::new();
    let finished = Arc::new(AtomicU32::new(0));
    let (latch, entered) = (Latch::closed(), Latch::closed());
    let _open = OpenAtEnd(latch.clone());
    let (count, door, bell) = (Arc::clone(&finished), latch.clone(), entered.clone());
    let slow = Watch("step", move |_: &Arc<Envelope>| {
        bell.open();
        door.wait();
        count.fetch_add(1, Ordering::Relaxed);
    });
    bus.register(slow).queued(4, Overflow::DropNewest).start().expect("open").detach();
    let emitter = bus.emitter("case", "t");
    emitter.emit(step(0));
    entered.wait();
    emit_steps(&emitter, 1..=4);
    let waiting = AtomicBool::new(true);
    thread::scope(|scope| {
        scope.spawn(|| {
            // Dropped by dozens while the barrier waits.
            for number in 5..2_000 {
                emitter.emit(step(number));
                thread::yield_now();
            }
            assert!(waiting.load(Ordering::Relaxed), "the barrier did not wait");
            latch.open();
        });
        bus.barrier(PATIENCE).expect("it is opened");
        waiting.store(false, Ordering::Relaxed);
        assert!(finished.load(Ordering::Relaxed) >= 5);
    });
}

#[test]
fn a_barrier_comes_to_an_end_while_others_go_on_emitting() {
    let bus = Bus::new();
    for overflow in [Overflow::Block, Overflow::DropOldest, Overflow::DropNewest] {
        let registration = bus.register(Watch("step", |_: &Arc<Envelope>| ()));
        registration.queued(8, overflow).start().expect("open").detach();
    }
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..3 {
            let (emitter, done) = (bus.emitter("case", "t"), &done);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    emitter.emit(Work::Step { thread: 0, number: 0 });
                }
            });
        }
        for _ in 0..50 {
            bus.barrier(PATIENCE).expect("it has an end");
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_barrier_flushes() {
    struct Buffered(Log<&'static str>);
    impl Observer for Buffered {
        fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
            self.0.push("event");
            Ok(())
        }
        fn flush(&self, deadline: Instant) -> Result<(), ObserverError> {
            assert!(deadline > Instant::now());
            self.0.push("flush");
            Ok(())
        }
    }
    let (bus, log) = (Bus::new(), Log::new());
    bus.register(Buffered(log.clone())).queued(10, Overflow::Block).start().expect("open").detach();
    bus.emitter("case", "t").emit(step(1));
    bus.barrier(PATIENCE).expect("nothing hangs");
    assert_eq!(log.all(), ["event", "flush"]);
}

#[test]
fn an_idle_bus_passes_a_barrier_at_once() {
    let bus = Bus::new();
    bus.barrier(Duration::ZERO).expect("there is nothing to wait for");
    bus.emitter("case", "t").emit(step(1));
    bus.close(PATIENCE).expect("not strict");
    bus.barrier(Duration::ZERO).expect("a closed bus is finished");
}
