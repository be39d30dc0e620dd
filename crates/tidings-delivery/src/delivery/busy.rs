//! Since when the sink is at work.
//!
//! Emitters look at it for every event, so that it takes no lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Since when the sink is at work, if it is.
pub(super) struct Busy {
    started: Instant,
    /// Nanoseconds from the start, plus one; 0 while it is idle.
    since: AtomicU64,
}

impl Busy {
    pub(super) fn new() -> Self {
        Self { started: Instant::now(), since: AtomicU64::new(0) }
    }

    pub(super) fn begin(&self) {
        let since = self.nanos(Instant::now()).saturating_add(1);
        self.since.store(since, Ordering::Relaxed);
    }

    pub(super) fn end(&self) {
        self.since.store(0, Ordering::Relaxed);
    }

    /// How long it has been at work by `now`; none while it is idle.
    pub(super) fn time(&self, now: Instant) -> Option<Duration> {
        let since = self.since.load(Ordering::Relaxed).checked_sub(1)?;
        Some(Duration::from_nanos(self.nanos(now).saturating_sub(since)))
    }

    /// Half a millennium fits.
    fn nanos(&self, now: Instant) -> u64 {
        let nanos = now.saturating_duration_since(self.started).as_nanos();
        u64::try_from(nanos).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_runs_only_while_the_sink_is_at_work() {
        let busy = Busy::new();
        let later = busy.started + Duration::from_hours(1);
        assert_eq!(busy.time(later), None);
        busy.begin();
        let begun = busy.time(later).expect("it is at work");
        assert_eq!(busy.time(later + Duration::from_secs(2)), Some(begun + Duration::from_secs(2)));
        assert_eq!(busy.time(busy.started), Some(Duration::ZERO), "a clock read before it began");
        busy.end();
        assert_eq!(busy.time(later), None);
    }
}
