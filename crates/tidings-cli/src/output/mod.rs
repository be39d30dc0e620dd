//! What people and programs are told, and where.
//!
//! Standard error is for people, standard output for what was asked for. Neither ever
//! stops the work: a terminal that is gone is no fault of the events.

mod destination;
mod diagnostics;
mod limiter;
#[cfg(test)]
mod memory;
mod number;
mod progress;
mod run_summary;
mod screen;
mod summary;

pub(crate) use destination::Destination;
pub(crate) use diagnostics::{Diagnostics, FOLLOWED_KIND};
#[cfg(test)]
pub(crate) use memory::Memory;
pub(crate) use number::{counted, grouped};
pub(crate) use progress::{Meter, Progress};
pub(crate) use run_summary::print_run;
pub(crate) use screen::{Screen, print};
pub(crate) use summary::{say_what_is_missing, summary};
