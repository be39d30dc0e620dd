//! What a transparent variant embeds has to be an event.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
enum Quick {
    #[event(transparent)]
    Inner(Config),
}

#[derive(Debug, Serialize, Deserialize)]
struct Config;

fn main() {}
