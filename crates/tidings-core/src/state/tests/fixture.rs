//! The machines of these tests, and a clock that a test turns by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tidings_derive::State;

use crate::state::{StateMachine, Table};

#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
#[state(crate = "crate")]
pub(super) enum Case {
    #[state(initial)]
    #[to(Started, Skipped)]
    Idle,
    #[to(Started, Finished, TimedOut)]
    Started,
    #[terminal]
    Finished,
    #[terminal]
    Skipped,
    #[terminal]
    #[state(name = "timeout")]
    TimedOut,
}

/// A cycle with a shortcut: `red`, `green`, `yellow`, and `yellow` to itself.
pub(super) fn lights() -> Table {
    Table::builder("lights")
        .initial("red")
        .edge("red", "green")
        .edge("green", "yellow")
        .edge("yellow", "yellow")
        .edge("yellow", "red")
        .edge("red", "off")
        .build()
        .expect("the lights are a valid table")
}

#[derive(Clone, Default)]
pub(super) struct HandClock(Arc<AtomicU64>);

impl HandClock {
    pub(super) fn set(&self, seconds: u64) {
        self.0.store(seconds, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> Arc<dyn Fn() -> Duration + Send + Sync> {
        let seconds = Arc::clone(&self.0);
        Arc::new(move || Duration::from_secs(seconds.load(Ordering::Relaxed)))
    }
}

pub(super) fn timed(clock: &HandClock) -> StateMachine<Case> {
    StateMachine::builder("case#17")
        .clock(clock.read())
        .build()
        .expect("a clock is never misplaced")
}
