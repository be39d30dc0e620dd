//! Where the servers are.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// What obtains the servers.
const OBTAIN: &str = "crates/tidings-nats/tests/servers.sh";

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BrokerVersion {
    /// 2.9, which knows consumers with one filter only: the variable `NATS_SERVER_2_9`, or
    /// `target/nats/2.9/nats-server`.
    Old,
    /// The newest: the variable `NATS_SERVER`, `target/nats/new/nats-server`, or
    /// `nats-server` in the `PATH`.
    New,
}

impl BrokerVersion {
    /// Both, the old one first.
    pub const ALL: [Self; 2] = [Self::Old, Self::New];

    /// The program.
    pub(super) fn program(self) -> Result<PathBuf, BrokerError> {
        let (variable, folder) = match self {
            Self::Old => ("NATS_SERVER_2_9", "2.9"),
            Self::New => ("NATS_SERVER", "new"),
        };
        if let Some(named) = std::env::var_os(variable).filter(|named| !named.is_empty()) {
            return Ok(named.into());
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let placed = root.join("target/nats").join(folder).join("nats-server");
        if placed.is_file() {
            return Ok(placed);
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut installed = std::env::split_paths(&path).map(|one| one.join("nats-server"));
        match installed.find(|one| self == Self::New && one.is_file()) {
            Some(installed) => Ok(installed),
            None => Err(BrokerError::Missing { folder, variable }),
        }
    }
}

/// Why there is no server.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BrokerError {
    /// There is none on this machine.
    #[error(
        "there is no `nats-server` at target/nats/{folder}/nats-server: run `{OBTAIN}`, or name \
         one in the variable `{variable}`"
    )]
    #[non_exhaustive]
    Missing {
        /// The folder of the version.
        folder: &'static str,
        /// The variable that names one.
        variable: &'static str,
    },
    /// Its folder, its files or its process.
    #[error("failed to start `nats-server`")]
    Start(#[from] io::Error),
    /// It ended, or did not listen in time.
    #[error("`nats-server` does not listen; it says: {said}")]
    #[non_exhaustive]
    Silent {
        /// The end of its log.
        said: String,
    },
}
