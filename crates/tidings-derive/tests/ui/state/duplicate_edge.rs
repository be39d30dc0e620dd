//! An edge is drawn once.

use tidings_derive::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
#[state(crate = "tidings_core")]
enum Case {
    #[state(initial)]
    #[to(Done, Done)]
    #[to(Self::Done)]
    Idle,
    #[terminal]
    Done,
}

fn main() {}
