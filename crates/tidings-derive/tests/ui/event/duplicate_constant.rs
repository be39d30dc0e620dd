//! Two variants with one constant, and one with the name of the list.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
enum Quick {
    HttpDone,
    #[event(name = "other")]
    HTTPDone,
    Types,
}

fn main() { let _ = Quick::HTTP_DONE; }
