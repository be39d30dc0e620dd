//! Two states cannot share a name.

use tidings_derive::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
#[state(crate = "tidings_core")]
enum Case {
    #[state(initial)]
    #[to(TimedOut)]
    Idle,
    #[terminal]
    #[state(name = "idle")]
    TimedOut,
}

fn main() {}
