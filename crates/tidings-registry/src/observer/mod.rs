//! Observers: whoever is handed the events of a bus.
//!
//! An observer is called from many threads at once unless it asked for a queue; nothing it
//! does — panic, error, hang, emit, subscribe, cancel — harms its bus or its neighbours.

mod attachment;
mod closure;
mod contract;
mod error;

pub use attachment::{Attachment, is_observer_thread};
pub use closure::ObserverResult;
pub(crate) use closure::{Closure, TypedClosure};
pub use contract::Observer;
pub use error::ObserverError;
