//! The handle: lines become events and headers, one at a time.
//!
//! Whatever is wrong with a line is an outcome of its own; only a failing input or an
//! unknown format ends the reading.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Seek};
use std::iter::FusedIterator;
use std::path::Path;
use std::sync::Arc;

use tidings_core::wire::{EventReader, Received};

use super::entry::{Entry, Line, Torn};
use super::error::{LineFault, ReadError};
use super::lines::{Content, Lines};
use crate::header::{FORMAT, FormatOnly, Header, HeaderData, OPENED};

/// The most bytes a line may have, without its line break, unless a reader is told
/// otherwise: 64 MiB. A journal rejects an event whose line would be longer.
pub const LINE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Reads a journal, event by event.
///
/// The iterator yields the events and the bad lines; headers are behind
/// [`header`](Self::header). Empty lines are skipped, a carriage return before a line
/// break too. At most one line is held in memory, and a bounded number of the entities,
/// attributes and types that lines have in common.
///
/// ```
/// use tidings_journal::Reader;
///
/// let lines = "\
/// {\"specversion\":\"1.0\",\"id\":\"0199a4a4-7d7c-7000-8000-000000000001.0.0\",\
/// \"source\":\"/run-7/lab-3/case/t1\",\"type\":\"case.started\",\
/// \"time\":\"2026-11-21T08:30:02.119948123Z\",\"runid\":\"run-7\",\"node\":\"lab-3\",\
/// \"entity\":\"[[\\\"case\\\",\\\"t1\\\"]]\",\"data\":{}}
/// no event
/// {\"specversion\":\"1.0\",\"id\":\"0199";
/// let mut reader = Reader::new(lines.as_bytes(), "lines");
/// let event = reader.next().expect("a first line")?;
/// assert_eq!(event.received.envelope.event_type().as_str(), "case.started");
/// let bad = reader.next().expect("a second line").expect_err("no event");
/// assert!(bad.to_string().starts_with("lines:2: "));
/// assert!(reader.next().is_none());
/// assert_eq!(reader.torn().map(|torn| torn.line), Some(3));
/// # Ok::<(), tidings_journal::ReadError>(())
/// ```
#[derive(Debug)]
pub struct Reader<R> {
    lines: Lines<R>,
    events: EventReader,
    name: Arc<str>,
    header: Option<Header>,
    sessions: u64,
    torn: Option<Torn>,
    unterminated: bool,
    ended: bool,
}

impl Reader<BufReader<File>> {
    /// Opens a file. It may still be written to: what is there by then is read.
    ///
    /// # Errors
    ///
    /// [`ReadError::Open`] when there is no such file, it may not be read, or it is a folder.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ReadError> {
        let name: Arc<str> = path.as_ref().display().to_string().into();
        match open(path.as_ref()) {
            Ok(file) => Ok(Self::new(BufReader::with_capacity(128 * 1024, file), &name)),
            Err(source) => Err(ReadError::Open { name, source }),
        }
    }
}

/// Refuses a folder, which some systems open and fail to read only later.
fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    Ok(file)
}

impl<R: BufRead> Reader<R> {
    /// Reads from any input; `name` is what errors call it.
    pub fn new(input: R, name: &str) -> Self {
        Self {
            lines: Lines::new(input, LINE_BYTES_MAX),
            events: EventReader::new(),
            name: name.into(),
            header: None,
            sessions: 0,
            torn: None,
            unterminated: false,
            ended: false,
        }
    }

    /// Sets the most bytes a line may have; [`LINE_BYTES_MAX`] by default. A longer line
    /// is an error of its own, and reading goes on after it.
    #[must_use]
    pub fn line_bytes_max(mut self, bytes_max: usize) -> Self {
        self.lines.set_bytes_max(bytes_max);
        self
    }

    /// What errors call the input.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The header of the session that the last event belongs to; none before the first.
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// How many headers have been read: how often the journal was opened for writing.
    pub fn sessions(&self) -> u64 {
        self.sessions
    }

    /// The last line, when it was never finished; known once the iterator has ended.
    pub fn torn(&self) -> Option<Torn> {
        self.torn
    }

    /// How many lines have been read, empty, bad and torn ones included.
    pub fn lines(&self) -> u64 {
        self.lines.number()
    }

    /// Whether the last line is whole but for its line break.
    pub(crate) fn is_unterminated(&self) -> bool {
        self.unterminated
    }

    /// The next line that is not empty.
    pub(crate) fn next_line(&mut self) -> Option<Result<Line, ReadError>> {
        while !self.ended {
            if let Some(outcome) = self.read_line().transpose() {
                self.ended |= outcome.as_ref().is_err_and(|fault| !fault.is_line());
                return Some(outcome);
            }
        }
        None
    }

    /// Reads one line; nothing for an empty or torn one, and at the end.
    fn read_line(&mut self) -> Result<Option<Line>, ReadError> {
        let bytes_max = self.lines.bytes_max();
        let before = self.lines.number();
        let raw = match self.lines.next() {
            Ok(Some(raw)) => raw,
            Ok(None) => {
                self.ended = true;
                return Ok(None);
            }
            Err(source) => {
                let name = Arc::clone(&self.name);
                let line = before;
                return Err(ReadError::Io { name, line, source });
            }
        };
        let line = raw.number;
        let parsed = match raw.content {
            Content::TooLong => Err(LineFault::TooLong { bytes: raw.bytes, bytes_max }),
            Content::Bytes(bytes) if bytes.trim_ascii().is_empty() && raw.terminated => {
                return Ok(None);
            }
            Content::Bytes(bytes) => parse(&mut self.events, bytes),
        };
        let received = match parsed {
            Ok(received) => {
                self.unterminated = !raw.terminated;
                received
            }
            Err(_) if !raw.terminated => {
                self.torn = Some(Torn { line, offset: raw.offset, bytes: raw.bytes });
                self.ended = true;
                return Ok(None);
            }
            Err(fault) => return Err(self.fault(line, fault)),
        };
        self.sort(line, received).map(Some)
    }

    /// Tells headers from events.
    fn sort(&mut self, line: u64, received: Received) -> Result<Line, ReadError> {
        // One with a position was heard on a bus, as any other event.
        if *received.envelope.event_type() != OPENED || received.position.is_some() {
            return Ok(Line::Event(Entry { line, received }));
        }
        let data = received.envelope.data().expect("what was read is JSON text");
        let bad = |fault: serde_json::Error| self.fault(line, LineFault::Header(told(&fault)));
        if !data.starts_with('{') {
            let told = "its `data` is no JSON object".to_owned();
            return Err(self.fault(line, LineFault::Header(told)));
        }
        let FormatOnly { format } = serde_json::from_str(data).map_err(bad)?;
        if format > FORMAT {
            return Err(ReadError::Format { name: Arc::clone(&self.name), line, needed: format });
        }
        let data: HeaderData = serde_json::from_str(data).map_err(bad)?;
        self.header = Some(data.into_header(line, &received.envelope));
        self.sessions += 1;
        Ok(Line::Header(received))
    }

    fn fault(&self, line: u64, fault: LineFault) -> ReadError {
        ReadError::Line { name: Arc::clone(&self.name), line, fault }
    }

    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }
}

fn parse(events: &mut EventReader, bytes: &[u8]) -> Result<Received, LineFault> {
    let text = std::str::from_utf8(bytes)
        .map_err(|fault| LineFault::NotUtf8 { byte: fault.valid_up_to() + 1 })?;
    events.read(text).map_err(LineFault::CloudEvent)
}

/// The message without its place, which would be that in the data and not in the line.
fn told(fault: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", fault.line(), fault.column());
    let text = fault.to_string();
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

impl<R: BufRead + Seek> Reader<R> {
    /// Begins again at the first byte of the input.
    ///
    /// # Errors
    ///
    /// [`ReadError::Io`] when the input cannot be rewound.
    pub fn rewind(&mut self) -> Result<(), ReadError> {
        self.lines.rewind().map_err(|source: io::Error| ReadError::Io {
            name: Arc::clone(&self.name),
            line: 0,
            source,
        })?;
        self.header = None;
        self.sessions = 0;
        self.torn = None;
        self.unterminated = false;
        self.ended = false;
        Ok(())
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Entry, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.next_line()? {
                Ok(Line::Header(_)) => {}
                Ok(Line::Event(entry)) => return Some(Ok(entry)),
                Err(fault) => return Some(Err(fault)),
            }
        }
    }
}

impl<R: BufRead> FusedIterator for Reader<R> {}
