//! Fields that cannot be left out of the content id by name.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
enum Quick {
    Tuple(#[event(volatile)] u32),
    Struct {
        #[event(volatile)]
        #[serde(flatten)]
        inner: Inner,
        #[event(volatile)]
        #[serde(skip)]
        skipped: u32,
        #[serde(skip_serializing)]
        #[event(volatile)]
        unwritten: u32,
        #[event(volatile)]
        #[serde(rename = "a,b")]
        comma: u32,
        #[event(volatile)]
        #[serde(rename(serialize = ""))]
        empty: u32,
    },
    #[serde(serialize_with = "written_by_hand")]
    OwnForm {
        #[event(volatile)]
        at: u32,
    },
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
struct Inner(#[event(volatile)] u32);

fn written_by_hand<S: serde::Serializer>(at: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

fn main() {}
