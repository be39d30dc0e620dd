//! The queue in front of an observer with a thread of its own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tidings_core::Envelope;
use tidings_core::time::moment::deadline_in;

use super::contain::drop_contained;
use super::handed::Handed;
use super::policy::{BLOCK_TIMEOUT_DEFAULT, Deliver, Overflow, QUEUE_CAPACITY_DEFAULT};
use super::spent::{Spent, Used};
use crate::claim::Claim;
use crate::lane::{LaneShared, current_worker};
use crate::route::{Cell, Fate};
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering, fence};
use crate::sync::channel::{Receiver, SendTimeoutError, Sender, TrySendError, bounded};
use crate::sync::thread::{self, Thread};

/// How long an emit that is under way while its observer is cancelled waits for room.
const STOP_GRACE: Duration = Duration::from_millis(1);

/// What waits in a queue.
pub(super) enum Item {
    Event {
        envelope: Arc<Envelope>,
        depth: u32,
        ack: Option<Arc<Ack>>,
        claim: Option<Arc<Claim>>,
    },
    /// Wakes the worker, so that it sees that it is to stop.
    Wake,
}

/// Tells a waiting emitter that its event is done.
pub(super) struct Ack {
    state: AtomicU8,
    emitter: Thread,
}

const WAITING: u8 = 0;
const DELIVERED: u8 = 1;
const FAILED: u8 = 2;

impl Ack {
    fn new() -> Self {
        Self { state: AtomicU8::new(WAITING), emitter: thread::current() }
    }

    pub(super) fn done(&self, delivered: bool) {
        self.state.store(if delivered { DELIVERED } else { FAILED }, Ordering::Release);
        self.emitter.unpark();
    }

    fn wait(&self, deadline: Instant) -> Handed {
        loop {
            match self.state.load(Ordering::Acquire) {
                DELIVERED => return Handed::Delivered,
                FAILED => return Handed::Failed,
                _ => {}
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Handed::Waiting;
            }
            thread::park_timeout(left);
        }
    }
}

/// The emitters' side of a queue and the worker's, and how it is going.
pub(crate) struct Queue {
    sender: Sender<Item>,
    pub(super) receiver: Receiver<Item>,
    overflow: Overflow,
    block_timeout: Duration,
    wait_max: Option<Duration>,
    /// Nobody waits for the observer until it moves again.
    pub(super) stalled: AtomicBool,
    pub(super) stopping: AtomicBool,
    pub(super) finished: AtomicBool,
    /// By when the worker is to be through, once it stops.
    pub(super) deadline: Mutex<Option<Instant>>,
    laggards: Mutex<Laggards>,
    progress: Progress,
    pub(super) spent: Spent,
    /// Events taken out to make room: begun before, and counted after the event is out.
    evictions_begun: AtomicU64,
    evicted: AtomicU64,
    /// What the worker counts.
    pub(super) cell: Arc<Cell>,
}

/// What the worker writes at every event.
///
/// Aligned to two cache lines: emitters read what lies around it at every event, and would
/// wait for the worker's line each time.
#[derive(Default)]
#[repr(align(128))]
struct Progress {
    /// Events that the worker is through with.
    done: AtomicU64,
    /// When the event it is at now began, in nanoseconds of the bus, plus one; 0 for none.
    busy_since_ns: AtomicU64,
}

/// Emits that may still push although the observer was cancelled.
#[derive(Default)]
pub(crate) struct Laggards {
    pub(crate) lanes: Vec<(Arc<LaneShared>, u64)>,
    /// The observer whose thread waits for the end: whoever waits for it is not waited for.
    pub(crate) waiting: Option<u64>,
}

impl Laggards {
    fn is_empty(&mut self) -> bool {
        let waiting = self.waiting;
        self.lanes.retain(|(lane, ticket)| {
            let is_held_up = waiting.is_some_and(|observer| lane.is_in(observer));
            !is_held_up && !lane.gate.has_passed(*ticket)
        });
        self.lanes.is_empty()
    }
}

/// What became of an event at a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Enqueued {
    pub(crate) handed: Handed,
    /// Nobody waits for the observer from here on.
    pub(crate) newly_stalled: bool,
}

impl From<Handed> for Enqueued {
    fn from(handed: Handed) -> Self {
        Self { handed, newly_stalled: false }
    }
}

impl Queue {
    /// A queue for this way of delivery; none for an inline observer.
    pub(crate) fn for_delivery(deliver: Deliver, block_timeout: Option<Duration>) -> Option<Self> {
        let (capacity, overflow, wait_max) = match deliver {
            Deliver::Inline => return None,
            Deliver::Queued { capacity, overflow } => (capacity, overflow, None),
            Deliver::Synchronous { wait_max } => {
                (QUEUE_CAPACITY_DEFAULT, Overflow::DropNewest, Some(wait_max))
            }
        };
        let (sender, receiver) = bounded(capacity.max(1));
        Some(Self {
            sender,
            receiver,
            overflow,
            block_timeout: block_timeout.unwrap_or(BLOCK_TIMEOUT_DEFAULT),
            wait_max,
            stalled: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            finished: AtomicBool::new(false),
            deadline: Mutex::new(None),
            laggards: Mutex::default(),
            progress: Progress::default(),
            spent: Spent::new(),
            evictions_begun: AtomicU64::new(0),
            evicted: AtomicU64::new(0),
            cell: Arc::default(),
        })
    }

    /// Puts an event in, by the overflow policy, and waits for it if that was asked for.
    pub(crate) fn push(
        &self,
        envelope: &Arc<Envelope>,
        depth: u32,
        claim: Option<&Arc<Claim>>,
        cell: &Cell,
    ) -> Enqueued {
        // A thread that serves an observer never waits for another one.
        let may_wait = current_worker().is_none() && !self.stalled.load(Ordering::Relaxed);
        let wait_max = self.wait_max.filter(|_| may_wait);
        let ack = wait_max.map(|_| Arc::new(Ack::new()));
        let item = Item::Event {
            envelope: Arc::clone(envelope),
            depth,
            ack: ack.clone(),
            claim: claim.map(Arc::clone),
        };
        let put = self.put(item, may_wait, cell);
        fence(Ordering::SeqCst);
        if self.finished.load(Ordering::Relaxed) {
            // Nobody serves the queue any more; the worker may have missed this one.
            self.sweep(cell);
        }
        let (Handed::Waiting, Some(ack), Some(wait_max)) = (put.handed, ack, wait_max) else {
            return put;
        };
        match ack.wait(deadline_in(wait_max)) {
            Handed::Waiting => Enqueued { handed: Handed::Waiting, newly_stalled: self.stall() },
            done => done.into(),
        }
    }

    fn put(&self, item: Item, may_wait: bool, cell: &Cell) -> Enqueued {
        let mut item = match self.sender.try_send(item) {
            Ok(()) => return Handed::Waiting.into(),
            Err(TrySendError::Full(item) | TrySendError::Disconnected(item)) => item,
        };
        // What wakes a worker that is to stop takes the room of an event, for a moment.
        if may_wait && self.stopping.load(Ordering::SeqCst) {
            item = match self.sender.send_timeout(item, STOP_GRACE) {
                Ok(()) => return Handed::Waiting.into(),
                Err(SendTimeoutError::Timeout(item) | SendTimeoutError::Disconnected(item)) => item,
            };
        }
        let newly_stalled = match self.overflow {
            Overflow::DropOldest => {
                self.put_for_oldest(item, cell);
                return Handed::Waiting.into();
            }
            Overflow::Block if may_wait => {
                if self.sender.send_timeout(item, self.block_timeout).is_ok() {
                    return Handed::Waiting.into();
                }
                self.stall()
            }
            // A synchronous observer whose whole queue is full is stalled as well.
            Overflow::Block | Overflow::DropNewest => self.wait_max.is_some() && self.stall(),
        };
        cell.settle(Fate::Dropped);
        Enqueued { handed: Handed::Dropped, newly_stalled }
    }

    fn put_for_oldest(&self, mut item: Item, cell: &Cell) {
        loop {
            self.evictions_begun.fetch_add(1, Ordering::SeqCst);
            if let Ok(item) = self.receiver.try_recv() {
                leave_out(item, cell);
                self.evicted.fetch_add(1, Ordering::SeqCst);
            }
            match self.sender.try_send(item) {
                Ok(()) => return,
                Err(TrySendError::Full(back) | TrySendError::Disconnected(back)) => item = back,
            }
        }
    }

    /// Drops what is left of a queue that nobody serves any more.
    fn sweep(&self, cell: &Cell) {
        while let Ok(item) = self.receiver.try_recv() {
            leave_out(item, cell);
        }
    }

    /// Ends the queue: what comes from here on is dropped by whoever pushes it.
    pub(crate) fn end(&self) {
        self.finished.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        self.sweep(&self.cell);
    }

    /// An event that the worker is through with, for the caller to drop.
    pub(crate) fn take_spent(&self) -> Option<Used> {
        self.spent.take()
    }

    /// A mark behind all that is in the queue, or in the worker's hands, now.
    ///
    /// It may lie too far behind, never too near: an event that is being moved is counted
    /// twice. Whoever waits for it is content as well with nothing being left at all.
    pub(crate) fn mark(&self) -> u64 {
        let waiting = self.receiver.len() as u64;
        let out = self.done() + self.evictions_begun.load(Ordering::SeqCst);
        out + waiting + 1
    }

    /// Whether all before the mark is out of the queue and done.
    pub(crate) fn has_passed(&self, mark: u64) -> bool {
        self.done() + self.evicted.load(Ordering::SeqCst) >= mark
    }

    fn done(&self) -> u64 {
        self.progress.done.load(Ordering::SeqCst)
    }

    /// Counts an event that the worker is through with.
    pub(super) fn count_done(&self) {
        self.progress.done.fetch_add(1, Ordering::SeqCst);
    }

    /// Says since when the worker is at an event, in nanoseconds of the bus.
    pub(super) fn set_busy_since(&self, since_ns: Option<u64>) {
        let since = since_ns.map_or(0, |since| since + 1);
        self.progress.busy_since_ns.store(since, Ordering::Relaxed);
    }

    /// Marks it stalled; true for the first to say so.
    fn stall(&self) -> bool {
        !self.stalled.swap(true, Ordering::Relaxed)
    }

    /// Whether emitters may wait again: one that blocks needs room, which every event
    /// that is done makes; one that waits for its event needs an empty queue.
    pub(super) fn has_caught_up(&self) -> bool {
        self.wait_max.is_none() || self.receiver.is_empty()
    }

    /// Asks the worker to finish what is in the queue, and what the laggards still push,
    /// and then itself, by `deadline`.
    pub(crate) fn stop(&self, deadline: Instant, laggards: Laggards) {
        self.deadline.lock().get_or_insert(deadline);
        *self.laggards.lock() = laggards;
        self.stopping.store(true, Ordering::SeqCst);
        // A full queue keeps the worker awake by itself.
        let _full = self.sender.try_send(Item::Wake);
    }

    /// Whether an emit may still push although the queue is to stop.
    pub(super) fn is_to_wait(&self, now: Instant) -> bool {
        let is_alone = self.laggards.lock().is_empty();
        !is_alone && self.deadline.lock().is_some_and(|deadline| now < deadline)
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.finished.load(Ordering::Acquire)
    }

    /// When the event began that the worker is at, in nanoseconds of the bus.
    pub(crate) fn busy_since_ns(&self) -> Option<u64> {
        self.progress.busy_since_ns.load(Ordering::Relaxed).checked_sub(1)
    }

    pub(crate) fn cell(&self) -> &Cell {
        &self.cell
    }
}

/// Settles an item that nobody will be shown.
fn leave_out(item: Item, cell: &Cell) {
    if let Item::Event { envelope, ack, claim, .. } = item {
        cell.settle(Fate::Dropped);
        if let Some(claim) = claim {
            claim.miss();
        }
        if let Some(ack) = ack {
            ack.done(false);
        }
        // The bus goes on from here: a payload that panics must not leave it half way.
        drop_contained(envelope);
    }
}

#[cfg(all(test, loom))]
pub(super) mod loom_tests {
    use loom::thread;

    use super::*;
    use crate::Bus;

    pub(in super::super) fn envelope() -> Arc<Envelope> {
        let bus = Bus::new();
        let kept = Arc::<std::sync::Mutex<Option<Arc<Envelope>>>>::default();
        let place = Arc::clone(&kept);
        let keeps = bus.observe("model", move |envelope| {
            *place.lock().unwrap() = Some(Arc::clone(envelope));
        });
        keeps.expect("a good prefix").detach();
        bus.raw_emitter("model", "m").emit("model", serde_json::json!(null)).expect("a good type");
        kept.lock().unwrap().take().expect("it was observed")
    }

    #[test]
    fn a_mark_lies_behind_what_the_worker_holds_while_another_makes_room() {
        loom::model(|| {
            let oldest = Deliver::Queued { capacity: 1, overflow: Overflow::DropOldest };
            let queue = Arc::new(Queue::for_delivery(oldest, None).expect("not inline"));
            let envelope = envelope();
            let cell = Cell::default();
            queue.push(&envelope, 0, None, &cell);
            let in_hand = queue.receiver.try_recv();
            assert!(in_hand.is_ok());
            queue.push(&envelope, 0, None, &cell);
            let pushes = {
                let queue = Arc::clone(&queue);
                thread::spawn(move || queue.push(&envelope, 0, None, &Cell::default()))
            };
            let mark = queue.mark();
            pushes.join().expect("the emitter does not panic");
            assert!(!queue.has_passed(mark), "the worker is not through with the first");
            queue.count_done();
            while queue.receiver.try_recv().is_ok() {
                queue.count_done();
            }
        });
    }
}
