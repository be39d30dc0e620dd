//! An outcome that there is not.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
enum Quick {
    #[event(end(nonsense))]
    Unknown,
    #[event(end())]
    Empty,
    #[event(end(success, failure))]
    Two,
}

fn main() {}
