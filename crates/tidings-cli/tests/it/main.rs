//! The built command, as a shell runs it.

mod command_line;
mod configuration;
mod drain;
mod import;
#[cfg(unix)]
mod interrupt;
#[cfg(unix)]
mod live;
#[cfg(unix)]
mod master;
mod outages;
mod replay;
mod reports;
#[cfg(unix)]
mod runners;
mod summary;
mod support;
#[cfg(unix)]
mod tail;
mod verify;
