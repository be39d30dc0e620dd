//! Events, observers and conditions of these tests. Nothing here sleeps: whoever waits
//! names a condition, and fails when it has not come by [`PATIENCE`].

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use serde::{Deserialize, Serialize};
use tidings_core::{Emitter, Envelope};
use tidings_derive::Event;
use tidings_registry::{Bus, ObserverReport, Report};

/// How long a condition may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "work", crate = "tidings_core")]
pub(crate) enum Work {
    Step {
        thread: u32,
        number: u32,
    },
    Note {
        text: String,
    },
    Timed {
        name: String,
        #[event(volatile)]
        seconds: f64,
    },
    Value {
        value: f64,
    },
}

pub(crate) fn step(number: u32) -> Work {
    Work::Step { thread: 0, number }
}

/// Emits a step for each number; what the receipts say does not matter.
pub(crate) fn emit_steps(emitter: &Emitter<Work>, numbers: impl IntoIterator<Item = u32>) {
    for number in numbers {
        emitter.emit(step(number));
    }
}

pub(crate) fn note(text: &str) -> Work {
    Work::Note { text: text.to_owned() }
}

/// What an event says, in a word: the number of a step or the text of a note.
pub(crate) fn word(envelope: &Arc<Envelope>) -> String {
    match envelope.event::<Work>().expect("the data fits").as_deref() {
        Some(Work::Step { number, .. }) => number.to_string(),
        Some(Work::Note { text }) => text.clone(),
        Some(Work::Timed { name, .. }) => name.clone(),
        Some(Work::Value { value }) => value.to_string(),
        None => envelope.event_type().to_string(),
    }
}

/// A list that observers write and a test reads.
#[derive(Debug)]
pub(crate) struct Log<T>(Arc<(Mutex<Vec<T>>, Condvar)>);

impl<T> Clone for Log<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Clone> Log<T> {
    pub(crate) fn new() -> Self {
        Self(Arc::new((Mutex::new(Vec::new()), Condvar::new())))
    }

    pub(crate) fn push(&self, entry: T) {
        self.0.0.lock().push(entry);
        self.0.1.notify_all();
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.0.0.lock().clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.0.lock().len()
    }

    /// Waits until there are so many entries.
    pub(crate) fn wait_for(&self, entries: usize) {
        let deadline = Instant::now() + PATIENCE;
        let mut list = self.0.0.lock();
        while list.len() < entries {
            let late = self.0.1.wait_until(&mut list, deadline).timed_out();
            assert!(!late || list.len() >= entries, "{} of {entries} entries", list.len());
        }
    }
}

/// Holds whoever waits at it until it is opened.
#[derive(Debug, Clone)]
pub(crate) struct Latch(Arc<(Mutex<bool>, Condvar)>);

impl Latch {
    pub(crate) fn closed() -> Self {
        Self(Arc::new((Mutex::new(false), Condvar::new())))
    }

    pub(crate) fn open(&self) {
        *self.0.0.lock() = true;
        self.0.1.notify_all();
    }

    pub(crate) fn wait(&self) {
        let deadline = Instant::now() + PATIENCE;
        let mut open = self.0.0.lock();
        while !*open {
            assert!(!self.0.1.wait_until(&mut open, deadline).timed_out(), "nobody opened");
        }
    }
}

/// Opens its latch when the test is over, passed or not: nothing is left hanging.
pub(crate) struct OpenAtEnd(pub(crate) Latch);

impl Drop for OpenAtEnd {
    fn drop(&mut self) {
        self.0.open();
    }
}

/// Waits until `condition` holds.
#[track_caller]
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::yield_now();
    }
}

/// Runs `act` and says how long it took.
pub(crate) fn timed<R>(act: impl FnOnce() -> R) -> (R, Duration) {
    let begin = Instant::now();
    let result = act();
    (result, begin.elapsed())
}

/// Keeps all that a bus hands out, inline and under the name `log`.
pub(crate) fn record(bus: &Bus) -> Log<Arc<Envelope>> {
    let log = Log::new();
    let kept = log.clone();
    bus.observe("**", move |envelope| kept.push(Arc::clone(envelope)))
        .expect("a good prefix")
        .detach();
    log
}

/// Keeps the words of all that a bus hands out, inline.
pub(crate) fn words(bus: &Bus) -> Log<String> {
    let log = Log::new();
    let kept = log.clone();
    bus.observe("**", move |envelope| kept.push(word(envelope))).expect("a good prefix").detach();
    log
}

/// Keeps the diagnostics of a bus.
pub(crate) fn diagnostics(bus: &Bus) -> Log<Arc<Envelope>> {
    let log = Log::new();
    let kept = log.clone();
    bus.observe("tidings", move |envelope| kept.push(Arc::clone(envelope)))
        .expect("a good prefix")
        .detach();
    log
}

pub(crate) fn types(log: &Log<Arc<Envelope>>) -> Vec<String> {
    log.all().iter().map(|envelope| envelope.event_type().to_string()).collect()
}

/// Fails unless every accepted event has exactly one fate.
#[track_caller]
pub(crate) fn assert_balanced(report: &Report) {
    for observer in &report.observers {
        let counts = observer.counts;
        let fates = counts.delivered
            + counts.failed
            + counts.rejected
            + counts.dropped
            + counts.suppressed
            + counts.spooled
            + counts.pending;
        assert_eq!(counts.accepted, fates, "{observer}: {counts:?}");
    }
}

#[track_caller]
pub(crate) fn observer<'a>(report: &'a Report, name: &str) -> &'a ObserverReport {
    assert_balanced(report);
    report.observer(name).unwrap_or_else(|| panic!("no `{name}` in {report:?}"))
}

/// Fails unless the sequences of every lane start at 0 and have no gap.
#[track_caller]
pub(crate) fn assert_gapless(envelopes: &[Arc<Envelope>]) {
    let mut lanes = std::collections::BTreeMap::<_, Vec<u64>>::new();
    for envelope in envelopes {
        lanes.entry(envelope.id().lane()).or_default().push(envelope.id().sequence());
    }
    for (lane, mut sequences) in lanes {
        sequences.sort_unstable();
        let expected: Vec<u64> = (0..sequences.len() as u64).collect();
        assert_eq!(sequences, expected, "lane {lane}");
    }
}
