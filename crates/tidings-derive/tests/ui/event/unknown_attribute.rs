//! A slip of the pen is answered with the nearest attribute, and nothing else complains.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespce = "quick", crate = "tidings_core")]
enum Quick {
    #[event(nmae = "begun", colour(red))]
    Started {
        #[event(volatil)]
        at: u32,
    },
    Done,
}

fn main() {
    let types = (Quick::STARTED, Quick::DONE);
    assert_eq!(<Quick as tidings_core::Event>::TYPES.len(), 2);
    assert_eq!(types.0, *tidings_core::Event::event_type(&Quick::Done));
}
