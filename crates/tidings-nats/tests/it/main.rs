//! The crate against real servers, of the oldest version that counts and of the newest.

mod presence;
mod relay;
mod relay_outages;
mod relay_state;
mod relay_support;
mod sink_conformance;
mod sink_delivering;
mod sink_refusing;
mod source;
mod support;
