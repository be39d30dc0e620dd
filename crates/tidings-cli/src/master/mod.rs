//! The parts of a master: its log, what it knows of the run, and the way of events to its bus.
//!
//! The log has each event once, whatever is killed when. Views are made anew from it; of the
//! others a checkpoint says what they have for certain.

mod checkpoint;
mod followed;
mod inlet;
mod log;
mod past;

pub(crate) use checkpoint::Checkpoint;
pub(crate) use followed::Followed;
pub(crate) use inlet::Inlet;
pub(crate) use log::Log;
pub(crate) use past::Past;
