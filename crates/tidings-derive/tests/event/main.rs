//! What `#[derive(Event)]` makes of an enum or a struct.

mod content;
mod generics;
mod names;
mod scope;
mod transparent;
mod volatile;

use std::fmt::Debug;

use tidings_core::json::Encoder;
use tidings_core::{DecodeError, Event};

/// The content of an event as it goes on the wire.
fn data<E: Event>(event: &E) -> String {
    let mut encoder = Encoder::new();
    event.encode(&mut encoder).expect("encodes");
    encoder.finish().as_str().to_owned()
}

/// Reads an event by the name of its type, as a reader of a journal does.
fn read<E: Event>(event_type: &str, data: &str) -> Result<E, DecodeError> {
    let index = E::TYPES
        .iter()
        .position(|known| **known == *event_type)
        .expect("the type is one of the event");
    E::decode(index, data)
}

/// Writes an event, checks type and data, reads it again and checks that nothing is lost.
fn round_trip<E: Event + PartialEq>(event: &E, event_type: &str, expected: &str) {
    assert_eq!(event.event_type(), event_type);
    assert_eq!(data(event), expected);
    assert_eq!(read::<E>(event_type, expected).as_ref(), Ok(event));
}

/// The names and the debug texts of the fields.
fn fields<E: Event>(event: &E) -> Vec<(&'static str, String)> {
    let mut seen = Vec::new();
    event.fields(&mut |name, value: &dyn Debug| seen.push((name, format!("{value:?}"))));
    seen
}

/// The names of an event's types.
fn types<E: Event>() -> Vec<&'static str> {
    E::TYPES.iter().map(|event_type| event_type.as_str()).collect()
}
