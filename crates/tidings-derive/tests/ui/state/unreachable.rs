//! Every state that cannot be reached is named.

use tidings_derive::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
#[state(crate = "tidings_core")]
enum Case {
    #[state(initial)]
    #[to(Done)]
    Idle,
    #[to(Found)]
    Lost,
    #[to(Lost)]
    Found,
    #[terminal]
    Done,
}

fn main() {}
