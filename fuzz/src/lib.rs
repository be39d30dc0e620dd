//! Fuzz targets of Tidings: plain functions that take bytes and panic when a promise breaks.
//!
//! A target neither knows nor cares who calls it. The binary `replay` runs the committed
//! corpus and mutations of it, on any machine and without special flags; the binary
//! `guided` lets libFuzzer look for inputs that reach new code.

pub mod corpus;
pub mod mutate;
mod targets;

pub use targets::{TARGETS, Target, find};
