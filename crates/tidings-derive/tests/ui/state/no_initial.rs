//! A machine needs a state to begin in.

use tidings_derive::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
#[state(crate = "tidings_core")]
enum Case {
    #[to(Done)]
    Idle,
    #[terminal]
    Done,
}

fn main() {}
