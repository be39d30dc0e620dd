//! Replay: a journal's events through the live dispatch path of a bus.
//!
//! Observers cannot tell it from the original run: ids, times, run, node, lane and
//! sequence are as they were. One line at a time is in memory, and a bounded part of what
//! lines have in common.

use std::io::BufRead;
use std::sync::Arc;

use thiserror::Error;
use tidings_core::Receipt;
use tidings_registry::Bus;

use crate::reader::{Line, ReadError, Reader, Torn};

/// What a replay does about a line that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum OnBadLine {
    /// Stops with an error; what came before has been dispatched.
    #[default]
    Stop,
    /// Counts it and goes on with the next line.
    Skip,
}

/// What a replay went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ReplayReport {
    /// Events that were handed to the bus.
    pub events: u64,
    /// Of these, events that the bus suppressed as duplicates, by its dedup.
    pub duplicates: u64,
    /// Of these, events that a processor of the bus dropped.
    pub filtered: u64,
    /// Headers, which are not replayed: a journal on the bus writes its own. 0 when the
    /// input is empty or no journal wrote it: a replay takes events wherever they stand.
    pub headers: u64,
    /// Lines that could not be read.
    pub bad_lines: u64,
    /// The last line, when it was never finished.
    pub torn: Option<Torn>,
}

/// Dispatches the events of a journal on `bus`, in the order of the file, up to the first
/// line that cannot be read.
///
/// An observer with a bounded queue that blocks slows the replay down. Close the bus
/// afterwards to have everything delivered.
///
/// An empty input, or one without a header, is no error: what events there are are replayed,
/// be it none, and the report says `headers: 0`. [`verify`](crate::verify()) finds fault with
/// such an input.
///
/// ```
/// use tidings_journal::{Journal, Reader, replay};
/// use tidings_registry::Bus;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("run.jsonl");
/// let bus = Bus::new();
/// bus.subscribe(Journal::create(&path)?).detach();
/// bus.raw_emitter("case", "t1").emit("case.started", serde_json::json!({}))?;
///
/// let again = Bus::new();
/// let _subscription = again.observe("case", |envelope| {
///     assert_eq!(envelope.entity().id(), "t1");
/// })?;
/// let report = replay(Reader::open(&path)?, &again)?;
/// assert_eq!((report.events, report.headers), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`ReplayError`], which holds what was replayed until then.
pub fn replay<R: BufRead>(reader: Reader<R>, bus: &Bus) -> Result<ReplayReport, ReplayError> {
    replay_with(reader, bus, OnBadLine::Stop)
}

/// As [`replay`], with a choice of what to do about lines that cannot be read.
///
/// # Errors
///
/// As [`replay`]; with [`OnBadLine::Skip`] never for a line.
pub fn replay_with<R: BufRead>(
    mut reader: Reader<R>,
    bus: &Bus,
    on_bad_line: OnBadLine,
) -> Result<ReplayReport, ReplayError> {
    let mut report = ReplayReport::default();
    let sessions_before = reader.sessions();
    while let Some(line) = reader.next_line() {
        let entry = match line {
            Ok(Line::Event(entry)) => entry,
            Ok(Line::Header(_)) => continue,
            Err(fault) if fault.is_line() && on_bad_line == OnBadLine::Skip => {
                report.bad_lines += 1;
                continue;
            }
            Err(source) => {
                report.headers = reader.sessions() - sessions_before;
                let (name, report) = (reader.shared_name(), Box::new(report));
                return Err(ReplayError::Read { name, report, source });
            }
        };
        match bus.republish(Arc::clone(entry.envelope())) {
            Receipt::Dispatched(_) => {}
            Receipt::Duplicate => report.duplicates += 1,
            Receipt::Filtered => report.filtered += 1,
            refusal => {
                report.headers = reader.sessions() - sessions_before;
                let (name, line) = (reader.shared_name(), entry.line);
                let report = Box::new(report);
                return Err(if refusal == Receipt::Closed {
                    ReplayError::Closed { name, line, report }
                } else {
                    ReplayError::InsideObserver { name, line, report }
                });
            }
        }
        report.events += 1;
    }
    report.headers = reader.sessions() - sessions_before;
    report.torn = reader.torn();
    Ok(report)
}

/// Why a replay ended before the journal did.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The journal, or a line of it, cannot be read.
    #[error("the replay of `{name}` did not get to its end (events replayed: {})", report.events)]
    #[non_exhaustive]
    Read {
        /// The journal.
        name: Arc<str>,
        /// What was replayed.
        report: Box<ReplayReport>,
        /// Which line, and why.
        source: ReadError,
    },
    /// The bus was closed.
    #[error("{name}:{line}: the bus is closed: replay into an open one")]
    #[non_exhaustive]
    Closed {
        /// The journal.
        name: Arc<str>,
        /// The first line that was not replayed.
        line: u64,
        /// What was replayed.
        report: Box<ReplayReport>,
    },
    /// The replay runs inside an observer of the same bus, so that its events would pile up
    /// behind the current one. The first of them will be delivered.
    #[error(
        "{name}:{line}: a replay inside an observer cannot go on: start it on a thread of its own"
    )]
    #[non_exhaustive]
    InsideObserver {
        /// The journal.
        name: Arc<str>,
        /// The line of the event that the bus has queued.
        line: u64,
        /// What was replayed before it.
        report: Box<ReplayReport>,
    },
}

impl ReplayError {
    /// What was replayed before it stopped.
    pub fn report(&self) -> &ReplayReport {
        match self {
            Self::Read { report, .. }
            | Self::Closed { report, .. }
            | Self::InsideObserver { report, .. } => report,
        }
    }
}
