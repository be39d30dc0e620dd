//! Events: what a user's type has to say about itself to travel on a bus.
//!
//! [`Event`] is implemented by `#[derive(Event)]`; everything that carries events knows
//! them only through the object-safe [`Payload`].

mod decode;
mod descriptor;
mod list;
mod payload;
mod raw;
mod typed;

pub use decode::{DecodeError, decode_unit, decode_value, decode_variant};
pub use descriptor::{Descriptor, InvalidRole, Outcome, Role};
pub use list::{EVENT_TYPES_MAX, concat};
pub use payload::{Payload, Volatile};
pub use raw::{InvalidJson, RawJson, RawPayload};
pub use typed::{Event, EventRef};
