//! A machine's lane and whoever drains it; and the machine's own turn.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Weak};

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use tidings_core::Envelope;
use tidings_core::state::{Cause, StateMachine, StateName, Table, TransitionError};

use super::support::{LONG, Log, all_delivered, assert_gapless, check, counts, emitter, first};
use crate::{Bus, Observer, ObserverError};

fn machine() -> Arc<StateMachine<StateName>> {
    let table = Table::builder("loop").initial("on").edge("on", "on").build();
    Arc::new(StateMachine::with_table("machine", &table.expect("a good table")))
}

/// Notices two calls at a time.
struct Alone {
    log: Log,
    is_called: AtomicBool,
}

impl Observer for Alone {
    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        if self.is_called.swap(true, Ordering::Relaxed) {
            return Err(ObserverError::failed("two deliver at once"));
        }
        self.log.add(envelope);
        self.is_called.store(false, Ordering::Relaxed);
        Ok(())
    }

    fn needs_close(&self) -> bool {
        false
    }
}

fn watched(bus: &Bus) -> Log {
    let log = Log::default();
    bus.subscribe(Alone { log: log.clone(), is_called: AtomicBool::new(false) }).detach();
    log
}

#[test]
fn one_thread_at_a_time_delivers_and_forgets_nothing() {
    check(3, || {
        let (bus, machine) = (Bus::new(), machine());
        let log = watched(&bus);
        let (emitting, same) = (emitter(&bus), Arc::clone(&machine));
        let other = thread::spawn(move || {
            emitting.transition(&same, "on", first(1)).expect("it is allowed, and the bus open");
        });
        emitter(&bus).transition(&machine, "on", first(2)).expect("as above");
        other.join().expect("the emitter does not panic");
        // Both have returned: nobody is left to deliver anything.
        assert_eq!(log.seen().len(), 2, "an event was forgotten");
        assert_gapless(&log);
        // The lane is idle again: a close has nothing to wait for.
        let report = bus.close(LONG).expect("the bus is not strict");
        assert_eq!(counts(&report), all_delivered(2));
    });
}

#[test]
fn a_close_waits_for_what_a_machine_was_promised() {
    check(3, || {
        let (bus, machine) = (Bus::new(), machine());
        let log = watched(&bus);
        let (emitting, same) = (emitter(&bus), Arc::clone(&machine));
        let other = thread::spawn(move || {
            let made = |n| emitting.transition(&same, "on", first(n)).is_ok();
            [1, 2].into_iter().filter(|n| made(*n)).count()
        });
        let report = bus.close(LONG).expect("the bus is not strict");
        let shown = log.seen().len();
        let made = other.join().expect("the emitter does not panic");
        assert_eq!(shown, made, "shown after the close, or never");
        assert_eq!(machine.transitions(), made as u64, "moved without its event");
        assert_eq!(counts(&report), all_delivered(made as u64));
        assert!(report.complete, "{report:?}");
    });
}

#[test]
fn whoever_waits_for_a_turn_is_not_told_that_it_has_it() {
    check(3, || {
        let machine = machine();
        let same = Arc::clone(&machine);
        let other = thread::spawn(move || same.transition("on").map(|made| made.number));
        let mut numbers =
            vec![machine.transition("on").expect("nobody else's turn is mine").number];
        // A step between: else loom has this thread wait in line before it asks.
        assert_eq!(machine.state(), "on");
        numbers.push(machine.transition("on").expect("nobody else's turn is mine").number);
        numbers.push(other.join().expect("no panic").expect("nobody else's turn is mine"));
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3]);
    });
}

#[test]
fn of_two_that_ask_for_the_same_step_one_makes_it() {
    check(3, || {
        let table = Table::builder("case").initial("idle").edge("idle", "done").build();
        let machine = StateMachine::with_table("case", &table.expect("a good table"));
        let machine = Arc::new(machine);
        let same = Arc::clone(&machine);
        let other = thread::spawn(move || same.transition("done").is_ok());
        let mine = machine.transition("done").is_ok();
        let others = other.join().expect("no panic");
        assert!(mine != others, "made {} times", u32::from(mine) + u32::from(others));
        assert_eq!(machine.transitions(), 1);
    });
}

type Machine = StateMachine<StateName>;

/// Reads the machine again and again while its step to `number` is decided.
fn assert_still(machine: &Machine, number: u64) {
    assert_eq!(machine.transitions(), number - 1, "it was moved before the step was decided");
    assert_eq!(machine.state(), "on");
    assert_eq!(machine.transitions(), number - 1, "it was moved while the step was decided");
}

/// Makes a transition in a turn of its own, and returns its number.
fn decided(machine: &Machine) -> u64 {
    let made = machine.transition_with("on", |step| {
        assert_still(machine, step.number);
        Ok::<_, Infallible>(())
    });
    made.expect("nobody else's turn is mine").0.number
}

fn made_at_once(machine: &Machine) -> u64 {
    machine.transition("on").expect("nobody else's turn is mine").number
}

/// Runs one of each in a thread of its own and returns what they made, in order.
fn together<const N: usize>(machine: &Arc<Machine>, moves: [fn(&Machine) -> u64; N]) -> [u64; N] {
    let [first, others @ ..] = &moves[..] else { return [0; N] };
    let spawn = |other: &fn(&Machine) -> u64| {
        let (same, other) = (Arc::clone(machine), *other);
        thread::spawn(move || other(&same))
    };
    let others: Vec<_> = others.iter().map(spawn).collect();
    let mut numbers = [0; N];
    numbers[0] = first(machine);
    for (number, other) in numbers[1..].iter_mut().zip(others) {
        *number = other.join().expect("no panic");
    }
    numbers.sort_unstable();
    numbers
}

#[test]
fn everybody_who_waits_for_a_turn_gets_one() {
    check(3, || assert_eq!(together(&machine(), [decided, decided, decided]), [1, 2, 3]));
}

#[test]
fn a_step_at_once_is_taken_between_the_turns_of_others() {
    check(3, || assert_eq!(together(&machine(), [decided, made_at_once, decided]), [1, 2, 3]));
    check(3, || assert_eq!(together(&machine(), [made_at_once, decided, made_at_once]), [1, 2, 3]));
}

#[test]
fn nobody_moves_a_machine_while_its_guard_is_asked() {
    check(3, || {
        let table = Table::builder("loop").initial("on").edge("on", "on").build();
        let builder = Machine::builder_with_table("machine", &table.expect("a good table"));
        let machine = Arc::new_cyclic(|machine: &Weak<Machine>| {
            let machine = Weak::clone(machine);
            let guarded = builder.guard("on", "on", move |attempt| {
                let machine = machine.upgrade().expect("whoever moves it holds it");
                assert_still(&machine, attempt.transition.number);
                Ok(())
            });
            guarded.build().expect("the edge is there")
        });
        assert_eq!(together(&machine, [made_at_once, decided, made_at_once]), [1, 2, 3]);
    });
}

#[test]
fn a_step_from_within_is_refused_whoever_waits() {
    check(3, || {
        let within = |machine: &Machine| {
            let outer = machine.transition_with("on", |step| {
                assert_still(machine, step.number);
                let inner = machine.transition("on").map(|made| made.number);
                assert_still(machine, step.number);
                Err::<(), _>(inner)
            });
            let Err(TransitionError::CalledOff(Err(refused))) = outer else {
                panic!("moved from within: {outer:?}")
            };
            assert_eq!(*refused.cause(), Cause::Reentrant);
            0
        };
        assert_eq!(together(&machine(), [within, made_at_once, decided]), [0, 1, 2]);
    });
}

#[test]
fn a_turn_that_ends_in_a_panic_or_a_refusal_is_the_next_ones() {
    check(3, || {
        let panics = |machine: &Machine| {
            let unwound = catch_unwind(AssertUnwindSafe(|| {
                machine.transition_with("on", |_| -> Result<(), ()> { resume_unwind(Box::new(7)) })
            }));
            assert!(unwound.is_err(), "{unwound:?}");
            0
        };
        let refused = |machine: &Machine| {
            machine.transition("off").expect_err("there is no such state");
            0
        };
        assert_eq!(together(&machine(), [panics, refused, decided]), [0, 0, 1]);
        assert_eq!(together(&machine(), [decided, panics, made_at_once]), [0, 1, 2]);
    });
}
