//! Attributes of serde that put another type on the wire.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[serde(from = "u32", into = "u32")]
#[event(crate = "tidings_core")]
enum Converted {
    A,
}

impl From<u32> for Converted {
    fn from(_: u32) -> Self {
        Self::A
    }
}

impl From<Converted> for u32 {
    fn from(_: Converted) -> Self {
        0
    }
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[serde(try_from = "u32")]
#[event(crate = "tidings_core")]
struct Tried;

impl TryFrom<u32> for Tried {
    type Error = String;

    fn try_from(_: u32) -> Result<Self, String> {
        Ok(Self)
    }
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[serde(transparent)]
#[event(crate = "tidings_core")]
struct Transparent {
    only: u32,
}

fn main() {}
