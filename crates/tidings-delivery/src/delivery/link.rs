//! The way to the bus, once there is one, and what waits for it.

use tidings_registry::Attachment;

use crate::diagnostics::SinkDiagnostic;

/// How many diagnostics wait for the bus at most; the report says the rest.
const UNTOLD_MAX: usize = 16;

/// Where a delivery is attached.
#[derive(Debug, Default)]
pub(super) struct Link {
    attachment: Option<Attachment>,
    /// What there was to say before: the delivery's thread begins before the bus knows of it.
    untold: Vec<SinkDiagnostic>,
}

impl Link {
    pub(super) fn attachment(&self) -> Option<&Attachment> {
        self.attachment.as_ref()
    }

    /// Keeps what nobody can be told yet.
    pub(super) fn keep(&mut self, diagnostic: SinkDiagnostic) {
        if self.untold.len() < UNTOLD_MAX {
            self.untold.push(diagnostic);
        }
    }

    /// There is a bus from here on; answers what there is to be told.
    pub(super) fn attach(&mut self, attachment: &Attachment) -> Vec<SinkDiagnostic> {
        self.attachment = Some(attachment.clone());
        let untold = std::mem::take(&mut self.untold);
        untold.into_iter().map(|diagnostic| diagnostic.of(attachment.name())).collect()
    }
}
