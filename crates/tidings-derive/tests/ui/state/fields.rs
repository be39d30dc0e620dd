//! A state carries no data.

use tidings_derive::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
#[state(crate = "tidings_core")]
enum Case {
    #[state(initial)]
    #[to(Running, Done)]
    Idle,
    #[to(Done)]
    Running(u32),
    #[terminal]
    Done { seconds: u32 },
}

fn main() {}
