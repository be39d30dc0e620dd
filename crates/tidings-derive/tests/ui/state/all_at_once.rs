//! All faults come in one build, and the machine can still be named.

use tidings_derive::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
#[state(crate = "tidings_core")]
enum Case {
    #[to(Done, Done)]
    Idle,
    Stuck,
    #[terminal]
    #[to(Idle)]
    Done,
}

fn _uses() {
    let _ = tidings_core::state::StateMachine::<Case>::new("case");
}

fn main() {}
