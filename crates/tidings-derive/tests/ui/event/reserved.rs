//! The event types of Tidings itself.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespace = "tidings.observer", crate = "tidings_core")]
enum Ours {
    Failed,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
enum Tidings {
    Failed,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "tidings", crate = "tidings_core")]
struct Name;

fn main() {}
