//! A machine begins in one state only.

use tidings_derive::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
#[state(crate = "tidings_core")]
enum Case {
    #[state(initial)]
    #[to(Done)]
    Idle,
    #[state(initial)]
    #[to(Done)]
    Ready,
    #[terminal]
    Done,
}

fn main() {}
