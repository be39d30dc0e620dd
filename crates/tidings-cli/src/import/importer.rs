//! The contract between `tidings import` and a format.

use std::sync::Arc;

use tidings_core::Envelope;

use super::cloudevents::CloudEvents;
use crate::args::Format;
use crate::feed::Ended;

/// Makes events out of the lines of one format.
pub(crate) trait Importer {
    /// Takes one line, without its line break, and hands on what it holds. Called for every
    /// line that is UTF-8 and not too long, in their order, on one thread.
    ///
    /// # Errors
    ///
    /// [`Ended`] when `outlet` has ended.
    fn take(&mut self, line: &str, outlet: &mut dyn Outlet) -> Result<(), Ended>;
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

/// The importer of a format.
pub(crate) fn importer(format: Format) -> Box<dyn Importer> {
    match format {
        Format::CloudEvents => Box::new(CloudEvents),
    }
}
