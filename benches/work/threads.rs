//! Do two threads emit twice as much as one?
//!
//! The peer is the draft that everybody writes first: observers behind an `RwLock`, and one
//! counter for the sequence.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Barrier, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use crate::bus::{Heard, Setting, listeners, record};
use crate::row::{Aim, Row, Spent};

/// Events of each thread in one round: so many that it lasts longer than a scheduler takes to
/// give the second thread a processor of its own.
const EVENTS: u32 = 500_000;
const ALONE: &str = "emit, 1 thread";

/// Two threads beside one.
pub fn rows() -> Vec<Row> {
    let (one, two) = (Setting::new(1, 100), Setting::new(1, 100));
    let (draft_of_one, draft_of_two) = (Draft::new(), Draft::new());
    vec![
        Row::new("emit on 2 threads, 1 of 100 interested; time an event of all threads")
            .calls(2 * EVENTS)
            .floor(ALONE, move |events| on_threads(1, events, || one.tick()))
            .peer("RwLock draft, 1 thread", move |events| {
                on_threads(1, events, || draft_of_one.emit())
            })
            .peer("RwLock draft, 2 threads", move |events| {
                on_threads(2, events, || draft_of_two.emit())
            })
            .ours("emit, 2 threads", move |events| on_threads(2, events, || two.tick()))
            .aim(Aim::SpeedOf(ALONE, 1.8)),
    ]
}

/// `events` in all, shared by `threads`: from the first that begins to the last that ends.
fn on_threads(threads: u32, events: u32, emit: impl Fn() + Sync) -> Spent {
    let start = Barrier::new(threads as usize);
    let work = || {
        start.wait();
        let begin = Instant::now();
        (0..events / threads).for_each(|_| emit());
        (begin, Instant::now())
    };
    let spans: Vec<(Instant, Instant)> = thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().map(|handle| handle.join().expect("it does not panic")).collect()
    });
    let begin = spans.iter().map(|span| span.0).min();
    let end = spans.iter().map(|span| span.1).max();
    end.zip(begin).map_or(Duration::ZERO, |(end, begin)| end - begin).into()
}

struct Draft {
    start: Instant,
    sequence: AtomicU64,
    observers: RwLock<Vec<Heard>>,
}

impl Draft {
    fn new() -> Self {
        let observers = RwLock::new(listeners(1));
        Self { start: Instant::now(), sequence: AtomicU64::new(0), observers }
    }

    fn emit(&self) {
        let observers = self.observers.read().expect("nobody panics with it");
        self.sequence.fetch_add(1, Ordering::Relaxed);
        let record = record(self.start);
        for observer in &*observers {
            observer(&record);
        }
    }
}
