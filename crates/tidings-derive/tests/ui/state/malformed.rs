//! Attributes are checked by form and place.

use tidings_derive::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
#[state(crate = "tidings_core")]
#[terminal]
#[state(initial)]
enum Case {
    #[state(initial, name = "")]
    #[state(initial)]
    #[to()]
    Idle,
    #[to("Done")]
    Running,
    #[terminal(always)]
    #[terminal]
    #[state(crate = "tidings_core")]
    Done,
}

fn main() {}
