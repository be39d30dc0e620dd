//! Two variants with one event type.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
enum Quick {
    Started,
    #[event(name = "started")]
    Begun,
}

fn main() { let _ = (Quick::STARTED, Quick::BEGUN); }
