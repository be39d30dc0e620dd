//! An event cannot both begin and end its entity.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
enum Quick {
    #[event(begin, end(success))]
    Both,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(begin, end, crate = "tidings_core")]
struct Both;

fn main() {}
