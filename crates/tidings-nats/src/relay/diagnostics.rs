//! Diagnostics: what a relay has to say, as events of its bus.
//!
//! To those who name `tidings.`, with the entity `relay/<name>`. One is emitted when
//! something changes; numbers are in the report.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

/// Something that a relay noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[event(namespace = "tidings.relay", reserved, crate = "tidings_core")]
#[non_exhaustive]
pub enum RelayDiagnostic {
    /// Nothing arrives any more; it goes on where it was as soon as it can.
    #[non_exhaustive]
    Stalled {
        /// What is wrong.
        reason: String,
        /// Whether it needs a person: credentials, the stream.
        alarm: bool,
    },
    /// Events arrive again.
    #[non_exhaustive]
    Recovered {
        /// How many failures there were meanwhile.
        failures: u64,
    },
    /// A message is no event, and was passed over.
    #[non_exhaustive]
    Unreadable {
        /// Which, and what is wrong with it.
        reason: String,
    },
    /// Events of a node did not come; those behind them were let through.
    #[non_exhaustive]
    Gap {
        /// The run of the node.
        run: String,
        /// The node.
        node: String,
        /// The first position that is missing.
        from: u64,
        /// The first that is there again.
        to: u64,
    },
    /// What was relayed is not safe yet, so nothing is acknowledged: it would come again
    /// after a restart.
    #[non_exhaustive]
    Unsafe {
        /// Who is not finished, or could not write.
        reason: String,
    },
    /// What was relayed is safe again.
    Safe,
}

impl RelayDiagnostic {
    /// One line for a person. Names and texts in it came from elsewhere.
    pub fn message(&self) -> String {
        match self {
            Self::Stalled { reason, alarm } => {
                let what = if *alarm { "needs you" } else { "waits" };
                format!("the relay {what}: {reason}")
            }
            Self::Recovered { failures } => {
                format!("the relay goes on, after {failures} failures")
            }
            Self::Unreadable { reason } => {
                format!("the relay passed over what is no event: {reason}")
            }
            Self::Gap { run, node, from, to } => format!(
                "events of `{node}` in run `{run}` are missing: positions {from} to {}",
                to.saturating_sub(1)
            ),
            Self::Unsafe { reason } => {
                format!("the relay acknowledges nothing, since events are not safe: {reason}")
            }
            Self::Safe => "the relay acknowledges again".to_owned(),
        }
    }
}
