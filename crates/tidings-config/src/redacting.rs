//! An observer that is shown redacted events only.

use std::sync::Arc;
use std::time::Instant;

use tidings_core::{Envelope, Interest};
use tidings_delivery::Redaction;
use tidings_registry::{Attachment, Counts, Observer, ObserverError};

/// Blanks events before `inner` is handed them; all else is `inner`'s.
pub(crate) struct Redacting<O> {
    pub(crate) inner: O,
    pub(crate) redaction: Redaction,
}

impl<O: Observer> Observer for Redacting<O> {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn kind(&self) -> &'static str {
        self.inner.kind()
    }

    fn interest(&self) -> Interest {
        self.inner.interest()
    }

    fn attached(&self, attachment: &Attachment) {
        self.inner.attached(attachment);
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        self.inner.on_event(&self.redaction.apply(envelope))
    }

    fn flush(&self, deadline: Instant) -> Result<(), ObserverError> {
        self.inner.flush(deadline)
    }

    fn close(&self, deadline: Instant) -> Result<(), ObserverError> {
        self.inner.close(deadline)
    }

    fn counts(&self) -> Option<Counts> {
        self.inner.counts()
    }

    fn last_error(&self) -> Option<String> {
        self.inner.last_error()
    }

    fn needs_close(&self) -> bool {
        self.inner.needs_close()
    }
}
