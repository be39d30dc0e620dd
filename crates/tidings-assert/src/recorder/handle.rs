//! The recorder: an observer that keeps what it is handed.
//!
//! Order is order of arrival over all threads; one thread's events are in the order they
//! were emitted. Assertions look at a snapshot of the list: a guard may emit, and an event
//! that arrives meanwhile is seen by the next assertion.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use tidings_core::{Envelope, Event, Interest};
use tidings_registry::{Bus, Observer, ObserverError, Subscription};

use super::log::Log;
use crate::expectation::{Expectation, View};
use crate::report::{Mismatch, text};
use crate::snapshot::Snapshot;

/// Keeps the events of one bus for assertions.
///
/// Cheap to clone: every clone is a handle of the same recording. [`Recorder::on`] hears
/// everything but diagnostics, until the last handle is dropped.
///
/// ```
/// use tidings_assert::{Recorder, test_bus};
///
/// let (bus, _clock) = test_bus();
/// let recorder = Recorder::on(&bus);
/// bus.raw_emitter("case", "t1").emit("case.started", serde_json::json!({"n": 1}))?;
///
/// assert_eq!(recorder.len(), 1);
/// assert_eq!(recorder.transcript(), "#1 case.started case/t1 { n: 1 }\n");
/// # Ok::<(), tidings_core::RawEmitError>(())
/// ```
#[derive(Clone)]
pub struct Recorder {
    pub(super) log: Arc<Log>,
    interest: Interest,
    // Not in the log: the bus holds the log, and must not hold its own subscription.
    subscription: Option<Arc<Subscription>>,
}

impl Recorder {
    /// A recorder that is on no bus yet; subscribe a clone of it.
    pub fn new() -> Self {
        Self::from_log(Log::new(None), Interest::everything())
    }

    /// A recorder that hears everything on `bus` but diagnostics.
    pub fn on(bus: &Bus) -> Self {
        Self::with_interest(bus, Interest::everything())
    }

    /// A recorder that hears what `interest` names on `bus`.
    pub fn with_interest(bus: &Bus, interest: Interest) -> Self {
        let mut recorder = Self::from_log(Log::new(None), interest);
        recorder.subscription = Some(Arc::new(bus.subscribe(recorder.clone())));
        recorder
    }

    /// A recorder that keeps the last `events_max` events; subscribe a clone of it.
    ///
    /// Once an event has fallen out, every assertion is an error that says so: nothing can be
    /// said of a recording with a hole.
    pub fn bounded(events_max: usize) -> Self {
        Self::from_log(Log::new(Some(events_max)), Interest::everything())
    }

    fn from_log(log: Log, interest: Interest) -> Self {
        Self { log: Arc::new(log), interest, subscription: None }
    }

    /// Everything that was recorded, in order of arrival.
    pub fn envelopes(&self) -> Vec<Arc<Envelope>> {
        self.log.events().as_ref().clone()
    }

    /// Every recorded event of type `E`; those that came from elsewhere are decoded.
    ///
    /// # Panics
    ///
    /// When an event has a type of `E`'s and cannot be decoded.
    #[track_caller]
    pub fn events<E: Event + Clone>(&self) -> Vec<E> {
        let mut events = Vec::new();
        for (index, envelope) in self.log.events().iter().enumerate() {
            match envelope.event::<E>() {
                Ok(Some(event)) => events.push(E::clone(&event)),
                Ok(None) => {}
                Err(error) => fail(&format!("{}: {error}", text::event(index + 1, envelope, true))),
            }
        }
        events
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.log.events().len()
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets what was recorded; the next event is `#1` again.
    pub fn clear(&self) {
        self.log.clear();
    }

    /// Checks clauses that were put together at run time.
    ///
    /// # Errors
    ///
    /// [`Mismatch`] for the first clause that does not hold, or when events have fallen out
    /// of a bounded recorder.
    pub fn check(&self, expectations: &[Expectation<'_>]) -> Result<(), Mismatch> {
        let fallen = self.log.fallen();
        if fallen > 0 {
            return Err(Mismatch::new(format!(
                "{} fell out of a recorder that keeps {}: nothing can be asserted\n",
                text::counted(fallen, "event"),
                self.log.events_max().unwrap_or(0),
            )));
        }
        let events = self.log.events();
        let view = View::whole(&events);
        for expectation in expectations {
            expectation.check(&view)?;
        }
        Ok(())
    }

    /// The recording in the form that snapshots are compared in.
    ///
    /// Its lines are in order of arrival, which several threads make a different one in each
    /// run; see [`Snapshot`].
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(self.envelopes())
    }

    /// Compares types, entities and content with another recording; volatile fields, ids and
    /// times do not count. The order does, and it is that of arrival: for events of several
    /// threads compare each entity on its own.
    ///
    /// # Errors
    ///
    /// [`Mismatch`], with this recording as the expected side, when they differ; also when
    /// both are empty.
    pub fn same_as(&self, other: &Self) -> Result<(), Mismatch> {
        crate::snapshot::same(&self.snapshot(), &other.snapshot())
    }
}

/// Panics with this text: what an assertion is for.
#[track_caller]
#[expect(clippy::panic, reason = "an assertion that does not hold panics")]
pub(crate) fn fail(text: &str) -> ! {
    panic!("{text}")
}

// A panic leaves a recording as it was: nothing of a user's runs while it is locked, and
// tests catch panics around their recorders.
impl std::panic::UnwindSafe for Recorder {}
impl std::panic::RefUnwindSafe for Recorder {}

impl Default for Recorder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("events", &self.len())
            .field("interest", &self.interest)
            .field("is_subscribed", &self.subscription.is_some())
            .finish_non_exhaustive()
    }
}

impl Observer for Recorder {
    fn name(&self) -> String {
        "recorder".to_owned()
    }

    fn kind(&self) -> &'static str {
        "recorder"
    }

    fn interest(&self) -> Interest {
        self.interest.clone()
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        self.log.push(envelope);
        Ok(())
    }

    fn close(&self, _deadline: Instant) -> Result<(), ObserverError> {
        self.log.close();
        Ok(())
    }
}
