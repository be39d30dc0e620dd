//! The keys of a configuration, but for those that belong to a kind alone.
//!
//! A key that would do nothing where it stands is an error, never passed over.

mod common;
mod delivery;
mod names;
mod time;
mod top;

pub(crate) use common::Common;
pub use common::WAIT_MAX_DEFAULT;
pub(crate) use delivery::DeliverySettings;
pub use delivery::QueueLimits;
pub(crate) use names::{
    COMMON_KEYS, DELIVERY_KEYS, OBSERVER_KEYS, TOP_KEYS, foreign_kind_of, is_observer_key,
};
pub(crate) use time::{Millis, Seconds};
pub(crate) use top::TopKeys;
pub use top::{CLOSE_TIMEOUT_DEFAULT, DEDUP_CAPACITY_DEFAULT, DEDUP_WINDOW_DEFAULT};
