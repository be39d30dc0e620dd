//! A state that nothing follows must say so.

use tidings_derive::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
#[state(crate = "tidings_core")]
enum Case {
    #[state(initial)]
    #[to(Done)]
    Idle,
    Done,
}

fn main() {}
