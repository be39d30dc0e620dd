//! The handle of a console, which is its observer as well.

use std::fmt;
use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use tidings_core::Envelope;
use tidings_registry::{Counts, Observer, ObserverError};

use super::builder::{ConsoleBuilder, Terminal};
use super::shared::Shared;
use super::writer::ConsoleWriter;

/// Shows the events of a bus to people: a live tree, plain lines, or JSON lines.
///
/// Made by [`stdout`](Self::stdout), [`stderr`](Self::stderr) or [`to`](Self::to). Its
/// painter thread starts with the first event or [printed](Self::print) text and ends with
/// [`close`](tidings_registry::Observer::close); without either nothing is ever written.
///
/// While it draws live, its terminal is its own: what others print there is drawn over and
/// spoils the picture. Keep the console in an [`Arc`], give the bus a clone of that, and
/// print through [`print`](Self::print) or [`writer`](Self::writer).
///
/// In the report, an event is delivered when the tree has it or its line was written,
/// rejected when it has no JSON form ([`Mode::Json`](crate::Mode::Json)), dropped when the buffer was full or
/// the writer had failed. When the reader has gone away (broken pipe) nothing is owed to
/// it any more: events count as delivered, and nothing is reported as an error. What was
/// printed is no event and is not in the report.
pub struct Console {
    pub(super) shared: Arc<Shared>,
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

    /// Shows text above the live picture, or as lines of its own between the lines of
    /// events. Never waits for the writer; may be called on any thread.
    ///
    /// The text is shown line by line, each [escaped](crate::escape), tabs as four spaces;
    /// the last one needs no line break. Lines that a terminal wraps are not cut. They
    /// wait in the same buffer as those of events ([`BUFFER_BYTES_MAX`](crate::BUFFER_BYTES_MAX)): lines that find
    /// no room are counted, and the output says where they are missing.
    ///
    /// Returns whether all of the text was taken. It was not when there was no room for
    /// some of it, and nothing of it is shown in [`Mode::Json`](crate::Mode::Json), whose stream is for events
    /// alone, after the close, and once the writer has failed.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    ///
    /// use tidings_console::{Console, Mode};
    /// use tidings_registry::Bus;
    ///
    /// let console = Arc::new(Console::to(std::io::sink()).mode(Mode::Lines).build());
    /// let bus = Bus::new();
    /// bus.subscribe(Arc::clone(&console)).detach();
    /// assert!(console.print("seed 42"));
    /// bus.close(Duration::from_secs(5))?;
    /// assert!(!console.print("too late"));
    /// # Ok::<(), tidings_registry::CloseError>(())
    /// ```
    #[expect(clippy::must_use_candidate, reason = "most who print have nothing else to do with it")]
    pub fn print(&self, text: &str) -> bool {
        Shared::print(&self.shared, text)
    }

    /// A writer that [prints](Self::print) what is written to it, for captured output.
    ///
    /// ```
    /// use std::io::Write;
    ///
    /// use tidings_console::{Console, Mode};
    ///
    /// let console = Console::to(std::io::sink()).mode(Mode::Lines).build();
    /// writeln!(console.writer(), "listening on port {}", 7)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn writer(&self) -> ConsoleWriter {
        ConsoleWriter::new(Arc::clone(&self.shared))
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
