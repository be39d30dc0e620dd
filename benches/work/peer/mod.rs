//! Peers that take more than a line to set up.

pub(crate) mod ecs;
pub(crate) mod tracing;
