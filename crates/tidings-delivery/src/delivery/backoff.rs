//! Pauses between attempts: full jitter, a cap, and what the place asks for as a floor.
//!
//! Pure: chance comes in as a number.

use std::time::Duration;

/// No pause is shorter: a server that refuses at once must not be asked in a tight loop.
const PAUSE_MIN: Duration = Duration::from_millis(1);

/// Counts failures in a row and says how long to wait after each.
#[derive(Debug)]
pub(super) struct Backoff {
    first: Duration,
    cap: Duration,
    failures: u32,
}

impl Backoff {
    pub(super) fn new(first: Duration, cap: Duration) -> Self {
        Self { first, cap, failures: 0 }
    }

    /// The pause after one more failure; `chance` lies in `0.0..1.0`.
    pub(super) fn fail(&mut self, chance: f64, not_before: Option<Duration>) -> Duration {
        let doublings = self.failures.min(31);
        self.failures = self.failures.saturating_add(1);
        let most = self.first.saturating_mul(1 << doublings).min(self.cap);
        most.mul_f64(chance).max(PAUSE_MIN).max(not_before.unwrap_or_default())
    }

    /// The pause after a failure that only a person can end.
    pub(super) fn hold(&mut self) -> Duration {
        self.failures = self.failures.saturating_add(1);
        self.cap.max(PAUSE_MIN)
    }

    /// How many attempts failed since the last success.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    pub(super) fn succeed(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn backoff() -> Backoff {
        Backoff::new(Duration::from_millis(500), Duration::from_secs(30))
    }

    #[test]
    fn the_most_a_pause_lasts_doubles_up_to_the_cap() {
        let mut backoff = backoff();
        let most: Vec<u64> = (0..8)
            .map(|_| backoff.fail(1.0, None).as_millis().try_into().expect("short"))
            .collect();
        assert_eq!(most, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    }

    #[test]
    fn what_the_place_asks_for_is_a_floor_beyond_the_cap_too() {
        let asked = Duration::from_secs(90);
        assert_eq!(backoff().fail(0.0, Some(asked)), asked);
    }

    #[test]
    fn a_success_begins_anew() {
        let mut backoff = backoff();
        for _failure in 0..100 {
            backoff.fail(1.0, None);
        }
        backoff.succeed();
        assert_eq!(backoff.fail(1.0, None), Duration::from_millis(500));
    }

    proptest! {
        #[test]
        fn a_pause_is_never_longer_than_the_cap_nor_zero(chance in 0.0..1.0f64, failures in 0..100) {
            let mut backoff = backoff();
            let mut pause = Duration::ZERO;
            for _failure in 0..=failures {
                pause = backoff.fail(chance, None);
            }
            prop_assert!(pause >= PAUSE_MIN && pause <= Duration::from_secs(30));
        }
    }
}
