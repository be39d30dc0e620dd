//! The observer: takes events on any thread, and lets a thread of its own write.
//!
//! `on_event` holds one short lock and never touches the writer; the painter thread holds
//! no lock while it writes. So a writer that hangs costs a picture, never a test.

mod builder;
mod painter;
mod screen;
mod shared;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

pub use builder::{ConsoleBuilder, Mode};
pub use shared::BUFFER_BYTES_MAX;
use tidings_core::Envelope;
use tidings_registry::{Counts, Observer, ObserverError};

use builder::Terminal;
use shared::Shared;

/// Shows the events of a bus to people: a live tree, plain lines, or JSON lines.
///
/// Made by [`stdout`](Self::stdout), [`stderr`](Self::stderr) or [`to`](Self::to). Its
/// painter thread starts with the first event and ends with
/// [`close`](tidings_registry::Observer::close); without events nothing is ever written.
///
/// In the report, an event is delivered when the tree has it or its line was written,
/// rejected when it has no JSON form ([`Mode::Json`]), dropped when the buffer was full or
/// the writer had failed. When the reader has gone away (broken pipe) nothing is owed to
/// it any more: events count as delivered, and nothing is reported as an error.
pub struct Console {
    shared: Arc<Shared>,
}

impl Console {
    /// To standard output, live when that is a terminal.
    pub fn stdout() -> ConsoleBuilder {
        ConsoleBuilder::new(Box::new(std::io::stdout()), Terminal::Stdout)
    }

    /// To standard error, live when that is a terminal.
    pub fn stderr() -> ConsoleBuilder {
        ConsoleBuilder::new(Box::new(std::io::stderr()), Terminal::Stderr)
    }

    /// To any writer, which is no terminal unless
    /// [`terminal`](ConsoleBuilder::terminal) says so.
    pub fn to(writer: impl Write + Send + 'static) -> ConsoleBuilder {
        ConsoleBuilder::new(Box::new(writer), Terminal::None)
    }
}

impl Observer for Console {
    fn kind(&self) -> &'static str {
        "console"
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        Shared::take(&self.shared, envelope)
    }

    fn flush(&self, deadline: Instant) -> Result<(), ObserverError> {
        self.shared.flush(deadline)
    }

    fn close(&self, deadline: Instant) -> Result<(), ObserverError> {
        self.shared.close(deadline)
    }

    fn counts(&self) -> Option<Counts> {
        Some(self.shared.counts())
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.shared.begin_close();
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console")
            .field("output", &self.shared.output())
            .field("counts", &self.shared.counts())
            .finish_non_exhaustive()
    }
}
