//! Crash tests: whatever ends, fills up, vanishes or runs backwards costs what it must and says so.
//!
//! What has to happen to a whole process happens to a child, which is this program again. Kills
//! of a delivery and of a plain journal have tests of their own, as have disks that fail at any
//! byte: `tests/kill`, and the tests of the journal and of the spool.

mod child;
mod clock;
#[cfg(unix)]
mod descriptors;
#[cfg(unix)]
mod full;
mod killing;
mod places;
mod refusing;
#[cfg(unix)]
mod vanishing;
