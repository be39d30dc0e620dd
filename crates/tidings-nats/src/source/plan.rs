//! What is to be read, and where it is kept how far that got.

use tidings_core::{BusId, Envelope, Interest};

use crate::server::NatsServer;
use crate::stream::StreamSettings;
use crate::subject::{Root, filters};

use super::Start;

/// Everything that a session has to know; the same for all sessions of a source.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) server: NatsServer,
    pub(super) root: Root,
    pub(super) run: Option<String>,
    pub(super) interest: Interest,
    pub(super) stream: StreamSettings,
    /// The name by which the broker keeps how far it got; without, nobody does.
    pub(super) durable: Option<String>,
    pub(super) start: Start,
    /// Tells this source from another one with the same durable name.
    pub(super) owner: BusId,
}

impl Plan {
    /// What the server is to filter by; one filter for servers that know no more.
    pub(super) fn filters(&self, single: bool) -> Vec<String> {
        filters(&self.root, self.run.as_deref(), &self.interest, single)
    }

    /// Whether these filters let everything of the run through.
    pub(super) fn is_whole(&self, filters: &[String]) -> bool {
        filters == self.whole()
    }

    fn whole(&self) -> Vec<String> {
        filters(&self.root, self.run.as_deref(), &Interest::everything(), true)
    }

    pub(super) fn wants(&self, envelope: &Envelope) -> bool {
        self.interest.matches(envelope.event_type())
            && self.run.as_deref().is_none_or(|run| run == envelope.run())
    }
}
