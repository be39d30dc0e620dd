//! A target is a variant of the enum.

use tidings_derive::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
#[state(crate = "tidings_core")]
enum Case {
    #[state(initial)]
    #[to(Done, Elsewhere)]
    Idle,
    #[terminal]
    Done,
}

fn main() {}
