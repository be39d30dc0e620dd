//! What can be imported: one importer for each format of `--from`.
//!
//! An importer is handed one line at a time and hands on its events before it sees the next,
//! so that events appear as they arrive.

mod cloudevents;
mod importer;
mod runner;

pub(crate) use importer::{Importer, Line, Outlet, importer};
