//! An event owns its data.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
struct Borrowed<'a> {
    text: &'a str,
}

fn main() {}
