//! What the log has from before.
//!
//! A line that was never finished is none: who writes next cuts it off.

use std::fs::{File, TryLockError};
use std::io::{BufReader, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use tidings_core::Envelope;
use tidings_journal::Reader;

use crate::failure::Failure;
use crate::feed::LineFaults;
use crate::output::Screen;

/// An event of the log.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) envelope: Arc<Envelope>,
    pub(crate) position: u64,
    /// About how many bytes it takes.
    pub(crate) bytes: u64,
}

/// The events of a log, one after the other.
#[derive(Debug)]
pub(crate) struct Past {
    reader: Option<Reader<BufReader<File>>>,
    faults: LineFaults,
    position: u64,
}

impl Past {
    /// Opens a log; one that is not there has no past.
    ///
    /// # Errors
    ///
    /// [`Failure::Log`], also when another master writes to it.
    pub(crate) fn open(log: &Path, screen: &Screen) -> Result<Self, Failure> {
        let reader = match File::open(log) {
            Ok(file) => {
                // What is written meanwhile would be missing here.
                if let Err(TryLockError::WouldBlock) = file.try_lock() {
                    return Err(failed(log, "another master, or a journal, writes to it".into()));
                }
                drop(file);
                Some(Reader::open(log).map_err(|fault| failed(log, fault.into()))?)
            }
            Err(fault) if fault.kind() == ErrorKind::NotFound => None,
            Err(fault) => return Err(failed(log, fault.into())),
        };
        Ok(Self { reader, faults: LineFaults::new(screen), position: 0 })
    }

    /// The next event; none at the end.
    ///
    /// # Errors
    ///
    /// [`Failure::Log`] when the file cannot be read on. A line that is no event is told,
    /// and passed over.
    pub(crate) fn next(&mut self, log: &Path) -> Result<Option<Entry>, Failure> {
        let Some(reader) = &mut self.reader else { return Ok(None) };
        for line in reader.by_ref() {
            match line {
                Ok(entry) => {
                    let position = entry.position().unwrap_or(self.position);
                    self.position = position.saturating_add(1);
                    let envelope = entry.received.envelope;
                    let bytes = envelope.data().map_or(0, str::len);
                    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
                    return Ok(Some(Entry { envelope, position, bytes }));
                }
                Err(fault) if fault.is_line() => self.faults.add(fault),
                Err(fault) => return Err(failed(log, fault.into())),
            }
        }
        Ok(None)
    }

    /// How many lines were no events.
    pub(crate) fn bad_lines(&self) -> u64 {
        self.faults.end()
    }
}

fn failed(log: &Path, source: crate::failure::Cause) -> Failure {
    Failure::Log { path: log.to_owned(), source }
}
