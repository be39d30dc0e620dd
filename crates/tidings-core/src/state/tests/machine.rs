//! One machine on one thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use super::fixture::{Case, HandClock, lights, timed};
use crate::state::{
    Cause, HISTORY_DEFAULT, HOOK_FAILURES_MAX, HookKind, IllegalTransition, RECENT_MAX, State,
    StateMachine, StateName, Transition, TransitionError,
};

fn assert_shared<T: Send + Sync>() {}

#[test]
fn machines_errors_and_transitions_cross_threads() {
    assert_shared::<StateMachine<Case>>();
    assert_shared::<StateMachine<StateName>>();
    assert_shared::<IllegalTransition<Case>>();
    assert_shared::<Transition<StateName>>();
}

#[test]
fn a_transition_tells_who_where_when_and_its_number() {
    let clock = HandClock::default();
    let machine = timed(&clock);
    clock.set(3);
    let made = machine.transition(Case::Started).unwrap();
    assert_eq!((&*made.machine, made.from, made.to), ("case#17", Case::Idle, Case::Started));
    assert_eq!((made.at, made.number), (Duration::from_secs(3), 1));
    assert_eq!(made.to_string(), "case#17: `idle` to `started` (#1)");
    assert_eq!(machine.state(), Case::Started);
    assert_eq!(machine.history(), [made]);
}

#[test]
fn an_illegal_transition_is_a_value_and_changes_nothing() {
    let clock = HandClock::default();
    let machine = timed(&clock);
    clock.set(5);
    let refused = machine.transition(Case::Finished).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "case#17: `finished` is not allowed in `idle` (allowed: `started`, `skipped`)"
    );
    assert_eq!(
        (refused.machine(), refused.from(), refused.to()),
        ("case#17", &Case::Idle, &Case::Finished)
    );
    assert_eq!(refused.allowed(), [Case::Started, Case::Skipped]);
    assert_eq!(refused.time_in_state(), Duration::from_secs(5));
    assert_eq!(refused.recent(), []);
    assert_eq!(refused.cause(), &Cause::NotAllowed);
    assert_eq!((machine.state(), machine.transitions()), (Case::Idle, 0));
}

#[test]
fn nothing_follows_a_terminal_state() {
    let machine = StateMachine::<Case>::new("case#17");
    machine.transition(Case::Skipped).unwrap();
    assert!(machine.is_terminal());
    let refused = machine.transition(Case::Started).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "case#17: `started` is not allowed in `skipped` (allowed: none, `skipped` is terminal)"
    );
}

#[test]
fn the_same_state_needs_an_edge() {
    let machine = StateMachine::<Case>::new("case#17");
    assert!(machine.transition(Case::Idle).is_err());
    machine.transition(Case::Started).unwrap();
    assert_eq!(machine.transition(Case::Started).unwrap().number, 2);
}

#[test]
fn a_caller_can_name_the_state_it_expects() {
    let machine = StateMachine::<Case>::new("case#17");
    machine.transition_from(Case::Idle, Case::Started).unwrap();
    let refused = machine.transition_from(Case::Idle, Case::Skipped).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "case#17: `skipped` was to follow `idle`, the state is `started`"
    );
    assert_eq!(refused.cause(), &Cause::Unexpected { expected: Case::Idle });
    assert_eq!(machine.state(), Case::Started);
}

#[test]
fn a_run_time_machine_follows_the_same_rules() {
    let machine = StateMachine::with_table("lights", &lights());
    machine.transition("green").unwrap();
    let refused = machine.transition("blue").unwrap_err();
    assert_eq!(refused.to_string(), "lights: `blue` is not allowed in `green` (allowed: `yellow`)");
    machine.transition("yellow".to_owned()).unwrap();
    assert_eq!(machine.transition("yellow").unwrap().to, "yellow");
    assert_eq!(machine.allowed(), [StateName::from("yellow"), StateName::from("red")]);
}

#[test]
fn a_guard_refuses_with_its_reason() {
    let clock = HandClock::default();
    let machine = StateMachine::<Case>::builder("case#17")
        .clock(clock.read())
        .guard(Case::Idle, Case::Started, |attempt| {
            let waited = attempt.time_in_state.as_secs();
            if waited < 2 { Err(format!("only {waited} s of 2 s have passed")) } else { Ok(()) }
        })
        .build()
        .unwrap();
    clock.set(1);
    let refused = machine.transition(Case::Started).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "case#17: `started` was refused in `idle`: only 1 s of 2 s have passed"
    );
    assert_eq!(
        refused.cause(),
        &Cause::Refused { reason: "only 1 s of 2 s have passed".to_owned() }
    );
    clock.set(2);
    assert!(machine.transition(Case::Started).is_ok());
}

#[test]
fn a_guard_that_panics_has_refused() {
    let machine = StateMachine::<Case>::builder("case#17")
        .guard(Case::Idle, Case::Started, |_| panic!("no fixture"))
        .build()
        .unwrap();
    let refused = machine.transition(Case::Started).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "case#17: `started` was refused in `idle`: its guard panicked: no fixture"
    );
    assert!(machine.transition(Case::Skipped).is_ok());
}

#[test]
fn a_guard_may_read_its_machine_and_not_move_it() {
    let shared: Arc<OnceLock<StateMachine<Case>>> = Arc::new(OnceLock::new());
    let inner = Arc::clone(&shared);
    let built = StateMachine::builder("case#17")
        .guard(Case::Idle, Case::Started, move |_| {
            let machine = inner.get().expect("the machine is set before it moves");
            assert_eq!((machine.state(), machine.history().len()), (Case::Idle, 0));
            machine.transition(Case::Skipped).map(drop).map_err(|refused| refused.to_string())
        })
        .build()
        .unwrap();
    let machine = shared.get_or_init(|| built);
    let refused = machine.transition(Case::Started).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "case#17: `started` was refused in `idle`: \
         case#17: `skipped` was asked for while a transition from `idle` was being decided"
    );
    assert!(machine.transition(Case::Skipped).is_ok());
}

#[test]
fn hooks_run_in_order_after_the_change() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let note = |what: &'static str| {
        let log = Arc::clone(&log);
        move |made: &Transition<Case>| log.lock().unwrap().push((what, made.to))
    };
    let machine = StateMachine::builder("case#17")
        .on_enter(Case::Started, note("enter"))
        .on_transition(note("transition"))
        .on_exit(Case::Idle, note("exit"))
        .build()
        .unwrap();
    machine.transition(Case::Finished).unwrap_err();
    machine.transition(Case::Started).unwrap();
    machine.transition(Case::Finished).unwrap();
    assert_eq!(
        *log.lock().unwrap(),
        [
            ("exit", Case::Started),
            ("transition", Case::Started),
            ("enter", Case::Started),
            ("transition", Case::Finished),
        ]
    );
}

#[test]
fn a_hook_may_move_its_machine_on() {
    let shared: Arc<OnceLock<StateMachine<Case>>> = Arc::new(OnceLock::new());
    let inner = Arc::clone(&shared);
    let built = StateMachine::builder("case#17")
        .on_enter(Case::Started, move |_| {
            let machine = inner.get().expect("the machine is set before it moves");
            machine.transition(Case::Finished).expect("started goes to finished");
        })
        .build()
        .unwrap();
    let machine = shared.get_or_init(|| built);
    machine.transition(Case::Started).unwrap();
    assert_eq!((machine.state(), machine.hook_failures().total), (Case::Finished, 0));
}

#[test]
fn a_hook_that_panics_harms_nobody_and_is_told() {
    let machine = StateMachine::<Case>::builder("lights")
        .on_exit(Case::Idle, |_| panic!("lamp {}", 7))
        .on_enter(Case::Started, |_| std::panic::panic_any(7))
        .build()
        .unwrap();
    machine.transition(Case::Started).unwrap();
    let failures = machine.hook_failures();
    assert_eq!(failures.total, 2);
    assert_eq!(
        (failures.recent[0].hook, failures.recent[1].hook),
        (HookKind::Exit, HookKind::Enter)
    );
    assert_eq!(failures.recent[0].to_string(), "the exit hook of transition #1 panicked: lamp 7");
    assert_eq!(
        failures.recent[1].to_string(),
        "the enter hook of transition #1 panicked: a value that is not text"
    );
    for _ in 0..HOOK_FAILURES_MAX {
        machine.transition(Case::Started).unwrap();
    }
    let failures = machine.hook_failures();
    assert_eq!((failures.total, failures.recent.len()), (2 + 16, HOOK_FAILURES_MAX));
}

#[test]
fn guards_and_hooks_that_could_never_run_are_refused() {
    let misplaced = StateMachine::<Case>::builder("case#17")
        .guard(Case::Idle, Case::Finished, |_| Ok(()))
        .build();
    assert_eq!(
        misplaced.unwrap_err().to_string(),
        "case#17: there is no edge from `idle` to `finished`, its guard would never run"
    );
    let misplaced =
        StateMachine::builder_with_table("lights", &lights()).on_enter("blue", |_| ()).build();
    assert_eq!(
        misplaced.unwrap_err().to_string(),
        "lights: `blue` is not a state, its guard or hook would never run"
    );
}

#[test]
fn history_is_bounded_and_the_count_is_exact() {
    let machine = StateMachine::<Case>::builder("case#17").history(2).build().unwrap();
    let unbounded = StateMachine::<Case>::new("case#18");
    let forgetful = StateMachine::<Case>::builder("case#19").history(0).build().unwrap();
    for _ in 0..HISTORY_DEFAULT + 3 {
        for machine in [&machine, &unbounded, &forgetful] {
            machine.transition(Case::Started).unwrap();
        }
    }
    let total = HISTORY_DEFAULT as u64 + 3;
    let numbers: Vec<u64> = machine.history().iter().map(|made| made.number).collect();
    assert_eq!(numbers, [total - 1, total]);
    assert_eq!(unbounded.history().len(), HISTORY_DEFAULT);
    assert_eq!((forgetful.history().len(), forgetful.transitions()), (0, total));
    let refused = unbounded.transition(Case::Idle).unwrap_err();
    assert_eq!(refused.recent().len(), RECENT_MAX);
    assert_eq!(refused.recent().last().unwrap().number, total);
}

#[test]
fn what_is_bound_to_a_transition_happens_with_it() {
    let machine = StateMachine::<Case>::new("case#17");
    let seen_inside = |step: &Transition<Case>| {
        assert_eq!((machine.state(), step.from, step.to), (Case::Idle, Case::Idle, Case::Started));
        Ok::<_, TransitionError<Case, ()>>(step.number * 10)
    };
    let (made, bound) = machine.transition_with(Case::Started, seen_inside).unwrap();
    assert_eq!((made.number, bound, machine.state()), (1, 10, Case::Started));
}

#[test]
fn what_fails_to_be_bound_calls_the_transition_off() {
    #[derive(Debug, PartialEq, thiserror::Error)]
    #[error("the bus is closed")]
    struct Closed;

    let machine = StateMachine::<Case>::new("case#17");
    let off = machine.transition_with(Case::Started, |_| Err::<(), _>(Closed)).unwrap_err();
    assert_eq!(off, TransitionError::CalledOff(Closed));
    assert_eq!(std::error::Error::source(&off).unwrap().to_string(), "the bus is closed");
    assert_eq!((machine.state(), machine.transitions()), (Case::Idle, 0));
}

#[test]
fn nothing_is_bound_to_an_illegal_transition() {
    let machine = StateMachine::<Case>::new("case#17");
    let mut ran = false;
    let outcome = machine.transition_with(Case::Finished, |_| {
        ran = true;
        Ok::<_, ()>(())
    });
    assert!(matches!(outcome, Err(TransitionError::Illegal(_))), "{outcome:?}");
    assert!(!ran);
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "dropped");
    }
}

#[test]
fn a_panic_whose_payload_panics_when_it_is_dropped_does_not_get_through() {
    let told = Arc::new(AtomicBool::new(false));
    let enters = Arc::clone(&told);
    let machine = StateMachine::<Case>::builder("case#17")
        .on_exit(Case::Idle, |_| std::panic::panic_any(Bomb))
        .on_enter(Case::Started, move |_| enters.store(true, Ordering::SeqCst))
        .build()
        .unwrap();
    machine.transition(Case::Started).unwrap();
    assert!(told.load(Ordering::SeqCst));
    assert_eq!(machine.hook_failures().total, 1);
    let guarded = StateMachine::<Case>::builder("case#18")
        .guard(Case::Idle, Case::Started, |_| std::panic::panic_any(Bomb))
        .build()
        .unwrap();
    assert!(guarded.transition(Case::Started).is_err());
    assert_eq!(guarded.state(), Case::Idle);
}

#[test]
fn a_panic_in_what_is_bound_leaves_the_machine_usable() {
    let machine = StateMachine::<Case>::new("case#17");
    let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        machine.transition_with(Case::Started, |_| -> Result<(), ()> { panic!("disk full") })
    }));
    assert!(unwound.is_err());
    assert_eq!(machine.state(), Case::Idle);
    assert!(machine.transition(Case::Started).is_ok());
}

#[test]
fn a_clock_that_goes_back_does_not_turn_history_around() {
    let clock = HandClock::default();
    clock.set(9);
    let machine = timed(&clock);
    clock.set(4);
    assert_eq!(machine.time_in_state(), Duration::ZERO);
    assert_eq!(machine.transition(Case::Started).unwrap().at, Duration::from_secs(9));
}

#[test]
fn a_derived_enum_knows_its_graph() {
    assert_eq!(Case::initial(), Case::Idle);
    assert_eq!(Case::TimedOut.name(), "timeout");
    assert_eq!(Case::Started.targets(), [Case::Started, Case::Finished, Case::TimedOut]);
    assert!(Case::Skipped.is_terminal() && !Case::Started.is_terminal());
    assert_eq!(Case::Finished.path(), [Case::Idle, Case::Started, Case::Finished]);
    for (place, &state) in Case::STATES.iter().enumerate() {
        assert_eq!((state.index(), Case::from_index(place)), (place, Some(state)));
        assert_eq!(Case::paths()[place].last(), Some(&state));
    }
    assert_eq!(Case::from_index(Case::STATES.len()), None);
}

#[test]
fn a_derive_works_in_a_function_with_a_renamed_crate() {
    use crate as renamed;

    #[derive(Debug, Clone, Copy, PartialEq, Eq, tidings_derive::State)]
    #[state(crate = "renamed", name = "switch")]
    enum Private {
        #[state(initial)]
        #[to(Self::r#On)]
        Off,
        #[to(Off)]
        r#On,
    }
    assert_eq!((Private::On.name(), Private::table().name()), ("on", "switch"));
    assert!(StateMachine::<Private>::new("switch").transition(Private::On).is_ok());
}
