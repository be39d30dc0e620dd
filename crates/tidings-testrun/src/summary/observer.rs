//! The reducer as an observer.

use std::sync::Arc;

use parking_lot::Mutex;
use tidings_core::{Envelope, Event as _, Interest};
use tidings_registry::{Bus, Observer, ObserverError};

use crate::vocabulary::TestRun;

use super::reducer::RunSummary;

/// A [`RunSummary`] that follows a bus. Clones are the same summary.
#[derive(Debug, Clone, Default)]
pub struct LiveSummary {
    summary: Arc<Mutex<RunSummary>>,
}

impl LiveSummary {
    /// A summary that has seen nothing yet, to be subscribed to a bus.
    pub fn new() -> Self {
        Self::default()
    }

    /// A summary of everything on `bus` from now on, as long as the bus is there.
    pub fn on(bus: &Bus) -> Self {
        let summary = Self::new();
        bus.subscribe(summary.clone()).detach();
        summary
    }

    /// Looks at the summary as it is now. Emitters wait meanwhile: for more than a few
    /// numbers take a [`snapshot`](Self::snapshot).
    pub fn with<T>(&self, look: impl FnOnce(&RunSummary) -> T) -> T {
        look(&self.summary.lock())
    }

    /// A copy of the summary as it is now.
    pub fn snapshot(&self) -> RunSummary {
        self.summary.lock().clone()
    }

    /// As [`RunSummary::finish`].
    pub fn finish(&self) {
        self.summary.lock().finish();
    }
}

impl Observer for LiveSummary {
    fn kind(&self) -> &'static str {
        "summary"
    }

    fn interest(&self) -> Interest {
        Interest::types(TestRun::TYPES.iter().copied())
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        let mut summary = self.summary.lock();
        let unreadable = summary.unreadable();
        summary.apply(envelope);
        if summary.unreadable() > unreadable {
            let name = envelope.event_type();
            return Err(ObserverError::rejected(format!("`{name}` has data that does not fit it")));
        }
        Ok(())
    }

    fn needs_close(&self) -> bool {
        false
    }
}
