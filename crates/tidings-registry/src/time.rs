//! Deadlines, and waiting for what other threads do.

use std::time::{Duration, Instant};

use crate::sync::thread;

/// How long dropping the last handle of a bus, or a subscription, may take.
pub const CLOSE_ON_DROP_MAX: Duration = Duration::from_secs(2);

/// Nanoseconds, up to one less than there are numbers: some places count from one.
#[inline]
pub(crate) fn nanos(duration: Duration) -> u64 {
    let nanos = duration.as_secs().saturating_mul(1_000_000_000);
    nanos.saturating_add(u64::from(duration.subsec_nanos())).min(u64::MAX - 1)
}

/// Waits until `condition` holds; false when the deadline came first.
///
/// Emitting threads pay nothing to be waited for: they wake nobody, so the waiter looks
/// again and again, at longer and longer intervals up to a millisecond.
pub(crate) fn wait_until(deadline: Instant, mut condition: impl FnMut() -> bool) -> bool {
    let mut pause = Duration::from_micros(1);
    for round in 0_u32.. {
        if condition() {
            return true;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return condition();
        }
        if round < 50 {
            thread::yield_now();
        } else {
            thread::park_timeout(pause.min(left));
            pause = (pause * 2).min(Duration::from_millis(1));
        }
    }
    false
}
