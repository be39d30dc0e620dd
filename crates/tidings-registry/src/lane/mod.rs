//! Lanes: single-writer streams, leased to the threads that emit.
//!
//! Everything a thread writes while it emits lies in its lane; other threads read it, for
//! reports and to learn that the lane is idle.

mod context;
mod gate;
mod local;
mod shared;

pub(crate) use gate::Gate;
#[cfg(all(test, loom))]
pub(crate) use local::make_storage;
pub(crate) use local::{
    Current, Job, LaneLocal, Worker, current_worker, forget, set_worker, swap_worker, with_lane,
};
pub(crate) use shared::LaneShared;
