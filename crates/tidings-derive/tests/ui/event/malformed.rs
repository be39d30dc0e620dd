//! Attributes that are not written as they should be.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
enum Quick {
    #[event]
    Bare,
    #[event(name)]
    NoValue,
    #[event(name = 1)]
    Number,
    #[event(begin = true)]
    Flag,
    #[event = "name"]
    Value,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(crate = "not a path")]
struct Path;

fn main() {}
