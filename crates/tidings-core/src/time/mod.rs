//! Time: nanoseconds since the Unix epoch, and the clock they come from.
//!
//! A bus reads the wall clock once, when it is made; every later time is that start plus
//! one monotonic reading, so times on one bus never run backwards.

mod clock;
#[doc(hidden)]
pub mod moment;
mod timestamp;

pub use clock::{Clock, ManualClock, SystemClock};
pub use timestamp::{InvalidTimestamp, Timestamp};
