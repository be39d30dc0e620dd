//! The commands, one file each.

mod delivering;
mod drain;
mod import;
mod replay;
mod verify;

pub(crate) use drain::drain;
pub(crate) use import::import;
pub(crate) use replay::replay;
pub(crate) use verify::verify;
