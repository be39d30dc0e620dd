//! Attributes: context that is added for the author of an event.
//!
//! They come from the bus, the emitter and the scopes of the emitting thread, the later
//! winning over the earlier, and are never part of a content id.

mod map;
pub(crate) mod scope;

pub use map::{ATTRIBUTE_DEPTH_MAX, Attributes};
pub use scope::{Scope, ScopeGuard, Scoped};
