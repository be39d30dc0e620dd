//! A ready observer that counts types and measures durations.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tidings_core::{Entity, Envelope, EventType, Outcome, Role};

use crate::observer::{Observer, ObserverError};
use crate::sync::Mutex;

/// The most entities whose beginning is remembered; the end of others has no duration.
const RUNNING_MAX: usize = 65_536;

/// Counts the events of each type, and how long entities took from an event that begins
/// them to one that ends them.
///
/// ```
/// use std::sync::Arc;
/// use tidings_registry::{Bus, Metrics};
///
/// let bus = Bus::new();
/// let metrics = Arc::new(Metrics::new());
/// let _subscription = bus.subscribe(Arc::clone(&metrics));
/// bus.raw_emitter("case", "t1").emit("case.started", serde_json::json!({}))?;
/// assert_eq!(metrics.snapshot().count("case.started"), 1);
/// # Ok::<(), tidings_core::RawEmitError>(())
/// ```
#[derive(Debug, Default)]
pub struct Metrics {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    snapshot: MetricsSnapshot,
    running: HashMap<Entity, (EventType, Duration)>,
}

/// What [`Metrics`] has seen so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct MetricsSnapshot {
    /// Per event type, in the order of the names.
    pub types: BTreeMap<EventType, TypeMetrics>,
    /// Entities that ended as they should.
    pub succeeded: u64,
    /// Entities that did not.
    pub failed: u64,
    /// Entities that ended otherwise: skipped, or nobody said how.
    pub other: u64,
    /// Entities that have begun and not ended.
    pub running: u64,
}

/// What is known of one event type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct TypeMetrics {
    /// How many events there were.
    pub count: u64,
    /// How many entities that such an event began have ended.
    pub ended: u64,
    /// How long those took together.
    pub total: Duration,
    /// The shortest of them.
    pub shortest: Option<Duration>,
    /// The longest of them.
    pub longest: Option<Duration>,
}

impl TypeMetrics {
    /// How long an entity that such an event began took on average.
    pub fn mean(&self) -> Option<Duration> {
        let nanos = self.total.as_nanos().checked_div(u128::from(self.ended))?;
        u64::try_from(nanos).ok().map(Duration::from_nanos)
    }

    fn record(&mut self, duration: Duration) {
        self.ended += 1;
        self.total = self.total.saturating_add(duration);
        self.shortest = Some(self.shortest.map_or(duration, |known| known.min(duration)));
        self.longest = self.longest.max(Some(duration));
    }
}

impl Metrics {
    /// An observer that has seen nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// All it has seen so far.
    pub fn snapshot(&self) -> MetricsSnapshot {
        let state = self.state.lock();
        let mut snapshot = state.snapshot.clone();
        snapshot.running = state.running.len() as u64;
        snapshot
    }
}

impl MetricsSnapshot {
    /// How many events of this type there were.
    pub fn count(&self, event_type: &str) -> u64 {
        self.types.get(event_type).map_or(0, |metrics| metrics.count)
    }

    /// How many events there were.
    pub fn total(&self) -> u64 {
        self.types.values().map(|metrics| metrics.count).sum()
    }
}

impl State {
    fn apply(&mut self, envelope: &Envelope) {
        let event_type = envelope.event_type();
        if let Some(metrics) = self.snapshot.types.get_mut(event_type) {
            metrics.count += 1;
        } else {
            let first = TypeMetrics { count: 1, ..TypeMetrics::default() };
            self.snapshot.types.insert(event_type.clone(), first);
        }
        match envelope.role() {
            Role::Begin => self.begin(envelope),
            Role::End(outcome) => self.end(envelope, outcome),
            _ => {}
        }
    }

    fn begin(&mut self, envelope: &Envelope) {
        let entity = envelope.entity();
        if self.running.len() < RUNNING_MAX || self.running.contains_key(entity) {
            let begin = (envelope.event_type().clone(), envelope.elapsed());
            self.running.insert(entity.clone(), begin);
        }
    }

    fn end(&mut self, envelope: &Envelope, outcome: Outcome) {
        match outcome {
            Outcome::Success => self.snapshot.succeeded += 1,
            Outcome::Failure => self.snapshot.failed += 1,
            _ => self.snapshot.other += 1,
        }
        let Some((begin, since)) = self.running.remove(envelope.entity()) else {
            return;
        };
        if let Some(metrics) = self.snapshot.types.get_mut(&begin) {
            metrics.record(envelope.elapsed().saturating_sub(since));
        }
    }
}

impl Observer for Metrics {
    fn kind(&self) -> &'static str {
        "metrics"
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        self.state.lock().apply(envelope);
        Ok(())
    }

    fn needs_close(&self) -> bool {
        false
    }
}

impl fmt::Display for MetricsSnapshot {
    /// One line per type: name, count, and durations where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.types.keys().map(|name| name.as_str().len()).max().unwrap_or(0);
        for (name, metrics) in &self.types {
            write!(f, "{name:width$}  {:>8}", metrics.count)?;
            if let (Some(shortest), Some(mean), Some(longest)) =
                (metrics.shortest, metrics.mean(), metrics.longest)
            {
                write!(f, "  min {shortest:.1?}  mean {mean:.1?}  max {longest:.1?}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
