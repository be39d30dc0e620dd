//! Tests of the live page over real sockets.
#![cfg(feature = "live")]

mod closing;
mod emitting;
mod following;
mod refusing;
mod resuming;
mod support;
