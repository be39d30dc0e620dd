//! Many threads, one machine.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Mutex, Weak};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use super::fixture::{Case, HandClock, timed};
use crate::state::{Cause, StateMachine, Table, Transition, TransitionError};

const THREADS: usize = 8;
const STEPS: usize = 500;

fn chain() -> Table {
    let edges = (0..STEPS).map(|step| (format!("s{step}"), format!("s{}", step + 1)));
    let table = Table::builder("chain").initial("s0");
    edges
        .fold(table, |table, (from, to)| table.edge(from, to))
        .build()
        .expect("a chain is a valid table")
}

#[test]
fn each_transition_is_won_by_one_thread() {
    let heard = Arc::new(AtomicU64::new(0));
    let hook = Arc::clone(&heard);
    let machine = StateMachine::builder_with_table("chain", &chain())
        .history(STEPS)
        .on_transition(move |_| {
            hook.fetch_add(1, Ordering::Relaxed);
        })
        .build()
        .unwrap();
    let bound = AtomicU64::new(0);
    let wins: Vec<AtomicU64> = (0..STEPS).map(|_| AtomicU64::new(0)).collect();
    let start = Barrier::new(THREADS);
    thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                start.wait();
                for (step, won) in wins.iter().enumerate() {
                    let target = format!("s{}", step + 1);
                    // The threads wait for one another at each step, so that they do race.
                    start.wait();
                    let outcome = machine.transition_with(target, |made| {
                        bound.fetch_add(1, Ordering::Relaxed);
                        Ok::<_, ()>(made.number)
                    });
                    match outcome {
                        Ok((made, number)) => {
                            assert_eq!(made.number, number);
                            won.fetch_add(1, Ordering::Relaxed);
                        }
                        // Another thread's turn is not this thread's own.
                        Err(TransitionError::Illegal(refused)) => {
                            assert_eq!(*refused.cause(), Cause::NotAllowed);
                        }
                        Err(called_off) => panic!("{called_off}"),
                    }
                }
            });
        }
    });
    let wins: Vec<u64> = wins.iter().map(|won| won.load(Ordering::Relaxed)).collect();
    assert_eq!(wins, [1; STEPS]);
    assert_eq!(bound.into_inner(), STEPS as u64);
    assert_eq!(heard.load(Ordering::Relaxed), STEPS as u64);
    let numbers: Vec<u64> = machine.history().iter().map(|made| made.number).collect();
    assert_eq!(numbers, (1..=STEPS as u64).collect::<Vec<_>>());
}

#[test]
fn the_order_of_what_is_bound_is_the_order_of_the_history() {
    let table = Table::builder("loop").initial("on").edge("on", "on").build().unwrap();
    let machine =
        StateMachine::builder_with_table("loop", &table).history(THREADS * STEPS).build().unwrap();
    let sequence = AtomicU64::new(0);
    let start = Barrier::new(THREADS);
    thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                start.wait();
                for _ in 0..STEPS {
                    let taken = machine.transition_with("on", |_| {
                        Ok::<_, ()>(sequence.fetch_add(1, Ordering::Relaxed) + 1)
                    });
                    let (made, taken) = taken.expect("the loop is always allowed");
                    assert_eq!(made.number, taken);
                }
            });
        }
    });
    assert_eq!(machine.transitions(), (THREADS * STEPS) as u64);
}

/// Returns once so many threads wait for the machine.
fn await_waiting(machine: &StateMachine<Case>, threads: usize) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while machine.data.waiting() != threads {
        assert!(Instant::now() < deadline, "not all have come to wait for their turn");
        thread::yield_now();
    }
}

#[test]
fn a_guard_that_panics_leaves_its_turn_to_whoever_waits() {
    let (asked, others) = (AtomicU64::new(0), Arc::new(Mutex::new(Vec::new())));
    let spawned = Arc::clone(&others);
    let machine = Arc::new_cyclic(|machine: &Weak<StateMachine<Case>>| {
        let machine = Weak::clone(machine);
        let builder = StateMachine::builder("case#17");
        let guarded = builder.guard(Case::Idle, Case::Started, move |_| {
            if asked.fetch_add(1, Ordering::Relaxed) > 0 {
                return Ok(());
            }
            let machine = machine.upgrade().expect("whoever moves it holds it");
            let same = Arc::clone(&machine);
            let other = thread::spawn(move || same.transition(Case::Started));
            spawned.lock().unwrap().push(other);
            await_waiting(&machine, 1);
            panic!("no fixture")
        });
        guarded.build().expect("the edge is there")
    });
    let refused = machine.transition(Case::Started).unwrap_err();
    assert_eq!(*refused.cause(), Cause::GuardPanicked { message: "no fixture".to_owned() });
    let other = others.lock().unwrap().pop().expect("the guard has spawned one");
    assert_eq!(other.join().unwrap().unwrap().number, 1);
    assert_eq!(machine.state(), Case::Started);
}

#[test]
fn a_panic_in_what_is_bound_wakes_everybody_one_after_the_other() {
    let machine = StateMachine::<Case>::new("case#17");
    machine.transition(Case::Started).unwrap();
    thread::scope(|threads| {
        let mut others = Vec::new();
        let unwound = catch_unwind(AssertUnwindSafe(|| {
            machine.transition_with(Case::Finished, |_| -> Result<(), ()> {
                others = (0..THREADS)
                    .map(|_| threads.spawn(|| machine.transition(Case::Started)))
                    .collect();
                await_waiting(&machine, THREADS);
                panic!("disk full")
            })
        }));
        assert!(unwound.is_err(), "{unwound:?}");
        let number = |other: ScopedJoinHandle<'_, Result<_, _>>| {
            let made: Transition<Case> = other.join().unwrap().expect("it is allowed");
            made.number
        };
        let mut numbers: Vec<u64> = others.into_iter().map(number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (2..2 + THREADS as u64).collect::<Vec<_>>());
    });
}

#[test]
fn whoever_has_waited_is_judged_and_timed_by_what_is_then() {
    let clock = HandClock::default();
    let machine = timed(&clock);
    thread::scope(|threads| {
        let machine = &machine;
        let bound = |_: &Transition<Case>| {
            let others = [Case::Skipped, Case::Started]
                .map(|target| threads.spawn(move || machine.transition(target)));
            await_waiting(machine, 2);
            clock.set(9);
            Ok::<_, ()>(others)
        };
        let (made, [skipping, starting]) = machine.transition_with(Case::Started, bound).unwrap();
        assert_eq!((made.at, made.number), (Duration::ZERO, 1));
        let refused = skipping.join().unwrap().unwrap_err();
        assert_eq!((refused.from(), refused.cause()), (&Case::Started, &Cause::NotAllowed));
        let made = starting.join().unwrap().unwrap();
        assert_eq!((made.from, made.at, made.number), (Case::Started, Duration::from_secs(9), 2));
    });
}

#[test]
fn a_turn_stops_nobody_from_reading() {
    let machine = StateMachine::<Case>::new("case#17");
    let read = || (machine.state(), machine.transitions(), machine.history().len());
    let bound = |_: &Transition<Case>| {
        thread::scope(|threads| threads.spawn(read).join()).map_err(|_panic| ())
    };
    let (_, seen) = machine.transition_with(Case::Started, bound).unwrap();
    assert_eq!((seen, read()), ((Case::Idle, 0, 0), (Case::Started, 1, 1)));
}
