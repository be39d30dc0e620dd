//! Receipts: what `emit` can say without waiting for anybody.

/// What became of one emitted event by the time `emit` returned.
///
/// Final fates, of observers with a queue above all, are in the report of the bus. A
/// receipt may be ignored: an event that meets trouble is counted whether or not anybody
/// looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Receipt {
    /// The event was handed to every interested observer; nobody at all is possible.
    Dispatched(Tally),
    /// Content dedup of the bus suppressed it; it was counted.
    Duplicate,
    /// It will be delivered after the event that is being delivered now.
    Reentrant,
    /// A processor of the bus dropped it; it was counted.
    Filtered,
    /// The bus is closed; nobody gets it.
    Closed,
}

/// How many observers an event met, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Tally {
    /// Observers that took it and were finished with it.
    pub delivered: u32,
    /// Observers that returned an error or panicked.
    pub failed: u32,
    /// Observers that hold it in their queue.
    pub enqueued: u32,
    /// Observers whose full queue, by its overflow policy, left it out; everybody, when the
    /// event was cut off because too many events caused each other.
    pub dropped: u32,
}

impl Receipt {
    /// Nobody is interested.
    pub const UNHEARD: Self =
        Self::Dispatched(Tally { delivered: 0, failed: 0, enqueued: 0, dropped: 0 });

    /// The tally; all zero unless the event was dispatched.
    pub fn tally(self) -> Tally {
        match self {
            Self::Dispatched(tally) => tally,
            Self::Duplicate | Self::Reentrant | Self::Filtered | Self::Closed => Tally::default(),
        }
    }

    /// Observers that took it and were finished with it.
    pub fn delivered(self) -> u32 {
        self.tally().delivered
    }

    /// Observers that returned an error or panicked.
    pub fn failed(self) -> u32 {
        self.tally().failed
    }

    /// Observers that hold it in their queue.
    pub fn enqueued(self) -> u32 {
        self.tally().enqueued
    }

    /// Observers whose full queue left it out.
    pub fn dropped(self) -> u32 {
        self.tally().dropped
    }

    /// Whether the bus took the event: dispatched it, or will after the current one. What
    /// observers with a full queue left out is in the [`tally`](Self::tally).
    pub fn is_accepted(self) -> bool {
        matches!(self, Self::Dispatched(_) | Self::Reentrant)
    }
}

impl Tally {
    /// A tally of these numbers.
    pub const fn new(delivered: u32, failed: u32, enqueued: u32, dropped: u32) -> Self {
        Self { delivered, failed, enqueued, dropped }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_accepted_when_it_is_dispatched_or_will_be() {
        let dispatched = Receipt::Dispatched(Tally::new(5, 6, 7, 8));
        assert!(dispatched.is_accepted() && Receipt::Reentrant.is_accepted());
        for refused in [Receipt::Duplicate, Receipt::Filtered, Receipt::Closed] {
            assert!(!refused.is_accepted(), "{refused:?}");
            assert_eq!(refused.tally(), Tally::default());
        }
        let numbers = (dispatched.delivered(), dispatched.failed());
        assert_eq!((numbers, dispatched.enqueued(), dispatched.dropped()), ((5, 6), 7, 8));
    }
}
