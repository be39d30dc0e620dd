//! The thread of an observer with a queue.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tidings_core::Envelope;

use super::handed::Handed;
use super::queue::{Item, Queue};
use crate::bus::Shared;
use crate::entry::Entry;
use crate::lane::{Current, Worker, set_worker};
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
    set_worker(Worker { bus_key: bus.key, observer_key: entry.key, current: None });
    for envelope in past {
        take(bus, entry, queue, &envelope, 0);
        queue.count_done();
    }
    while let Some(item) = next(queue) {
        let Item::Event { envelope, depth, ack, claim } = item else {
            continue;
        };
        let handed = take(bus, entry, queue, &envelope, depth);
        if let Some(claim) = claim {
            handed.tell(&claim);
        }
        queue.count_done();
        if let Some(ack) = ack {
            ack.done(handed == Handed::Delivered);
        }
        note_recovery(bus, entry, queue);
    }
    // What the observer says while it ends is caused by no event.
    set_worker(Worker { bus_key: bus.key, observer_key: entry.key, current: None });
    let deadline = queue.deadline.lock().unwrap_or_else(|| Instant::now() + CLOSE_ON_DROP_MAX);
    entry.close_observer(bus, deadline);
    queue.end();
}

/// The next item, as soon as there is one; none when the queue has stopped and is empty.
fn next(queue: &Queue) -> Option<Item> {
    loop {
        if !queue.stopping.load(Ordering::SeqCst) {
            return queue.receiver.recv().ok();
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

/// Hands one event to the observer.
fn take(
    bus: &Shared,
    entry: &Arc<Entry>,
    queue: &Queue,
    envelope: &Arc<Envelope>,
    depth: u32,
) -> Handed {
    set_worker(Worker {
        bus_key: bus.key,
        observer_key: entry.key,
        current: Some(Current { id: envelope.id(), depth }),
    });
    queue.busy_since_ns.store(bus.now_ns() + 1, Ordering::Relaxed);
    let observer = entry.observer();
    let fate = entry.offer(bus, &*observer, envelope, &queue.cell);
    queue.busy_since_ns.store(0, Ordering::Relaxed);
    match fate {
        Ok(offered) => Handed::of(offered, entry),
        Err(_suppressed) => Handed::Suppressed,
    }
}

/// An observer that was given up waiting for has caught up.
fn note_recovery(bus: &Shared, entry: &Arc<Entry>, queue: &Queue) {
    let caught_up = queue.stalled.load(Ordering::Relaxed) && queue.has_caught_up();
    if caught_up && queue.stalled.swap(false, Ordering::Relaxed) {
        bus.diagnose_recovered(entry);
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
            let taken = std::iter::from_fn(|| next(&queue)).filter(is_event).count();
            emits.join().expect("the emitter does not panic");
            assert_eq!(taken, 1, "the worker ended without it");
        });
    }
}
