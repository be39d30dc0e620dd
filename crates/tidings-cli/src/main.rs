//! The `tidings` command: recorded events through the live dispatch path, and their check.
//!
//! Exit status: 0 complete, 1 something was not delivered, not readable or not sound, 2 the
//! command line or the configuration is wrong or a file cannot be opened, 130 and 143 ended by
//! a signal. What is for programs goes to standard output, what is for people to standard
//! error.

mod args;
mod command;
mod failure;
mod feed;
mod import;
mod interrupt;
mod live;
mod master;
mod nats;
mod output;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Command, CommandLine};
use crate::interrupt::Interrupt;
use crate::output::Screen;

fn main() -> ExitCode {
    let screen = Screen::stderr();
    let interrupt = Interrupt::new(&screen);
    let outcome = match CommandLine::parse().command {
        Command::Replay(args) => command::replay(&args, &screen, &interrupt),
        Command::Import(args) => command::import(&args, &screen, &interrupt),
        Command::Drain(args) => command::drain(&args, &screen, &interrupt),
        Command::Summary(args) => command::summary(&args, &screen, &interrupt),
        Command::Report(args) => command::report(&args, &screen, &interrupt),
        Command::Live(args) => command::live(&args, &screen, &interrupt),
        Command::Master(args) => command::master(&args, &screen, &interrupt),
        Command::Tail(args) => command::tail(&args, &screen, &interrupt),
        Command::Verify(args) => command::verify(&args, &screen),
    };
    match outcome {
        Ok(verdict) => verdict.into(),
        Err(failure) => {
            screen.fault(&failure);
            failure.verdict().into()
        }
    }
}
