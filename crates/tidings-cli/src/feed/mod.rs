//! How events get from an input to a bus without flooding anybody.
//!
//! Nothing presses a replay, so it waits for room rather than let a queue overflow; only an
//! observer that takes nothing for too long is left to what its overflow policy says.

mod ahead;
mod faults;
mod feeder;
mod follow;
mod halting;
mod input;
mod journals;
mod lines;
mod room;
mod window;

pub(crate) use faults::LineFaults;
pub(crate) use feeder::{Ended, Feeder};
pub(crate) use input::{Counted, Input};
pub(crate) use journals::Journals;
pub(crate) use lines::{BytesLine, Lines};
pub(crate) use room::Patience;
pub(crate) use window::Window;
