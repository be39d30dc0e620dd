//! The targets, one file each, and the list of them.

mod canonical;
mod config;
mod console;
mod escaping;
mod import;
mod journal;
#[path = "../../../tests/support/markup.rs"]
mod markup;
mod names;
mod page;
mod prefix;
mod redaction;
mod replies;
mod spool;
mod target;

pub use target::{TARGETS, Target, find};
