//! Attributes of serde that put a tag on the wire, or take it for granted.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Serialize, Deserialize, Event)]
#[serde(tag = "kind", content = "data")]
#[event(crate = "tidings_core")]
enum Tagged {
    A,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[serde(untagged)]
#[event(crate = "tidings_core")]
enum Untagged {
    A,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
enum Variants {
    #[serde(untagged)]
    A,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[serde(tag = "kind")]
#[event(crate = "tidings_core")]
enum Other {
    A,
    #[serde(other)]
    B,
}

fn main() {}
