//! A set of states is not generic.

use tidings_derive::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
#[state(crate = "tidings_core")]
enum Case<const N: usize> {
    #[state(initial)]
    #[to(Done)]
    Idle,
    #[terminal]
    Done,
}

fn main() {}
