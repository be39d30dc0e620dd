//! A union is no event.

use tidings_derive::Event;

#[derive(Event)]
#[event(crate = "tidings_core")]
union Bits {
    number: u32,
}

fn main() {}
