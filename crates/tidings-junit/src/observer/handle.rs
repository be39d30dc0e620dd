//! The handle: an observer that keeps what the reducer keeps, and writes it when asked to.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use parking_lot::Mutex;
use tidings_core::{Envelope, Interest};
use tidings_registry::{Observer, ObserverError};
use tidings_testrun::{LiveSummary, RunSummary};

use super::file::replace;
use super::{JunitBuilder, WriteError};
use crate::document::to_xml;
use crate::settings::JunitSettings;

/// Writes the run that it hears to a file of JUnit XML.
///
/// The file is written by each [`Bus::barrier`](tidings_registry::Bus::barrier), with what is
/// known by then, and when the bus or the subscription is closed; then what has not ended is
/// aborted. It is replaced as a whole, with its folders made where they are missing: whoever
/// reads it sees one report or the other, and a report that could not be written leaves the
/// one before. A [`Junit`] that is dropped unregistered writes nothing.
///
/// It keeps what [`RunSummary`] keeps, within its limits, and no event. While a report is
/// made, nobody who emits waits for it.
///
/// ```
/// use std::time::Duration;
///
/// use tidings_junit::Junit;
/// use tidings_registry::Bus;
/// use tidings_testrun::RunEmitter;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("reports/junit.xml");
///
/// let bus = Bus::new();
/// bus.subscribe(Junit::to(&path)).detach();
/// let run = RunEmitter::start(&bus, "nightly");
/// run.case("boots").success();
/// run.success();
/// bus.close(Duration::from_secs(5))?;
///
/// assert!(std::fs::read_to_string(&path)?.contains(r#"<testcase name="boots""#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Junit {
    path: PathBuf,
    settings: JunitSettings,
    summary: LiveSummary,
    /// Held while a report is made and written: a later report is never overtaken.
    writing: Mutex<()>,
    last_error: Mutex<Option<String>>,
    is_closed: AtomicBool,
}

/// Whether more is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    Within,
    AtTheEnd,
}

impl Junit {
    /// An observer that writes this file.
    pub fn to(path: impl Into<PathBuf>) -> Self {
        Self::builder(path).build()
    }

    /// Settings before the observer is built.
    pub fn builder(path: impl Into<PathBuf>) -> JunitBuilder {
        JunitBuilder::new(path.into())
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn new(path: PathBuf, settings: JunitSettings) -> Self {
        Self {
            path,
            settings,
            summary: LiveSummary::new(),
            writing: Mutex::default(),
            last_error: Mutex::default(),
            is_closed: AtomicBool::new(false),
        }
    }

    /// Writes what is known now; cases that run are no part of it.
    ///
    /// # Errors
    ///
    /// [`WriteError`], when the file stays as it was.
    pub fn write(&self) -> Result<(), WriteError> {
        self.write_at(Moment::Within)
    }

    fn write_at(&self, moment: Moment) -> Result<(), WriteError> {
        let _turn = self.writing.lock();
        // A copy, so that nobody who emits waits for the file.
        let mut summary: RunSummary = self.summary.snapshot();
        if moment == Moment::AtTheEnd {
            summary.finish();
        }
        let written = replace(&self.path, &to_xml(&summary, &self.settings));
        *self.last_error.lock() = written.as_ref().err().map(|fault| with_cause(fault));
        written
    }
}

/// The error and what led to it, in one line.
fn with_cause(fault: &dyn std::error::Error) -> String {
    match fault.source() {
        Some(source) => format!("{fault}: {source}"),
        None => fault.to_string(),
    }
}

impl Observer for Junit {
    fn name(&self) -> String {
        format!("junit({})", self.path.display())
    }

    fn kind(&self) -> &'static str {
        "junit"
    }

    fn interest(&self) -> Interest {
        self.summary.interest()
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        if self.is_closed.load(Ordering::Acquire) {
            return Err(ObserverError::failed(format!(
                "the report `{}` is finished: subscribe another `Junit`",
                self.path.display()
            )));
        }
        self.summary.on_event(envelope)
    }

    /// Writes the report so far. A file has no time-out, so the deadline is not looked at.
    fn flush(&self, _deadline: Instant) -> Result<(), ObserverError> {
        if self.is_closed.load(Ordering::Acquire) {
            return Ok(());
        }
        Ok(self.write_at(Moment::Within)?)
    }

    /// Writes the last report: what has not ended is aborted.
    fn close(&self, _deadline: Instant) -> Result<(), ObserverError> {
        self.is_closed.store(true, Ordering::Release);
        Ok(self.write_at(Moment::AtTheEnd)?)
    }

    fn last_error(&self) -> Option<String> {
        self.last_error.lock().clone()
    }
}

impl fmt::Debug for Junit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Junit")
            .field("path", &self.path)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
