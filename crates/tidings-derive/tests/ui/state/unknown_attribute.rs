//! Attributes are checked by name.

use tidings_derive::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
#[state(crate = "tidings_core")]
enum Case {
    #[state(intial)]
    #[to(Done)]
    Idle,
    #[terminal]
    #[state(colour = "green")]
    Done,
}

fn main() {}
