//! Models: the bus itself, run by loom in every order its threads can take.
//!
//! Each says how often a thread may be interrupted where it could go on; within that bound
//! every order is tried, and every older value that the hardware may show. Nothing here
//! waits for time: a thread that would wait for ever is an error of the model.

mod cancelling;
mod closing;
mod ending;
mod lanes;
mod machine;
mod nesting;
mod queues;
mod routing;
mod support;
