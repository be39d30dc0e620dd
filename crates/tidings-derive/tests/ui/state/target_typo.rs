//! A typing error is one message, with the name that was meant.

use tidings_derive::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
#[state(crate = "tidings_core")]
enum Case {
    #[state(initial)]
    #[to(Runing)]
    Idle,
    #[to(Done)]
    Running,
    #[terminal]
    Done,
}

fn main() {}
