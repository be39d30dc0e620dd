//! What does a transition cost that is checked, timed and remembered?
//!
//! The floor is a `match` under a mutex, which does none of the last two; beside it the same
//! with a clock reading and a ring of the last transitions, and that again with a shared name
//! in what it returns, so that the result tells of the machine wherever it is taken.

use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tidings::State;
use tidings::state::{HISTORY_DEFAULT, StateMachine};

use crate::row::{Aim, Row, timed};

const MATCH: &str = "match under a mutex";
const REMEMBERED: &str = "match, clock and ring under a mutex";
const TOLD: &str = "match, clock, ring and a shared name";

/// One row; a call is two transitions, there and back.
pub fn rows() -> Vec<Row> {
    let machine = StateMachine::<Door>::new("door#1");
    let (bare, remembered, told) = (Bare::default(), Remembered::new(), Told::new("door#1"));
    vec![
        Row::new("two state transitions, with history")
            .floor(MATCH, timed(move || [bare.to(Door::Open), bare.to(Door::Shut)]))
            .peer(REMEMBERED, timed(move || [remembered.to(Door::Open), remembered.to(Door::Shut)]))
            .peer(TOLD, timed(move || [told.to(Door::Open), told.to(Door::Shut)]))
            .ours(
                "StateMachine",
                timed(move || [machine.transition(Door::Open), machine.transition(Door::Shut)]),
            )
            .aim(Aim::CostOf(MATCH, 2.0)),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, State, Default)]
enum Door {
    #[state(initial)]
    #[to(Open)]
    #[default]
    Shut,
    #[to(Shut, Gone)]
    Open,
    #[terminal]
    Gone,
}

/// Whether one may follow the other.
fn is_allowed(from: Door, to: Door) -> bool {
    match (from, to) {
        (Door::Shut, Door::Open) | (Door::Open, Door::Shut | Door::Gone) => true,
        (Door::Shut | Door::Open | Door::Gone, _) => false,
    }
}

#[derive(Default)]
struct Bare(Mutex<Door>);

impl Bare {
    fn to(&self, target: Door) -> Result<Door, Door> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_allowed(*state, black_box(target)) {
            return Err(*state);
        }
        *state = target;
        Ok(target)
    }
}

/// From, to, when.
type Step = (Door, Door, Duration);

struct Remembered {
    start: Instant,
    state: Mutex<(Door, VecDeque<Step>)>,
}

impl Remembered {
    fn new() -> Self {
        Self { start: Instant::now(), state: Mutex::default() }
    }

    fn to(&self, target: Door) -> Result<Door, Door> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let from = state.0;
        if !is_allowed(from, black_box(target)) {
            return Err(from);
        }
        state.0 = target;
        if state.1.len() >= HISTORY_DEFAULT {
            state.1.pop_front();
        }
        state.1.push_back((from, target, self.start.elapsed()));
        Ok(target)
    }
}

struct Told {
    name: Arc<str>,
    steps: Remembered,
}

impl Told {
    fn new(name: &str) -> Self {
        Self { name: name.into(), steps: Remembered::new() }
    }

    fn to(&self, target: Door) -> Result<(Arc<str>, Door), Door> {
        self.steps.to(target).map(|now| (Arc::clone(&self.name), now))
    }
}
