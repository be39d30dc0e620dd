//! State machines whose transitions are events.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use tidings_core::state::{StateMachine, StateName, Table};
use tidings_core::{Emitter, Envelope, EventId, Receipt};
use tidings_registry::{Bus, Observer, ObserverError, Overflow};

use crate::support::{
    Latch, Log, OpenAtEnd, PATIENCE, Work, assert_gapless, observer, record, step, timed, word,
};

type Machine = StateMachine<StateName>;

const RING: usize = 5;

/// A ring of states, `s0` to `s4`, in which every state but the next is illegal.
fn ring(name: &str) -> Arc<Machine> {
    let mut table = Table::builder("ring").initial("s0");
    for place in 0..RING {
        table = table.edge(&*format!("s{place}"), &*format!("s{}", (place + 1) % RING));
    }
    Arc::new(StateMachine::with_table(name, &table.build().expect("a ring is valid")))
}

fn state(number: u64) -> String {
    format!("s{}", number % RING as u64)
}

/// Tries to make each transition from `s{n}` on, until `steps` were made by all together.
/// The numbers of those that this thread made.
fn race(machine: &Machine, emitter: &Emitter<Work>, thread: u32, steps: u64) -> Vec<(u64, u32)> {
    let mut won_by = Vec::new();
    loop {
        let made = machine.transitions();
        if made >= steps {
            return won_by;
        }
        let event = Work::Step { thread, number: 0 };
        if let Ok((transition, receipt)) = emitter.transition(machine, &*state(made + 1), event) {
            assert!(receipt.is_accepted(), "{receipt:?}");
            won_by.push((transition.number, thread));
        }
    }
}

#[test]
fn racing_transitions_are_each_won_once_and_their_events_keep_the_order() {
    const STEPS: u64 = 5_000;
    let bus = Bus::new();
    let log = record(&bus);
    let queued = Log::new();
    let kept = queued.clone();
    let registration = bus.register(Watch(move |envelope: &Arc<Envelope>| {
        kept.push(envelope.id());
    }));
    registration.queued(10, Overflow::Block).start().expect("open").detach();
    let machines = [ring("first"), ring("second")];
    let won: Vec<Vec<(u64, u32)>> = thread::scope(|scope| {
        let racing: Vec<_> = (0..8_u32)
            .map(|thread| {
                let machine = &machines[thread as usize % 2];
                let emitter = bus.emitter("ring", machine.name());
                scope.spawn(move || race(machine, &emitter, thread, STEPS))
            })
            .collect();
        racing.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    let report = bus.close(PATIENCE).expect("not strict");
    assert!(report.complete, "{report:?}");
    assert_gapless(&log.all());
    for (place, machine) in machines.iter().enumerate() {
        let own = |(_, thread): &(u64, u32)| *thread as usize % 2 == place;
        let won = won.iter().flatten().copied().filter(own).collect();
        assert_events_follow(machine, won, &log.all(), &queued.all());
    }
}

/// Fails unless each transition was won once, and each event says who won it, in the order
/// of the transitions, on a gapless lane, in a queue as well.
fn assert_events_follow(
    machine: &Machine,
    mut won: Vec<(u64, u32)>,
    log: &[Arc<Envelope>],
    queued: &[EventId],
) {
    won.sort_unstable();
    // Those who raced past the last step may have added a few.
    let (numbers, movers): (Vec<u64>, Vec<u32>) = won.into_iter().unzip();
    let made = machine.transitions();
    assert_eq!(numbers, (1..=made).collect::<Vec<_>>(), "won once each");
    assert_eq!(movers_of(log, machine.name()), movers);
    let own = log.iter().filter(|envelope| envelope.entity().id() == machine.name());
    let own: Vec<EventId> = own.map(|envelope| envelope.id()).collect();
    let lane = own[0].lane();
    assert!(own.iter().all(|id| id.lane() == lane), "a lane of its own");
    let sequences: Vec<u64> = own.iter().map(|id| id.sequence()).collect();
    assert_eq!(sequences, (0..made).collect::<Vec<_>>());
    let in_queue: Vec<EventId> = queued.iter().copied().filter(|id| id.lane() == lane).collect();
    assert_eq!(in_queue, own, "in the same order in a queue");
}

/// Who emitted the events of a machine, in the order they arrived.
fn movers_of(log: &[Arc<Envelope>], machine: &str) -> Vec<u32> {
    let own = log.iter().filter(|envelope| envelope.entity().id() == machine);
    own.map(|envelope| match envelope.event::<Work>().expect("typed").as_deref() {
        Some(Work::Step { thread, .. }) => *thread,
        other => panic!("not a step: {other:?}"),
    })
    .collect()
}

struct Watch<F>(F);

impl<F: Fn(&Arc<Envelope>) + Send + Sync + 'static> Observer for Watch<F> {
    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        (self.0)(envelope);
        Ok(())
    }
}

#[test]
fn an_observer_may_move_the_machine_whose_event_it_is_shown() {
    let bus = Bus::new();
    let machine = ring("ring");
    let emitter = bus.emitter("ring", "r");
    let (inner, receipts, log) = (emitter.clone(), Log::new(), record(&bus));
    let (moved, kept) = (Arc::clone(&machine), receipts.clone());
    bus.observe("work.step", move |envelope| {
        let number: u32 = word(envelope).parse().expect("a number");
        if number < 4 {
            let target = state(u64::from(number) + 1);
            let (_, receipt) =
                inner.transition(&moved, &*target, step(number + 1)).expect("it is legal");
            kept.push(receipt);
        }
    })
    .expect("a good prefix")
    .detach();
    let (_, receipt) = emitter.transition(&machine, "s1", step(1)).expect("it is legal");
    assert_eq!(receipt.delivered(), 2);
    assert_eq!(receipts.all(), [Receipt::Reentrant; 3]);
    assert_eq!(machine.state().as_str(), "s4");
    let log = log.all();
    assert_eq!(log.iter().map(word).collect::<Vec<_>>(), ["1", "2", "3", "4"]);
    assert_gapless(&log);
    for pair in log.windows(2) {
        assert_eq!(pair[1].caused_by(), Some(pair[0].id()));
    }
}

#[test]
fn an_observer_may_move_a_machine_while_another_thread_moves_it() {
    const STEPS: u64 = 2_000;
    let bus = Bus::new();
    let (machine, other) = (ring("ring"), ring("other"));
    let emitter = bus.emitter("ring", "r");
    let (moved, inner) = (Arc::clone(&machine), emitter.clone());
    bus.observe("work.note", move |_| {
        let made = moved.transitions();
        let _lost = inner.transition(&moved, &*state(made + 1), step(1));
    })
    .expect("a good prefix")
    .detach();
    let log = record(&bus);
    thread::scope(|scope| {
        let (emitter, machine, other) = (&emitter, &machine, &other);
        scope.spawn(move || race(machine, emitter, 1, STEPS));
        scope.spawn(move || {
            while machine.transitions() < STEPS {
                let target = state(other.transitions() + 1);
                let text = Work::Note { text: "x".into() };
                emitter.transition(other, &*target, text).expect("it is its only mover");
            }
        });
    });
    assert!(bus.close(PATIENCE).expect("not strict").complete);
    let log = log.all();
    assert_gapless(&log);
    let steps: Vec<_> =
        log.iter().filter(|envelope| envelope.event_type() == "work.step").collect();
    assert_eq!(steps.len() as u64, machine.transitions());
    assert!(steps.windows(2).all(|pair| pair[0].id().sequence() < pair[1].id().sequence()));
}

#[test]
fn an_illegal_transition_emits_nothing_and_changes_nothing() {
    let bus = Bus::new();
    let (log, machine) = (record(&bus), ring("ring"));
    let emitter = bus.emitter("ring", "r");
    let error = emitter.transition(&machine, "s3", step(1)).expect_err("not from s0");
    assert_eq!(error.to_string(), "ring: `s3` is not allowed in `s0` (allowed: `s1`)");
    assert_eq!((machine.state().as_str(), machine.transitions(), log.len()), ("s0", 0, 0));
    emitter.transition(&machine, "s1", step(1)).expect("it is legal");
    assert_eq!(log.all()[0].id().sequence(), 0, "the refused one took no number");
}

#[test]
fn a_transition_that_nobody_hears_is_made_all_the_same() {
    let bus = Bus::new();
    let machine = ring("ring");
    let emitter = bus.emitter::<Work>("ring", "r");
    let (_, receipt) = emitter.transition(&machine, "s1", step(1)).expect("it is legal");
    assert_eq!((receipt, machine.state().as_str()), (Receipt::UNHEARD, "s1"));
    let log = record(&bus);
    let (_, receipt) = emitter.transition(&machine, "s2", step(2)).expect("it is legal");
    assert_eq!((receipt.delivered(), log.all()[0].id().sequence()), (1, 0));
}

#[test]
fn transitions_are_exempt_from_dedup() {
    let dedup = tidings_registry::Dedup::by_content(10, Duration::from_mins(1));
    let bus = Bus::builder().dedup(dedup).build();
    let (log, machine) = (record(&bus), ring("ring"));
    let emitter = bus.emitter("ring", "r");
    for number in 1..=10 {
        emitter.transition(&machine, &*state(number), step(7)).expect("it is legal");
    }
    assert_eq!(log.len(), 10);
}

#[test]
fn a_close_waits_for_the_events_of_machines() {
    for _round in 0..30 {
        let bus = Bus::new();
        let count = Log::new();
        let kept = count.clone();
        bus.register(Watch(move |envelope: &Arc<Envelope>| {
            kept.push(envelope.id());
        }))
        .name("inline")
        .start()
        .expect("open")
        .detach();
        let machine = ring("ring");
        let report = thread::scope(|scope| {
            for _ in 0..4 {
                let (emitter, machine) = (bus.emitter("ring", "r"), &machine);
                scope.spawn(move || {
                    loop {
                        let target = state(machine.transitions() + 1);
                        let moved = emitter.transition(machine, &*target, step(1));
                        if moved.is_err_and(|error| error.to_string().contains("closed")) {
                            return;
                        }
                    }
                });
            }
            count.wait_for(20);
            bus.close(PATIENCE).expect("not strict")
        });
        assert!(report.complete, "{report:?}");
        assert_eq!(observer(&report, "inline").counts.delivered, machine.transitions());
        assert_eq!(count.len() as u64, machine.transitions());
    }
}

#[test]
fn an_observer_of_a_transition_may_close_cancel_and_wait() {
    const LONG: Duration = Duration::from_secs(20);
    let bus = Bus::new();
    let machine = ring("ring");
    let emitter = bus.emitter::<Work>("ring", "r");
    let waits = Log::new();
    let (kept, inner, own) = (waits.clone(), bus.clone(), Arc::new(Mutex::new(None)));
    let slot: Arc<Mutex<Option<tidings_registry::Subscription>>> = Arc::clone(&own);
    let (moved, again) = (Arc::clone(&machine), emitter.clone());
    let closing = Watch(move |_: &Arc<Envelope>| {
        let Some(own) = slot.lock().take() else {
            return;
        };
        again.transition(&moved, "s2", step(2)).expect("it is legal");
        kept.push(
            timed(|| {
                own.cancel_and_wait(LONG).expect("own calls are not waited for");
            })
            .1,
        );
        kept.push(timed(|| inner.close(LONG).expect("not strict")).1);
    });
    *own.lock() = Some(bus.subscribe(closing));
    emitter.transition(&machine, "s1", step(1)).expect("it is legal");
    assert_eq!(waits.len(), 2);
    assert!(waits.all().iter().all(|waited| *waited < LONG / 2), "{waits:?}");
    assert_eq!(machine.state().as_str(), "s2");
    assert!(emitter.transition(&machine, "s3", step(3)).is_err());
}

#[test]
fn whoever_moves_a_machine_that_another_thread_delivers_for_goes_on_at_once() {
    let bus = Bus::new();
    let machine = ring("ring");
    let (latch, entered) = (Latch::closed(), Latch::closed());
    let _open = OpenAtEnd(latch.clone());
    let (door, bell, log) = (latch.clone(), entered.clone(), Log::new());
    let kept = log.clone();
    bus.observe("**", move |envelope| {
        kept.push((word(envelope), thread::current().id()));
        bell.open();
        door.wait();
    })
    .expect("a good prefix")
    .detach();
    thread::scope(|scope| {
        let first = scope.spawn(|| {
            let moved = bus.emitter("ring", "r").transition(&machine, "s1", step(1));
            moved.expect("it is legal").1
        });
        entered.wait();
        let moved = bus.emitter("ring", "r").transition(&machine, "s2", step(2));
        assert_eq!(moved.expect("it is legal").1, Receipt::Reentrant);
        latch.open();
        assert_eq!(first.join().expect("no panic").delivered(), 1);
    });
    let log = log.all();
    assert_eq!(log.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(log[0].1, log[1].1, "the first thread delivered both");
}
