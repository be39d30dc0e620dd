//! Which nodes are there: heartbeats and events of theirs, and their silence.
//!
//! Nobody is declared lost while it is the own connection that is broken: silence counts
//! only while it is up, and is believed only after the broker has answered.

mod ear;
mod handle;
mod items;
mod voice;
mod watch;

pub use handle::{INTERVALS_UNTIL_LOST, Presence, PresenceSettings};
pub use watch::NodeState;
