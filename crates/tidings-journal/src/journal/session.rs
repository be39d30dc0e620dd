//! One session of writing: positions are taken here, under the journal's lock.

use std::io;

use tidings_core::Envelope;
use tidings_core::json::EncodeError;
use tidings_core::wire::write_event;

use super::tail::Tail;
use crate::reader::LINE_BYTES_MAX;

/// When the device is waited for.
///
/// A killed process loses nothing that the system has taken; only a power failure or a
/// crash of the machine does. This says how much that may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Fsync {
    /// Never: the system writes when it sees fit, usually within half a minute.
    #[default]
    Never,
    /// Whenever the journal is flushed or closed.
    OnFlush,
    /// After every write: every event, or every full buffer, is on the device.
    EveryWrite,
}

pub(super) struct Session {
    tail: Tail,
    /// The position of the next event.
    position: u64,
    /// Bytes to be held back; 0 for none.
    buffered_bytes: usize,
    fsync: Fsync,
    /// Reused from line to line.
    line: String,
}

/// Why an event is not in the journal.
#[derive(Debug)]
pub(super) enum Refused {
    NoJson(EncodeError),
    TooLong(usize),
    Io(io::Error),
}

/// A line's memory that is kept for the next line.
const LINE_KEPT_BYTES: usize = 64 * 1024;

impl Session {
    pub(super) fn new(tail: Tail, position: u64, buffered_bytes: usize, fsync: Fsync) -> Self {
        Self { tail, position, buffered_bytes, fsync, line: String::new() }
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Writes the header at once, buffered or not.
    pub(super) fn begin(&mut self, header: &str) -> io::Result<()> {
        self.tail.push(header);
        self.write_out()
    }

    /// Writes or buffers one event. One that is refused takes no position.
    pub(super) fn append(&mut self, envelope: &Envelope) -> Result<(), Refused> {
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        let outcome = write_event(envelope, Some(self.position), &mut line)
            .map_err(Refused::NoJson)
            .and_then(|()| {
                line.push('\n');
                if line.len() > LINE_BYTES_MAX {
                    Err(Refused::TooLong(line.len()))
                } else {
                    self.append_line(&line).map_err(Refused::Io)
                }
            });
        line.shrink_to(LINE_KEPT_BYTES);
        self.line = line;
        outcome
    }

    fn append_line(&mut self, line: &str) -> io::Result<()> {
        let waiting = self.tail.waiting();
        if waiting > 0 && waiting + line.len() > self.buffered_bytes {
            self.write_out()?;
        }
        self.tail.push(line);
        let outcome =
            if self.tail.waiting() >= self.buffered_bytes { self.write_out() } else { Ok(()) };
        if outcome.is_ok() || !self.tail.take_back(line) {
            self.position = self.position.saturating_add(1);
        }
        outcome
    }

    fn write_out(&mut self) -> io::Result<()> {
        self.tail.write_out()?;
        if self.fsync == Fsync::EveryWrite {
            self.tail.sync()?;
        }
        Ok(())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.tail.write_out()?;
        if self.fsync != Fsync::Never {
            self.tail.sync()?;
        }
        // Here and not at every write: it costs a call of the system.
        self.tail.check_is_there()
    }
}
