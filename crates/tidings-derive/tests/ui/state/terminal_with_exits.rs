//! A terminal state goes nowhere else.

use tidings_derive::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
#[state(crate = "tidings_core")]
enum Case {
    #[state(initial)]
    #[to(Done)]
    Idle,
    #[to(Done)]
    Running,
    #[terminal]
    #[to(Idle, Running)]
    Done,
}

fn main() {}
