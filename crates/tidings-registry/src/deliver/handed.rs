//! What an observer did with one event, as far as the emitter can know.

use tidings_core::Tally;

use crate::claim::Claim;
use crate::entry::{Entry, Offered};

/// How an event was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handed {
    Delivered,
    Failed,
    /// It is in a queue.
    Waiting,
    /// The observer holds it: until it has been shown the past, or because it hands events
    /// on and answers for them itself.
    Aside,
    Dropped,
    /// Content dedup of the observer left it out.
    Suppressed,
}

impl Handed {
    /// What an observer's answer means.
    #[inline]
    pub(crate) fn of(offered: Offered, entry: &Entry) -> Self {
        match offered {
            Offered::Taken if entry.hands_on => Self::Aside,
            Offered::Taken => Self::Delivered,
            Offered::Failed => Self::Failed,
            Offered::Dropped => Self::Dropped,
        }
    }

    #[inline]
    pub(crate) fn count_in(self, tally: &mut Tally) {
        match self {
            Self::Delivered => tally.delivered += 1,
            Self::Failed => tally.failed += 1,
            Self::Waiting | Self::Aside => tally.enqueued += 1,
            Self::Dropped => tally.dropped += 1,
            Self::Suppressed => {}
        }
    }

    /// Tells what it means for content dedup; a queue tells for itself, later.
    pub(crate) fn tell(self, claim: &Claim) {
        match self {
            Self::Delivered | Self::Aside | Self::Suppressed => claim.take(),
            Self::Failed | Self::Dropped => claim.miss(),
            Self::Waiting => {}
        }
    }
}
