//! What became of batches so far.
//!
//! Pure but for a lock: whoever publishes writes down, and whoever asks waits, at most so
//! long. A batch is known from when it is handed over until somebody has heard its end.

use std::collections::BTreeMap;
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

use crate::server::NatsError;

/// The batches that were handed to one connection.
#[derive(Debug, Default)]
pub(super) struct Tracker {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    jobs: BTreeMap<u64, Job>,
    /// Why nothing more is acknowledged.
    failure: Option<NatsError>,
}

#[derive(Debug, Default)]
struct Job {
    len: usize,
    /// How many of the first events were acknowledged.
    taken: usize,
    acknowledged: usize,
    /// The first event that can never be taken.
    refused: Option<(usize, String)>,
}

/// How a batch ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// All of it was taken.
    Taken,
    /// The event at this index can never be taken; those before it were.
    Refused { index: usize, reason: String },
    /// So many of the first were taken; then the connection failed.
    Failed { taken: usize, fault: NatsError },
    /// Time is over; so many of the first were taken so far.
    Open { taken: usize },
}

impl Job {
    fn is_over(&self) -> bool {
        self.acknowledged == self.len
    }

    fn end(&self, failure: Option<&NatsError>) -> Option<End> {
        if self.is_over() {
            return Some(match &self.refused {
                Some((index, reason)) => End::Refused { index: *index, reason: reason.clone() },
                None => End::Taken,
            });
        }
        failure.map(|fault| End::Failed { taken: self.taken, fault: fault.clone() })
    }
}

impl Tracker {
    /// A batch of so many events is handed over.
    pub(super) fn begin(&self, batch: u64, len: usize) {
        self.state.lock().jobs.insert(batch, Job { len, ..Job::default() });
    }

    /// The next event of the batch was acknowledged.
    pub(super) fn acknowledge(&self, batch: u64) {
        self.note(batch, None);
    }

    /// The next event of the batch can never be taken.
    pub(super) fn refuse(&self, batch: u64, reason: String) {
        self.note(batch, Some(reason));
    }

    fn note(&self, batch: u64, refusal: Option<String>) {
        let mut state = self.state.lock();
        let Some(job) = state.jobs.get_mut(&batch) else { return };
        let index = job.acknowledged;
        job.acknowledged += 1;
        match (refusal, &job.refused) {
            (Some(reason), None) => job.refused = Some((index, reason)),
            (None, None) => job.taken += 1,
            (_, Some(_)) => {}
        }
        if job.is_over() {
            drop(state);
            self.changed.notify_all();
        }
    }

    /// Nothing more is acknowledged; the first reason stays.
    pub(super) fn fail(&self, fault: NatsError) {
        self.state.lock().failure.get_or_insert(fault);
        self.changed.notify_all();
    }

    /// Why nothing more is acknowledged, if so.
    pub(super) fn failure(&self) -> Option<NatsError> {
        self.state.lock().failure.clone()
    }

    /// Waits for the end of a batch, at most until then. One that has ended is forgotten.
    pub(super) fn wait(&self, batch: u64, until: Instant) -> End {
        let mut state = self.state.lock();
        loop {
            let Some(job) = state.jobs.get(&batch) else { return End::Open { taken: 0 } };
            if let Some(end) = job.end(state.failure.as_ref()) {
                state.jobs.remove(&batch);
                return end;
            }
            if Instant::now() >= until {
                return End::Open { taken: job.taken };
            }
            self.changed.wait_until(&mut state, until);
        }
    }

    /// The batches that have ended since this was asked last.
    pub(super) fn ended(&self) -> Vec<(u64, End)> {
        let mut state = self.state.lock();
        let failure = state.failure.clone();
        let mut ended = Vec::new();
        state.jobs.retain(|batch, job| match job.end(failure.as_ref()) {
            Some(end) => {
                ended.push((*batch, end));
                false
            }
            None => true,
        });
        ended
    }

    /// Whether there is a batch whose end nobody has heard.
    pub(super) fn is_waiting(&self) -> bool {
        !self.state.lock().jobs.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Kind;

    fn fault(text: &str) -> NatsError {
        NatsError::new(Kind::Unreachable, text)
    }

    #[test]
    fn a_batch_ends_when_its_last_event_does() {
        let tracker = Tracker::default();
        tracker.begin(1, 2);
        tracker.acknowledge(1);
        assert_eq!(tracker.wait(1, Instant::now()), End::Open { taken: 1 });
        assert!(tracker.is_waiting());
        tracker.acknowledge(1);
        assert_eq!(tracker.wait(1, Instant::now()), End::Taken);
        assert!(!tracker.is_waiting());
    }

    #[test]
    fn what_was_acknowledged_behind_a_refusal_does_not_count_as_taken() {
        let tracker = Tracker::default();
        tracker.begin(1, 3);
        tracker.acknowledge(1);
        tracker.refuse(1, "no".to_owned());
        tracker.acknowledge(1);
        let refused = End::Refused { index: 1, reason: "no".to_owned() };
        assert_eq!(tracker.ended(), [(1, refused)]);
    }

    #[test]
    fn a_failure_ends_all_batches_and_the_first_reason_stays() {
        let tracker = Tracker::default();
        tracker.begin(1, 2);
        tracker.begin(2, 1);
        tracker.begin(3, 1);
        tracker.acknowledge(1);
        tracker.acknowledge(2);
        tracker.fail(fault("first"));
        tracker.fail(fault("second"));
        let failed = |taken| End::Failed { taken, fault: fault("first") };
        assert_eq!(tracker.wait(1, Instant::now()), failed(1));
        assert_eq!(tracker.ended(), [(2, End::Taken), (3, failed(0))]);
        assert_eq!(tracker.failure(), Some(fault("first")));
    }
}
