//! Determinism: a bus whose ids and times are the same in every run.

use std::sync::Arc;
use std::time::Duration;

use tidings_core::{BusId, Clock, ManualClock, Timestamp};
use tidings_registry::{Bus, BusBuilder};

/// The id of every [`test_bus`].
pub const TEST_BUS_ID: BusId = BusId::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001);
/// The run of every [`test_bus`].
pub const TEST_RUN: &str = "run-1";
/// The node of every [`test_bus`].
pub const TEST_NODE: &str = "node-1";
/// When every [`TestClock`] starts: 2000-01-01T00:00:00Z.
pub const TEST_START: Timestamp = Timestamp::from_nanos(946_684_800_000_000_000);

/// A clock that starts at [`TEST_START`] and stands still until a test moves it.
///
/// Cheap to clone: all clones are the same clock.
///
/// ```
/// use std::time::Duration;
///
/// use tidings_assert::TestClock;
/// use tidings_core::Clock;
///
/// let clock = TestClock::new();
/// clock.clone().advance(Duration::from_millis(5));
/// assert_eq!(clock.elapsed(), Duration::from_millis(5));
/// assert_eq!(clock.start().to_string(), "2000-01-01T00:00:00.000000000Z");
/// ```
#[derive(Debug, Clone)]
pub struct TestClock(Arc<ManualClock>);

impl TestClock {
    /// A clock at its start.
    pub fn new() -> Self {
        Self(Arc::new(ManualClock::new(TEST_START)))
    }

    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        self.0.advance(by);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn start(&self) -> Timestamp {
        self.0.start()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A bus with a fixed id, run and node, and the clock that its times come from.
///
/// ```
/// use tidings_assert::{Recorder, test_bus};
///
/// let (bus, clock) = test_bus();
/// let recorder = Recorder::on(&bus);
/// clock.advance(std::time::Duration::from_secs(2));
/// bus.raw_emitter("case", "t1").emit("case.started", serde_json::json!({}))?;
///
/// let event = &recorder.envelopes()[0];
/// assert_eq!(event.id().to_string(), "00000000-0000-7000-8000-000000000001.0.0");
/// assert_eq!(event.time().to_string(), "2000-01-01T00:00:02.000000000Z");
/// # Ok::<(), tidings_core::RawEmitError>(())
/// ```
pub fn test_bus() -> (Bus, TestClock) {
    let (builder, clock) = test_bus_builder();
    (builder.build(), clock)
}

/// The builder behind [`test_bus`], for a bus that needs more settings.
pub fn test_bus_builder() -> (BusBuilder, TestClock) {
    let clock = TestClock::new();
    let builder = Bus::builder().id(TEST_BUS_ID).run(TEST_RUN).node(TEST_NODE).clock(clock.clone());
    (builder, clock)
}
