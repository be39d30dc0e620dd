//! The contract between `tidings import` and a format.

use std::sync::Arc;

use tidings_core::Envelope;
use tidings_registry::Bus;

use super::cloudevents::CloudEvents;
use super::runner::Runner;
use crate::args::Format;
use crate::feed::Ended;

/// Makes events out of the lines of one format.
pub(crate) trait Importer {
    /// Takes one line and hands on what it holds. Called for every line that is not too long,
    /// in their order, on one thread.
    ///
    /// # Errors
    ///
    /// [`Ended`] when `outlet` has ended.
    fn take(&mut self, line: Line<'_>, outlet: &mut dyn Outlet) -> Result<(), Ended>;

    /// Takes the end of the input, once.
    ///
    /// # Errors
    ///
    /// [`Ended`] when `outlet` has ended.
    fn end(&mut self, _is_interrupted: bool, _outlet: &mut dyn Outlet) -> Result<(), Ended> {
        Ok(())
    }

    /// How many lines so far were not of the format, and are kept.
    fn foreign(&self) -> u64 {
        0
    }
}

/// A line without its line break.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) bytes: &'a [u8],
    /// Whether a line break ended it.
    pub(crate) is_ended: bool,
}

/// Where an importer puts what it finds in a line.
pub(crate) trait Outlet {
    /// Dispatches an event that stands in the line with so many bytes.
    ///
    /// # Errors
    ///
    /// [`Ended`] when the bus takes nothing more.
    fn event(&mut self, envelope: Arc<Envelope>, bytes: usize) -> Result<(), Ended>;

    /// Counts something that should be an event and cannot be one: lower case, without a
    /// full stop.
    fn refuse(&mut self, reason: String);
}

/// The importer of a format, for the events of `bus`.
pub(crate) fn importer(format: Format, bus: &Bus) -> Box<dyn Importer> {
    use tidings_import::Format as Known;
    let known = match format {
        Format::CloudEvents => return Box::new(CloudEvents::default()),
        Format::LibtestJson => Known::LibtestJson,
        Format::GoTestJson => Known::GoTestJson,
        Format::PytestReportlog => Known::PytestReportlog,
        Format::CommonTest => Known::CommonTest,
    };
    Box::new(Runner::new(known, bus))
}
