//! An event type of more than 200 bytes.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespace = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", crate = "tidings_core")]
enum Quick {
    #[event(name = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")]
    Done,
}

fn main() {}
