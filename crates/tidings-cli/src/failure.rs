//! Why a command ends early, and what the exit status says.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use thiserror::Error;
use tidings_config::ConfigError;

/// How a command ended, for the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// Everything was read and delivered, or is sound.
    Complete,
    /// Something was not delivered, not readable or not sound.
    Incomplete,
    /// The command line or the configuration is wrong.
    Misused,
    /// A signal ended it, for which this exit status stands.
    Interrupted(u8),
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        Self::from(match verdict {
            Verdict::Complete => 0,
            Verdict::Incomplete => 1,
            Verdict::Misused => 2,
            Verdict::Interrupted(status) => status,
        })
    }
}

/// An error of some other crate, which prints with its causes.
pub(crate) type Cause = Box<dyn Error + Send + Sync>;

/// Why a command ends early.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// An input is not there, or is a folder.
    #[error("failed to open `{name}`")]
    Open { name: String, source: io::Error },
    /// An input failed in the middle.
    #[error("the reading of `{name}` did not get to its end")]
    Read { name: String, source: Cause },
    /// The configuration is wrong, or what it names cannot be opened.
    #[error(transparent)]
    Configuration(#[from] ConfigError),
    /// What is to be written would have no place, which is better said before the work.
    #[error("the {what} cannot be written to `{}`: {reason}", path.display())]
    Place { what: &'static str, path: PathBuf, reason: &'static str },
    /// Standard output would have two things in it.
    #[error("{first} and {second} cannot both go to standard output: name a file for one of them")]
    OneOutput { first: &'static str, second: &'static str },
    /// The log of a master cannot be continued.
    #[error("the log `{}` cannot be used", path.display())]
    Log { path: PathBuf, source: Cause },
    /// Something could not be written.
    #[error("failed to write the {what} `{}`", path.display())]
    Write { what: &'static str, path: PathBuf, source: io::Error },
    /// The page cannot be served.
    #[error("the page cannot be served")]
    Serve(#[source] Cause),
    /// The server of a command line cannot be reached or used.
    #[error("{0}")]
    Nats(String),
    /// Standard output failed.
    #[error("failed to write to standard output")]
    Output(#[source] io::Error),
    /// Something closed the bus while events were read.
    #[error(
        "the bus was closed while `{name}` was read: line {line} and what follows it were not dispatched"
    )]
    Closed { name: String, line: u64 },
}

impl Failure {
    /// What the exit status says of it.
    pub(crate) fn verdict(&self) -> Verdict {
        match self {
            Self::Open { .. }
            | Self::Configuration(_)
            | Self::Place { .. }
            | Self::OneOutput { .. }
            | Self::Serve(_)
            | Self::Nats(_)
            | Self::Log { .. } => Verdict::Misused,
            Self::Read { .. } | Self::Write { .. } | Self::Output(_) | Self::Closed { .. } => {
                Verdict::Incomplete
            }
        }
    }
}
