//! Which saying of it: the ids of a bus, a lane and one occurrence.
//!
//! Equal content has equal [`ContentId`](crate::ContentId)s; an [`EventId`] is never used
//! twice, so a retransmission is recognised by it.

mod bus;
mod event;

pub use bus::{BusId, InvalidBusId};
pub use event::{EventId, InvalidEventId, Lane};
