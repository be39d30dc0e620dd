//! One suite for every sink: what a place does to it, and what must become of the events.
//!
//! A [`Harness`] makes sinks and knows the [`Receiver`] at their other end. [`check`] drives
//! a sink through a real delivery on a real bus, makes [`Trouble`] at the receiver, and
//! compares what arrived with what was emitted:
//!
//! ```
//! use tidings_assert::conformance::{self, Options};
//! use tidings_assert::conformance::reference::ShelfHarness;
//!
//! // Your own harness goes here; this one is in memory, and its source is an example.
//! let harness = ShelfHarness::new();
//!
//! let options = Options::default().events(40).kills(2);
//! let report = conformance::check_with(&harness, &options);
//! report.assert();
//! println!("{report}");
//! ```
//!
//! # What it checks
//!
//! Order and exactly once while nothing goes wrong, limits of batches, parts that were taken,
//! poisoned events, bodies that are too large, each sort of refusal, hangs, resets, slow
//! readers, a receiver that is away, a close beside a receiver that hangs, a killed process,
//! and that no text shows a secret. A check that a receiver does not support is listed as
//! skipped, with the reason; [`Report::skipped`] says which.
//!
//! # What a harness has to do
//!
//! An event is known by its id: [`Receiver::accepted`] lists the ids of what was taken. Where
//! a body has none, [`Names`] knows the event by its text.
//!
//! The suite waits on conditions with a deadline, and does not sleep. Make the time-out of
//! the sink short, a few hundred milliseconds, and it takes a few seconds.

mod checks;
mod folder;
mod harness;
mod names;
mod options;
pub mod reference;
mod report;
mod run;
mod suite;
mod verify;
mod watched;

pub use harness::{Harness, Receiver, Support, Trouble};
pub use names::{Named, Names};
pub use options::Options;
pub use report::{Check, Report, Verdict};
pub use suite::{check, check_with};
