//! The event that is sent to servers: a number and a text, some 510 bytes with all around it.

use serde::{Deserialize, Serialize};
use tidings::Event;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[event(namespace = "bench")]
pub(crate) enum Bench {
    Tick { number: u64, text: String },
}

const TEXT: &str = "the element `submit` of the page `login` was not there within three seconds \
                    of looking";

pub(crate) fn tick(number: u64) -> Bench {
    Bench::Tick { number: 100_000 + number, text: TEXT.to_owned() }
}
