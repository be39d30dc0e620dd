//! An attribute that belongs elsewhere.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "quick", transparent, crate = "tidings_core")]
enum Quick {
    #[event(namespace = "a", volatile)]
    Started {
        #[event(begin)]
        at: u32,
    },
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(transparent, crate = "tidings_core")]
struct Wrapped(Quick);

fn main() {}
