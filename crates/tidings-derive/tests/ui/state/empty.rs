//! A machine has a state.

use tidings_derive::State;

#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
#[state(crate = "tidings_core")]
enum Case {}

fn main() {}
