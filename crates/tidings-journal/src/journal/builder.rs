//! The settings of a journal, and opening it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom, Write};
use std::path::Path;

use tidings_core::{BusId, Entity, Interest, Prefix, Timestamp};
use tidings_registry::{Bus, default_node_name};

use super::medium::{Medium, Stream};
use super::session::{Fsync, Session};
use super::tail::Tail;
use super::{Journal, JournalError};
use crate::header::{HeaderData, Opener, write_header};
use crate::reader::{Line, Reader};

/// The settings of a [`Journal`], each with a default.
#[derive(Debug, Clone, Default)]
#[must_use = "a builder does nothing until a journal is opened with it"]
pub struct JournalBuilder {
    interest: Option<Interest>,
    buffered_bytes: usize,
    fsync: Fsync,
    run: Option<String>,
    node: Option<String>,
    session: Option<BusId>,
    opened_at: Option<Timestamp>,
}

impl JournalBuilder {
    /// Which events are written; by default every one, those of Tidings itself too.
    ///
    /// The header says what is said here, and a journal whose header says that it hears
    /// everything is verified for gaps. A `.interest(..)` or `.dedup(..)` given where the
    /// journal is registered is invisible to the header, so that
    /// [`verify`](crate::verify()) reports what it keeps away as missing: narrow the
    /// interest here, and deduplicate on the bus ([`BusBuilder::dedup`]) instead.
    ///
    /// [`BusBuilder::dedup`]: tidings_registry::BusBuilder::dedup
    pub fn interest(mut self, interest: Interest) -> Self {
        self.interest = Some(interest);
        self
    }

    /// Holds events back until there are this many bytes, a flush, or the end. What is
    /// held back is lost when the process is killed. 0, the default, holds nothing back:
    /// each event is with the system before `emit` returns.
    pub fn buffered(mut self, bytes: usize) -> Self {
        self.buffered_bytes = bytes;
        self
    }

    /// When the device is waited for; by default never.
    pub fn fsync(mut self, fsync: Fsync) -> Self {
        self.fsync = fsync;
        self
    }

    /// The run that the header names; by default, and in place of an empty name, the id of
    /// the session.
    pub fn run(mut self, run: &str) -> Self {
        self.run = (!run.is_empty()).then(|| run.to_owned());
        self
    }

    /// The node that the header names; by default, and in place of an empty name,
    /// `user@host`, as on a bus.
    pub fn node(mut self, node: &str) -> Self {
        self.node = (!node.is_empty()).then(|| node.to_owned());
        self
    }

    /// Has the header name the run and the node of `bus`, as the lines of its events do.
    ///
    /// ```
    /// use tidings_journal::Journal;
    /// use tidings_registry::Bus;
    ///
    /// let bus = Bus::builder().run("run-7").node("lab-3").build();
    /// let journal = Journal::builder().bus(&bus).to_writer(std::io::sink())?;
    /// bus.subscribe(journal).detach();
    /// # Ok::<(), tidings_journal::JournalError>(())
    /// ```
    pub fn bus(self, bus: &Bus) -> Self {
        self.run(bus.run()).node(bus.node())
    }

    /// The id of the session, which the header's id is made of; by default a new one. It
    /// must not be that of a bus.
    pub fn session(mut self, id: BusId) -> Self {
        self.session = Some(id);
        self
    }

    /// The time in the header; by default now.
    pub fn opened_at(mut self, time: Timestamp) -> Self {
        self.opened_at = Some(time);
        self
    }

    /// Opens a new file; one that is there must be empty.
    ///
    /// # Errors
    ///
    /// [`JournalError`] when the file has content, is being written by another journal, or
    /// cannot be written.
    pub fn create(self, path: impl AsRef<Path>) -> Result<Journal, JournalError> {
        let (file, path) = open(path.as_ref())?;
        match file.metadata().map(|metadata| metadata.len()) {
            Ok(0) => self.start(Box::new(file), &path, &Found::default()),
            Ok(_) => Err(JournalError::NotEmpty { path }),
            Err(source) => Err(JournalError::Open { path, source }),
        }
    }

    /// Continues a journal behind its last whole line, or opens a new file.
    ///
    /// Reads the whole file to find the last position.
    ///
    /// # Errors
    ///
    /// [`JournalError`] when the file is no journal, has a newer format, is being written
    /// by another journal, or cannot be read or written.
    pub fn append(self, path: impl AsRef<Path>) -> Result<Journal, JournalError> {
        let (file, path) = open(path.as_ref())?;
        let found = survey(&file, &path)?;
        prepare(&file, &found)
            .map_err(|source| JournalError::Write { path: path.clone(), source })?;
        self.start(Box::new(file), &path, &found)
    }

    /// Writes to anything else: memory, a pipe, a terminal.
    ///
    /// # Errors
    ///
    /// [`JournalError::Write`] when the header cannot be written.
    pub fn to_writer(self, writer: impl Write + Send + 'static) -> Result<Journal, JournalError> {
        self.start(Box::new(Stream(writer)), "writer", &Found::default())
    }

    pub(super) fn start(
        self,
        medium: Box<dyn Medium>,
        path: &str,
        found: &Found,
    ) -> Result<Journal, JournalError> {
        let interest = self.interest.unwrap_or_else(hears_all);
        let file_name =
            Path::new(path).file_name().map_or(path.into(), |name| name.to_string_lossy());
        let opener = Opener {
            session: self.session.unwrap_or_else(BusId::generate),
            run: self.run,
            node: self.node.unwrap_or_else(default_node_name),
            time: self.opened_at.unwrap_or_else(Timestamp::now),
            entity: Entity::new("journal", &file_name),
        };
        let data = HeaderData::new(&interest, found.next_position, found.truncated_bytes);
        let tail = Tail::new(medium, found.end);
        let mut session = Session::new(tail, found.next_position, self.buffered_bytes, self.fsync);
        let path = path.to_owned();
        match session.begin(&write_header(opener, &data)) {
            Ok(()) => Ok(Journal::new(path, interest, session, found.truncated_bytes)),
            Err(source) => Err(JournalError::Write { path, source }),
        }
    }
}

/// Everything, Tidings itself too.
fn hears_all() -> Interest {
    Interest::everything().with(Prefix::parse("tidings").expect("a segment is a prefix"))
}

/// Opens and locks a file, whatever is in it.
fn open(path: &Path) -> Result<(File, String), JournalError> {
    let shown = path.display().to_string();
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let file = match opened {
        Ok(file) => file,
        Err(source) => {
            return Err(JournalError::Open { path: shown, source });
        }
    };
    match file.try_lock() {
        Ok(()) => Ok((file, shown)),
        Err(TryLockError::WouldBlock) => Err(JournalError::Locked { path: shown }),
        // A file system that knows no locks is no reason not to write.
        Err(TryLockError::Error(fault)) if fault.kind() == ErrorKind::Unsupported => {
            Ok((file, shown))
        }
        Err(TryLockError::Error(source)) => Err(JournalError::Open { path: shown, source }),
    }
}

/// What is there of a journal that is to be continued.
#[derive(Debug, Default)]
pub(super) struct Found {
    next_position: u64,
    /// Where the last whole line ends.
    end: u64,
    truncated_bytes: u64,
    lacks_line_break: bool,
}

fn survey(mut file: &File, path: &str) -> Result<Found, JournalError> {
    let mut reader = Reader::new(BufReader::with_capacity(128 * 1024, file), path);
    let mut found = Found::default();
    while let Some(line) = reader.next_line() {
        let next = match line {
            Ok(Line::Header(_)) => reader.header().map(|header| header.continues_at),
            Ok(Line::Event(entry)) => entry.position().map(|at| at.saturating_add(1)),
            Err(fault) if fault.is_line() => None,
            Err(fault) => return Err(JournalError::Read(fault)),
        };
        found.next_position = found.next_position.max(next.unwrap_or(0));
    }
    let torn = reader.torn();
    let (sessions, lines) = (reader.sessions(), reader.lines());
    found.lacks_line_break = reader.is_unterminated();
    let failed = |source| JournalError::Open { path: path.to_owned(), source };
    found.end = file.metadata().map_err(failed)?.len();
    if let Some(torn) = torn {
        found.truncated_bytes = found.end.saturating_sub(torn.offset);
        found.end = torn.offset;
    }
    let is_torn_header = lines == 1 && torn.is_some() && begins_as_ours(file).map_err(failed)?;
    if sessions == 0 && lines > 0 && !is_torn_header {
        return Err(JournalError::NotAJournal { path: path.to_owned() });
    }
    file.seek(SeekFrom::Start(found.end)).map_err(failed)?;
    Ok(found)
}

/// Whether a file of less than a line may be the begin of a header: nothing else is cut.
fn begins_as_ours(mut file: &File) -> io::Result<bool> {
    const BEGIN: &[u8] = b"{\"specversion\":\"1.0\",\"id\":\"";
    let mut begin = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(u64::try_from(BEGIN.len()).unwrap_or(u64::MAX)).read_to_end(&mut begin)?;
    Ok(BEGIN.starts_with(&begin))
}

/// Makes the file end with a whole line.
fn prepare(mut file: &File, found: &Found) -> io::Result<()> {
    if found.truncated_bytes > 0 {
        file.set_len(found.end)?;
    }
    if found.lacks_line_break {
        file.write_all(b"\n")?;
    }
    Ok(())
}
