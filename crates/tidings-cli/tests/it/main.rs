//! The built command, as a shell runs it.

mod command_line;
mod configuration;
mod drain;
mod import;
#[cfg(unix)]
mod interrupt;
mod outages;
mod replay;
mod reports;
mod support;
mod verify;
