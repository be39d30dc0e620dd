//! The handle: an observer that writes each event to the session it holds.
//!
//! JSON is made outside the lock, lines and positions under it.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use tidings_core::{Envelope, Interest};
use tidings_registry::{Observer, ObserverError};

use super::session::{Refused, Session};
use super::{JournalBuilder, JournalError};
use crate::reader::LINE_BYTES_MAX;

/// Writes the events of a bus as JSON Lines of `CloudEvents`, append only.
///
/// By default each event is with the system before `emit` returns, in one write: a killed
/// process loses none that was emitted, at most it leaves a torn last line. Whether a power
/// failure does is up to [`Fsync`](crate::Fsync).
///
/// One journal has a file to itself: the file is locked (as far as the file system can) until
/// the journal is closed, which its bus does, or dropped. An event that arrives afterwards
/// is an error.
pub struct Journal {
    path: String,
    interest: Interest,
    truncated_bytes: u64,
    /// Nothing once it is closed.
    session: Mutex<Option<Session>>,
}

impl Journal {
    /// Settings before the journal is opened.
    pub fn builder() -> JournalBuilder {
        JournalBuilder::default()
    }

    /// Opens a new file; one that is there must be empty.
    ///
    /// # Errors
    ///
    /// As [`JournalBuilder::create`].
    pub fn create(path: impl AsRef<Path>) -> Result<Self, JournalError> {
        Self::builder().create(path)
    }

    /// Continues a journal behind its last whole line, or opens a new file.
    ///
    /// Positions go on where they ended. A torn last line is cut off;
    /// [`truncated_bytes`](Self::truncated_bytes) and the new header say how much that was.
    ///
    /// # Errors
    ///
    /// As [`JournalBuilder::append`].
    pub fn append(path: impl AsRef<Path>) -> Result<Self, JournalError> {
        Self::builder().append(path)
    }

    /// Writes to anything else: memory, a pipe, a terminal.
    ///
    /// # Errors
    ///
    /// As [`JournalBuilder::to_writer`].
    pub fn to_writer(writer: impl Write + Send + 'static) -> Result<Self, JournalError> {
        Self::builder().to_writer(writer)
    }

    /// The file, as it was named.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// How many bytes of a torn line were cut off when the journal was opened.
    pub fn truncated_bytes(&self) -> u64 {
        self.truncated_bytes
    }

    /// The position of the next event; none once the journal is closed.
    pub fn next_position(&self) -> Option<u64> {
        self.session.lock().as_ref().map(Session::position)
    }

    pub(super) fn new(
        path: String,
        interest: Interest,
        session: Session,
        truncated_bytes: u64,
    ) -> Self {
        Self { path, interest, truncated_bytes, session: Mutex::new(Some(session)) }
    }

    /// Works under the lock; nothing when the journal is closed.
    ///
    /// Should a user's writer panic, nobody knows what it has written: then the session is
    /// gone with it, and later events are refused instead of garbled.
    fn with_session<T>(&self, work: impl FnOnce(&mut Session) -> T) -> Option<T> {
        let mut slot = self.session.lock();
        let mut session = slot.take()?;
        let outcome = work(&mut session);
        *slot = Some(session);
        Some(outcome)
    }

    fn failed(&self, what: &str, source: io::Error) -> ObserverError {
        ObserverError::failed(format!("failed to {what} the journal `{}`", self.path))
            .caused_by(source)
    }

    fn refused(&self, refused: Refused) -> ObserverError {
        match refused {
            Refused::NoJson(fault) => {
                ObserverError::rejected("the event has no JSON form").caused_by(fault)
            }
            Refused::TooLong(bytes) => ObserverError::rejected(format!(
                "the event's line has {bytes} bytes, more than the {LINE_BYTES_MAX} that are read"
            )),
            Refused::Io(source) => self.failed("write to", source),
        }
    }
}

impl Observer for Journal {
    fn name(&self) -> String {
        format!("journal({})", self.path)
    }

    fn kind(&self) -> &'static str {
        "journal"
    }

    fn interest(&self) -> Interest {
        self.interest.clone()
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        // JSON and content id are made, and kept in the envelope, outside the lock. Raw data
        // without a canonical form has JSON all the same.
        if envelope.content_id().is_err()
            && let Err(fault) = envelope.data()
        {
            return Err(self.refused(Refused::NoJson(fault.clone())));
        }
        match self.with_session(|session| session.append(envelope)) {
            Some(outcome) => outcome.map_err(|refused| self.refused(refused)),
            None => Err(ObserverError::failed(format!(
                "the journal `{}` is closed: open it again with `Journal::append`",
                self.path
            ))),
        }
    }

    /// Writes what is held back; says so when the file was removed meanwhile. A file has no
    /// time-out, so the deadline is not looked at.
    fn flush(&self, _deadline: Instant) -> Result<(), ObserverError> {
        let outcome = self.with_session(Session::flush).unwrap_or(Ok(()));
        outcome.map_err(|source| self.failed("flush", source))
    }

    /// Writes what is held back, closes the file and gives it free.
    fn close(&self, _deadline: Instant) -> Result<(), ObserverError> {
        let Some(mut session) = self.session.lock().take() else {
            return Ok(());
        };
        session.flush().map_err(|source| self.failed("close", source))
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if let Some(session) = self.session.get_mut() {
            // Nobody is left to be told; whoever wants to know closes the bus first.
            drop(session.flush());
        }
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("path", &self.path)
            .field("interest", &self.interest)
            .finish_non_exhaustive()
    }
}
