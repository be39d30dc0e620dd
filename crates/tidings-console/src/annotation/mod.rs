//! Words for the runner of GitHub Actions: groups of lines, and marks on files.
//!
//! These are the only lines of a console that are commands; every text in them is escaped as
//! GitHub documents it.

mod choice;
mod command;
mod run;

pub use choice::AnnotationsChoice;
pub(crate) use choice::is_github;
pub(crate) use command::{GROUP_END, group_begin};
pub(crate) use run::render_annotations;
