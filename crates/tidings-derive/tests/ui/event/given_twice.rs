//! An attribute given twice, in one list or in two.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespace = "a", namespace = "b", crate = "tidings_core")]
enum Quick {
    #[event(begin)]
    #[event(begin)]
    Started,
    #[event(name = "a", name = "b")]
    Done,
}

fn main() {}
