//! Names outside the grammar, and how to give another.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
enum Quick {
    #[event(name = "Done!")]
    Done,
    #[event(name = "")]
    Empty,
    Größe,
}

fn main() {}
