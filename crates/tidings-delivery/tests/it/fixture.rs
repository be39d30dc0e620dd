//! Sinks that do as a test says, and what they were handed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use serde_json::json;
use tidings_delivery::{Batch, Confirmation, Outcome, Retry, Sink, SinkDiagnostic};
use tidings_registry::{Bus, Subscription};

/// Nothing in these tests takes this long unless it hangs.
pub(crate) const LONG: Duration = Duration::from_secs(20);

type Answer = dyn FnMut(&Batch<'_>) -> Outcome + Send;

/// What a place got, in order, and what it is to answer.
#[derive(Clone, Default)]
pub(crate) struct Place(Arc<(Mutex<Inside>, Condvar)>);

#[derive(Default)]
struct Inside {
    taken: Vec<String>,
    batches: Vec<usize>,
    answer: Option<Box<Answer>>,
    /// Counts the answers that were given to it.
    answers: u64,
    confirmations: Vec<Confirmation>,
    held: bool,
    entered: bool,
}

impl Place {
    pub(crate) fn sink(&self) -> PlaceSink {
        PlaceSink { place: self.clone(), window: 1 }
    }

    pub(crate) fn sink_with_window(&self, window: usize) -> PlaceSink {
        PlaceSink { place: self.clone(), window }
    }

    /// Answers each batch so; the first events that the answer takes are noted.
    pub(crate) fn answer(&self, answer: impl FnMut(&Batch<'_>) -> Outcome + Send + 'static) {
        self.set(Some(Box::new(answer)));
    }

    pub(crate) fn take_all(&self) {
        self.set(None);
    }

    fn set(&self, answer: Option<Box<Answer>>) {
        let mut inside = self.0.0.lock();
        inside.answers += 1;
        inside.answer = answer;
    }

    /// Hangs the next batches until [`release`](Self::release).
    pub(crate) fn hold(&self) {
        self.0.0.lock().held = true;
    }

    pub(crate) fn release(&self) {
        self.0.0.lock().held = false;
        self.0.1.notify_all();
    }

    pub(crate) fn confirm(&self, confirmation: Confirmation) {
        self.0.0.lock().confirmations.push(confirmation);
    }

    /// The ids of the events that were taken, in order, doubles included.
    pub(crate) fn taken(&self) -> Vec<String> {
        self.0.0.lock().taken.clone()
    }

    /// How many events each batch had, refused ones too.
    pub(crate) fn batches(&self) -> Vec<usize> {
        self.0.0.lock().batches.clone()
    }

    #[track_caller]
    pub(crate) fn wait_for_taken(&self, count: usize) {
        let deadline = Instant::now() + LONG;
        let mut inside = self.0.0.lock();
        while inside.taken.len() < count {
            let late = self.0.1.wait_until(&mut inside, deadline).timed_out();
            assert!(!late, "{} of {count} events were taken", inside.taken.len());
        }
    }

    #[track_caller]
    pub(crate) fn wait_for_batches(&self, count: usize) {
        let deadline = Instant::now() + LONG;
        let mut inside = self.0.0.lock();
        while inside.batches.len() < count {
            let late = self.0.1.wait_until(&mut inside, deadline).timed_out();
            assert!(!late, "{} of {count} batches came", inside.batches.len());
        }
    }

    /// Waits until the sink hangs in a batch.
    #[track_caller]
    pub(crate) fn wait_for_hang(&self) {
        let deadline = Instant::now() + LONG;
        let mut inside = self.0.0.lock();
        while !inside.entered {
            let late = self.0.1.wait_until(&mut inside, deadline).timed_out();
            assert!(!late, "no batch came");
        }
    }
}

pub(crate) struct PlaceSink {
    place: Place,
    window: usize,
}

impl Sink for PlaceSink {
    fn name(&self) -> String {
        "place".to_owned()
    }

    fn unconfirmed_max(&self) -> usize {
        self.window
    }

    fn confirm_interval(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn confirm(&mut self) -> Vec<Confirmation> {
        std::mem::take(&mut self.place.0.0.lock().confirmations)
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let (lock, changed) = &*self.place.0;
        let mut inside = lock.lock();
        inside.batches.push(batch.len());
        changed.notify_all();
        while inside.held {
            inside.entered = true;
            changed.notify_all();
            changed.wait(&mut inside);
        }
        inside.entered = false;
        // Taken out, so that a panic leaves the place as it was.
        let (mut answer, answers) = (inside.answer.take(), inside.answers);
        drop(inside);
        let outcome = answer.as_mut().map_or_else(Outcome::delivered, |answer| answer(batch));
        let mut inside = lock.lock();
        if inside.answers == answers {
            inside.answer = answer;
        }
        let taken = outcome.taken(batch.len());
        inside
            .taken
            .extend(batch.iter().take(taken).map(|event| event.envelope().id().to_string()));
        changed.notify_all();
        outcome
    }
}

/// Pauses short enough for a test.
pub(crate) fn quick() -> Retry {
    Retry::default().first(Duration::from_millis(1)).cap(Duration::from_millis(5))
}

/// Emits so many events from one thread; their ids in order.
pub(crate) fn emit(bus: &Bus, count: usize) -> Vec<String> {
    let ids = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&ids);
    let noted = bus
        .observe("case", move |envelope| seen.lock().push(envelope.id().to_string()))
        .expect("the prefix is one");
    let emitter = bus.raw_emitter("case", "t1");
    for n in 0..count {
        emitter.emit("case.noted", json!({ "n": n })).expect("the type is valid");
    }
    drop(noted);
    let ids = ids.lock();
    ids.clone()
}

/// Notes the diagnostics of a bus.
#[derive(Clone, Default)]
pub(crate) struct Diagnostics(Arc<Mutex<Vec<SinkDiagnostic>>>);

impl Diagnostics {
    pub(crate) fn of(bus: &Bus) -> (Self, Subscription) {
        let diagnostics = Self::default();
        let noted = diagnostics.clone();
        let subscription =
            bus.on::<SinkDiagnostic>(move |event, _| noted.0.lock().push(event.clone()));
        (diagnostics, subscription)
    }

    pub(crate) fn messages(&self) -> Vec<String> {
        self.0.lock().iter().map(SinkDiagnostic::message).collect()
    }
}
