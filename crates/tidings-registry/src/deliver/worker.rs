//! The thread of an observer with a queue.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tidings_core::Envelope;

use super::contain::drop_contained;
use super::handed::Handed;
use super::queue::{Item, Queue};
use super::spent::PATIENCE;
use crate::bus::Shared;
use crate::entry::Entry;
use crate::lane::{Current, Worker, set_worker};
use crate::observer::Observer;
use crate::sync::atomic::Ordering;
use crate::sync::thread;
use crate::time::CLOSE_ON_DROP_MAX;

/// How often a worker that stops looks whether an emit may still push.
const LAGGARD_POLL: Duration = Duration::from_micros(500);

/// Starts the thread that serves `entry`, which has a queue; `past` comes first.
pub(crate) fn spawn(
    bus: &Arc<Shared>,
    entry: &Arc<Entry>,
    past: Vec<Arc<Envelope>>,
) -> io::Result<()> {
    // A bus that nobody holds any more stays until its observers have what was accepted.
    let (bus, entry) = (Arc::clone(bus), Arc::clone(entry));
    let name = format!("tidings {}", entry.name);
    thread::Builder::new()
        .name(name.chars().filter(|c| *c != '\0').take(60).collect())
        .spawn(move || serve(&bus, &entry, past))
        .map(drop)
}

fn serve(bus: &Shared, entry: &Arc<Entry>, past: Vec<Arc<Envelope>>) {
    let Some(queue) = entry.queue() else { return };
    let mut server = Server { bus, entry, queue, known: None };
    server.set_worker(None);
    for envelope in past {
        server.take(&envelope, 0);
        queue.count_done();
        queue.spent.give((envelope, 0));
    }
    while let Some(item) = next(queue, || server.rest()) {
        let Item::Event { envelope, depth, ack, claim } = item else {
            continue;
        };
        let handed = server.take(&envelope, depth);
        if let Some(claim) = claim {
            handed.tell(&claim);
        }
        queue.count_done();
        if let Some(ack) = ack {
            ack.done(handed == Handed::Delivered);
        }
        server.note_recovery();
        queue.spent.give((envelope, depth));
    }
    // What the observer says while it ends is caused by no event.
    server.rest();
    let deadline = queue.deadline.lock().unwrap_or_else(|| Instant::now() + CLOSE_ON_DROP_MAX);
    entry.close_observer(bus, deadline);
    queue.end();
}

/// Waits for the next item; rests when none has come for a while.
fn wait(queue: &Queue, rest: impl FnOnce()) -> Option<Item> {
    if let Ok(item) = queue.receiver.try_recv() {
        return Some(item);
    }
    if let Ok(item) = queue.receiver.recv_timeout(PATIENCE) {
        return Some(item);
    }
    rest();
    queue.receiver.recv().ok()
}

/// What serves one observer.
struct Server<'a> {
    bus: &'a Shared,
    entry: &'a Arc<Entry>,
    queue: &'a Queue,
    /// The observer, and which of those that were put in its place it is: asking the entry
    /// for it writes what emitters read. None while nothing comes.
    known: Option<(u64, Arc<dyn Observer>)>,
}

impl Server<'_> {
    /// Hands one event to the observer.
    fn take(&mut self, envelope: &Arc<Envelope>, depth: u32) -> Handed {
        self.set_worker(Some(Current { id: envelope.id(), depth }));
        let known = match self.known.take() {
            Some(known) if known.0 == self.entry.replaced() => known,
            replaced => {
                drop_contained(replaced);
                self.entry.numbered_observer()
            }
        };
        let observer = &self.known.insert(known).1;
        self.queue.set_busy_since(Some(self.bus.now_ns()));
        let fate = self.entry.offer(self.bus, &**observer, envelope, &self.queue.cell);
        self.queue.set_busy_since(None);
        match fate {
            Ok(offered) => Handed::of(offered, self.entry),
            Err(_suppressed) => Handed::Suppressed,
        }
    }

    /// Lets go of all that nobody may ask for any more: what emitters could have dropped, and
    /// the observer, in whose place another one may be put meanwhile.
    fn rest(&mut self) {
        while let Some((envelope, depth)) = self.queue.spent.take() {
            self.set_worker(Some(Current { id: envelope.id(), depth }));
            drop_contained(envelope);
        }
        self.set_worker(None);
        drop_contained(self.known.take());
    }

    /// Says which event this thread is at.
    fn set_worker(&self, current: Option<Current>) {
        set_worker(Worker { bus_key: self.bus.key, observer_key: self.entry.key, current });
    }

    /// An observer that was given up waiting for has caught up.
    fn note_recovery(&self) {
        let stalled = &self.queue.stalled;
        let caught_up = stalled.load(Ordering::Relaxed) && self.queue.has_caught_up();
        if caught_up && stalled.swap(false, Ordering::Relaxed) {
            self.bus.diagnose_recovered(self.entry);
        }
    }
}

/// The next item, as soon as there is one; none when the queue has stopped and is empty.
fn next(queue: &Queue, rest: impl FnOnce()) -> Option<Item> {
    loop {
        if !queue.stopping.load(Ordering::SeqCst) {
            return wait(queue, rest);
        }
        // Looked at first: what the last laggard pushed is in the queue by then.
        let is_to_wait = queue.is_to_wait(Instant::now());
        match queue.receiver.try_recv() {
            Ok(item) => return Some(item),
            Err(_) if !is_to_wait => return None,
            Err(_) => {
                if let Ok(item) = queue.receiver.recv_timeout(LAGGARD_POLL) {
                    return Some(item);
                }
            }
        }
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use tidings_core::Lane;

    use super::super::policy::{Deliver, Overflow};
    use super::super::queue::{Laggards, loom_tests::envelope};
    use super::*;
    use crate::lane::LaneShared;
    use crate::route::Cell;

    #[test]
    fn a_worker_that_stops_takes_what_the_last_laggard_pushes() {
        loom::model(|| {
            let newest = Deliver::Queued { capacity: 2, overflow: Overflow::DropNewest };
            let queue = Arc::new(Queue::for_delivery(newest, None).expect("not inline"));
            let lane = Arc::new(LaneShared::new(Lane::new(0)));
            lane.gate.enter();
            let ticket = lane.gate.ticket().expect("the lane is in");
            let laggards = Laggards { lanes: vec![(Arc::clone(&lane), ticket)], waiting: None };
            let envelope = envelope();
            let emits = {
                let queue = Arc::clone(&queue);
                loom::thread::spawn(move || {
                    queue.push(&envelope, 0, None, &Cell::default());
                    lane.gate.leave();
                })
            };
            queue.stop(Instant::now() + Duration::from_hours(10), laggards);
            let is_event = |item: &Item| matches!(item, Item::Event { .. });
            let taken = std::iter::from_fn(|| next(&queue, || ())).filter(is_event).count();
            emits.join().expect("the emitter does not panic");
            assert_eq!(taken, 1, "the worker ended without it");
        });
    }
}
