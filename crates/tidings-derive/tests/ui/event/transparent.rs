//! Transparent variants that are not exactly one event.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
enum Quick {
    #[event(transparent)]
    Nothing,
    #[event(transparent)]
    Two(Inner, Inner),
    #[event(transparent, name = "x", begin)]
    Named(Inner),
    #[event(transparent, end(success))]
    Ended(Inner),
    #[event(transparent)]
    Marked {
        #[event(volatile)]
        inner: Inner,
    },
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
struct Inner;

fn main() {}
