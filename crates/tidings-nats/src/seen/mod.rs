//! Which events were taken before: by their ids, beyond the window of any broker.

mod ids;
mod stretches;

pub use ids::{SEEN_STRETCHES_MAX, Seen};
