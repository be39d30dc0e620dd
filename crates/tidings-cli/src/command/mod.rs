//! The commands, one file each.

mod delivering;
mod drain;
mod import;
mod importing;
mod live;
mod recorded;
mod replay;
mod report;
mod summary;
mod summing;
mod verify;

pub(crate) use drain::drain;
pub(crate) use import::import;
pub(crate) use live::live;
pub(crate) use replay::replay;
pub(crate) use report::report;
pub(crate) use summary::summary;
pub(crate) use verify::verify;
