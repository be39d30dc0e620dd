//! Events that a worker was the last to hold, on their way back to those who emit.
//!
//! Memory that one thread frees while another one allocates has both wait for one arena of
//! the allocator, event by event, and most of what a queue costs is that wait. So a worker
//! hands back what it is through with, and whoever puts an event in takes some out and drops
//! it. The worker drops what does not fit, and what is left while nothing comes.

use std::sync::Arc;
use std::time::Duration;

use tidings_core::Envelope;

use super::contain::drop_contained;
use crate::sync::channel::{Receiver, Sender, TrySendError, bounded};

/// How many events wait for those who emit at most.
const SPENT_MAX: usize = 256;

/// How long they wait while nothing comes.
pub(super) const PATIENCE: Duration = Duration::from_millis(5);

/// An event, and how many events in a row caused it: what its `Drop` emits, it has caused.
pub(crate) type Used = (Arc<Envelope>, u32);

/// What a worker is through with.
pub(super) struct Spent {
    sender: Sender<Used>,
    receiver: Receiver<Used>,
}

impl Spent {
    pub(super) fn new() -> Self {
        let (sender, receiver) = bounded(SPENT_MAX);
        Self { sender, receiver }
    }

    /// Lets go of an event. A payload that panics when it is dropped harms nobody.
    pub(super) fn give(&self, (envelope, depth): Used) {
        // What others hold as well is not freed here.
        if Arc::strong_count(&envelope) > 1 {
            return drop_contained(envelope);
        }
        if let Err(TrySendError::Full(used) | TrySendError::Disconnected(used)) =
            self.sender.try_send((envelope, depth))
        {
            drop_contained(used);
        }
    }

    /// An event for the caller to drop, where code of the user may run.
    pub(super) fn take(&self) -> Option<Used> {
        self.receiver.try_recv().ok()
    }
}
