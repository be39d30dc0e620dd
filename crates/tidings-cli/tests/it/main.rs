//! The built command, as a shell runs it.

mod command_line;
mod configuration;
mod import;
mod outages;
mod replay;
mod reports;
mod support;
mod verify;
