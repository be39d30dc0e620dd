//! Emitters: typed and raw handles that speak for one entity.
//!
//! An emitter knows its bus only through [`Dispatch`]. Before anything else it asks a
//! [`TypeTable`] that it shares with its bus; when nobody hears the type, that is all.

mod dispatch;
mod raw;
mod table;
mod transition;
mod typed;

pub use dispatch::{Accepted, Dispatch, Draft, Source, Stream, StreamClosed, TypeSlot};
pub use raw::{RawEmitError, RawEmitter};
pub use table::TypeTable;
pub use transition::EmitTransitionError;
pub(crate) use transition::Streams;
pub use typed::Emitter;
