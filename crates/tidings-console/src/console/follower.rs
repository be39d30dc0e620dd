//! The summary of the test run that a console sees, beside the tree.
//!
//! Counting a run looks at all of its cases, and emitters must not wait for that. So they
//! leave their events in a short queue; whoever has time, the painter first of all, takes
//! them from there into the summary, in their order.

use std::sync::Arc;

use parking_lot::MutexGuard;
use tidings_core::{Envelope, Event as _};
use tidings_testrun::{RunPlanned, RunSummary};

use super::shared::Shared;
use crate::run::Followed;

/// From so many waiting events on, an emitter takes them into the summary itself, if nobody
/// looks at it right now.
const WAITING_SOME: usize = 256;

/// So many events wait at most; then an emitter waits for whoever looks at the summary.
const WAITING_MAX: usize = 8_192;

/// A summary, and what it has taken.
#[derive(Debug, Default)]
pub(super) struct Follower {
    summary: RunSummary,
    revision: u64,
    is_planned: bool,
}

impl Follower {
    pub(super) fn followed(&self) -> Followed<'_> {
        Followed { summary: &self.summary, revision: self.revision, is_planned: self.is_planned }
    }

    /// Says that nothing more will come.
    pub(super) fn finish(&mut self) -> &RunSummary {
        self.summary.finish();
        &self.summary
    }

    fn apply(&mut self, envelope: &Envelope) {
        self.summary.apply(envelope);
        self.revision += 1;
        let is_plan = |own: &tidings_core::EventType| *own == *envelope.event_type();
        self.is_planned |= RunPlanned::TYPES.iter().any(|own| is_plan(own));
    }
}

impl Shared {
    /// Takes what waits if that is much; called without any lock.
    pub(super) fn relieve(&self, waiting: usize) {
        let follower = match waiting {
            ..WAITING_SOME => None,
            WAITING_SOME..WAITING_MAX => self.follower.try_lock(),
            WAITING_MAX.. => Some(self.follower.lock()),
        };
        if let Some(mut follower) = follower {
            self.catch_up(&mut follower);
        }
    }

    /// The summary with all events that have come by now. The state must not be locked.
    pub(super) fn follow(&self) -> MutexGuard<'_, Follower> {
        let mut follower = self.follower.lock();
        self.catch_up(&mut follower);
        follower
    }

    /// The lock on the follower is taken before that on the state, so that nobody overtakes.
    fn catch_up(&self, follower: &mut Follower) {
        let waiting: Vec<Arc<Envelope>> = std::mem::take(&mut self.state.lock().unread);
        for envelope in &waiting {
            follower.apply(envelope);
        }
    }
}
