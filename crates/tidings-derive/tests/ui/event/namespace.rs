//! Namespaces outside the grammar.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespace = "Quick.Test", crate = "tidings_core")]
enum Capital {
    A,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespace = "", crate = "tidings_core")]
enum Empty {
    A,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespace = "a..b", crate = "tidings_core")]
struct EmptySegment;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
enum Größe {
    A,
}

fn main() {}
