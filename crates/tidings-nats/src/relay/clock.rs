//! Time that counts: while there is a connection, and no more of it than was waited.

use std::time::{Duration, Instant};

/// How much one look at the clock can add. Whoever looks less often was busy, and has not
/// heard meanwhile what may have come.
pub(crate) const TICK_MAX: Duration = Duration::from_millis(100);

/// A clock that stands still while nothing can arrive.
#[derive(Debug)]
pub(crate) struct WaitingClock {
    waited: Duration,
    last: Instant,
}

impl WaitingClock {
    pub(crate) fn new(now: Instant) -> Self {
        Self { waited: Duration::ZERO, last: now }
    }

    /// Goes on, if something could have arrived since it was looked at.
    pub(crate) fn look(&mut self, now: Instant, could_hear: bool) -> Duration {
        let passed = now.saturating_duration_since(self.last);
        self.last = now;
        if could_hear {
            self.waited += passed.min(TICK_MAX);
        }
        self.waited
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_an_outage_nor_a_long_absence_counts_as_waiting() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut clock = WaitingClock::new(start);
        assert_eq!(clock.look(at(40), true), Duration::from_millis(40));
        assert_eq!(clock.look(at(90), false), Duration::from_millis(40));
        assert_eq!(clock.look(at(9_000), true), Duration::from_millis(140));
        assert_eq!(clock.look(at(8_000), true), Duration::from_millis(140));
    }
}
