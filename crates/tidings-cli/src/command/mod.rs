//! The commands, one file each.

mod delivering;
mod drain;
mod import;
mod importing;
mod live;
mod master;
mod recorded;
mod replay;
mod report;
mod summary;
mod summing;
mod tail;
mod verify;

pub(crate) use drain::drain;
pub(crate) use import::import;
pub(crate) use live::live;
pub(crate) use master::master;
pub(crate) use replay::replay;
pub(crate) use report::report;
pub(crate) use summary::summary;
pub(crate) use tail::tail;
pub(crate) use verify::verify;
