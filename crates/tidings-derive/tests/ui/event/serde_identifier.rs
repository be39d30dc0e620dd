//! Enums that serde reads as the names of fields or variants.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Serialize, Deserialize, Event)]
#[serde(field_identifier)]
#[event(crate = "tidings_core")]
enum Field {
    A,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[serde(variant_identifier)]
#[event(crate = "tidings_core")]
enum Variant {
    A,
}

struct Elsewhere {
    at: u32,
}

#[derive(Debug, Serialize, Event)]
#[serde(remote = "Elsewhere")]
#[event(crate = "tidings_core")]
struct Remote {
    at: u32,
}

fn main() {}
