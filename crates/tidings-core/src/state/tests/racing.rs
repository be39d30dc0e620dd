//! Many threads, one machine.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use crate::state::{Cause, StateMachine, Table, TransitionError};

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
