//! The log of a master: a journal that is continued, and knows what of it is safe.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tidings_core::Interest;
use tidings_core::text::with_causes;
use tidings_journal::{Fsync, Journal};
use tidings_registry::{Bus, Subscription};

use super::checkpoint::Checkpoint;
use crate::failure::Failure;

/// A log that hears everything on a bus.
#[derive(Debug)]
pub(crate) struct Log {
    journal: Arc<Journal>,
    listening: Arc<Subscription>,
    checkpoint: Checkpoint,
    bus: Bus,
}

impl Log {
    /// Continues the log, behind its last whole line, as the last observer of the bus:
    /// whatever is in it, the others were given.
    ///
    /// # Errors
    ///
    /// [`Failure::Log`].
    pub(crate) fn start(path: &Path, checkpoint: Checkpoint, bus: &Bus) -> Result<Self, Failure> {
        let failed = |source| Failure::Log { path: path.to_owned(), source };
        // What the master says of itself is no event of the run.
        let builder = Journal::builder().interest(Interest::everything()).bus(bus);
        let journal =
            builder.fsync(Fsync::OnFlush).append(path).map_err(|fault| failed(fault.into()))?;
        let journal = Arc::new(journal);
        let registration = bus.register(Arc::clone(&journal)).name("log");
        let listening = registration.start().map_err(|fault| failed(fault.into()))?;
        Ok(Self { journal, listening: Arc::new(listening), checkpoint, bus: bus.clone() })
    }

    /// How many bytes of a line that was never finished were cut off.
    pub(crate) fn truncated_bytes(&self) -> u64 {
        self.journal.truncated_bytes()
    }

    /// How many events it has.
    pub(crate) fn events(&self) -> u64 {
        self.journal.next_position().unwrap_or(0)
    }

    /// What says whether everything so far is safe: it is in the log, the observers are
    /// finished with it, or have it in a spool, and the checkpoint says so.
    pub(crate) fn safety(&self) -> impl FnMut(Duration) -> Result<(), String> + Send + use<> {
        let (journal, listening) = (Arc::clone(&self.journal), Arc::clone(&self.listening));
        let (checkpoint, bus) = (self.checkpoint.clone(), self.bus.clone());
        move |within| {
            let closed = || "the log is closed".to_owned();
            let position = journal.next_position().ok_or_else(closed)?;
            bus.barrier(within).map_err(|fault| fault.to_string())?;
            let counts = listening.report().ok_or_else(closed)?.counts;
            if counts.failed > 0 {
                return Err(format!("{} events could not be written to the log", counts.failed));
            }
            checkpoint.write(position).map_err(|failure| with_causes(&failure))
        }
    }

    /// Says that nothing beyond its end is safe, should the checkpoint be ahead of it: the
    /// log may have lost its end with the power.
    ///
    /// # Errors
    ///
    /// [`Failure::Write`].
    pub(crate) fn hold_back(&self, checkpoint: u64) -> Result<(), Failure> {
        let events = self.events();
        if checkpoint > events { self.checkpoint.write(events) } else { Ok(()) }
    }
}
