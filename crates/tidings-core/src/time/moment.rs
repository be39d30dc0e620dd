//! Moments that cannot be too far away to be told.

use std::time::{Duration, Instant};

/// Far enough to be never, and near enough for every clock.
const NEVER: Duration = Duration::from_hours(24 * 365 * 30);

/// The moment so long after `now`: after thirty years at the latest, however long that is.
pub fn after(now: Instant, pause: Duration) -> Instant {
    now.checked_add(pause.min(NEVER)).unwrap_or(now)
}

/// The moment so long from now.
pub fn deadline_in(within: Duration) -> Instant {
    after(Instant::now(), within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pause_is_too_long_for_the_clock() {
        let now = Instant::now();
        assert!(after(now, Duration::MAX) > after(now, Duration::from_hours(24)));
        assert_eq!(after(now, Duration::from_secs(1)), now + Duration::from_secs(1));
    }
}
