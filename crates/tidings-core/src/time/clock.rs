//! Clocks: the real one, and one that a test moves by hand.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::Timestamp;

/// Where a bus gets its time from.
///
/// [`start`](Self::start) is called once per bus, [`elapsed`](Self::elapsed) once per
/// event, on the emitting thread: it must be quick and must not block.
pub trait Clock: Send + Sync + 'static {
    /// The wall time at which [`elapsed`](Self::elapsed) was zero.
    fn start(&self) -> Timestamp;

    /// The monotonic time since the start.
    fn elapsed(&self) -> Duration;
}

/// The clock of the machine.
#[derive(Debug)]
pub struct SystemClock {
    start: Timestamp,
    origin: Instant,
}

impl SystemClock {
    /// A clock that starts now.
    pub fn new() -> Self {
        Self { start: Timestamp::now(), origin: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn start(&self) -> Timestamp {
        self.start
    }

    fn elapsed(&self) -> Duration {
        self.origin.elapsed()
    }
}

/// A clock that stands still until a test moves it.
///
/// ```
/// use std::time::Duration;
/// use tidings_core::{Clock, ManualClock, Timestamp};
///
/// let clock = ManualClock::new(Timestamp::from_nanos(0));
/// clock.advance(Duration::from_millis(5));
/// assert_eq!(clock.elapsed(), Duration::from_millis(5));
/// ```
#[derive(Debug)]
pub struct ManualClock {
    start: Timestamp,
    elapsed_ns: AtomicU64,
}

impl ManualClock {
    /// A clock that stands at `start`.
    pub const fn new(start: Timestamp) -> Self {
        Self { start, elapsed_ns: AtomicU64::new(0) }
    }

    /// Moves the clock on. It stops after 584 years.
    pub fn advance(&self, by: Duration) {
        let nanos = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        let mut elapsed = self.elapsed_ns.load(Ordering::Acquire);
        while let Err(changed) = self.elapsed_ns.compare_exchange_weak(
            elapsed,
            elapsed.saturating_add(nanos),
            Ordering::AcqRel,
            Ordering::Acquire,
        ) {
            elapsed = changed;
        }
    }
}

impl Clock for ManualClock {
    fn start(&self) -> Timestamp {
        self.start
    }

    fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.elapsed_ns.load(Ordering::Acquire))
    }
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn start(&self) -> Timestamp {
        (**self).start()
    }

    fn elapsed(&self) -> Duration {
        (**self).elapsed()
    }
}
