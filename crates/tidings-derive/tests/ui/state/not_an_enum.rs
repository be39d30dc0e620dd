//! Only an enum is a set of states.

use tidings_derive::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
#[state(crate = "tidings_core")]
struct Case;

fn main() {}
