//! Waiting for observers: for room in their queues, and for the end.
//!
//! What counts as moving is an event that got through, was refused or was set aside. One
//! that went to a spool or was dropped does not: that is what a place that is down makes
//! happen.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Builder};
use std::time::{Duration, Instant};

use tidings_registry::{Bus, Counts, ObserverReport};

use super::window::Turn;
use crate::interrupt::Interrupt;
use crate::output::{Screen, grouped};

/// How long observers may be behind before they are asked to send what they hold back.
const FLUSH_AFTER: Duration = Duration::from_millis(5);
/// How long that may take. Whoever waits for it gives up much earlier; a flush that misses
/// its deadline would be counted against an observer that may yet deliver everything.
const FLUSH_MAX: Duration = Duration::from_hours(24 * 365);
/// The longest time between two looks.
const LOOK_EVERY_MAX: Duration = Duration::from_millis(2);

/// How long observers may take nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// While events are read.
    pub(crate) stall: Duration,
    /// When all are read; also the most that is waited in all after an interruption.
    pub(crate) end: Duration,
}

/// Waits for the observers of a bus.
#[derive(Debug)]
pub(super) struct Room {
    bus: Bus,
    screen: Screen,
    patience: Patience,
    interrupt: Interrupt,
    /// By observer, what it had accepted before the stretch that is under way.
    marks: BTreeMap<String, u64>,
    /// Observers nobody waits for, and how many events they had moved by then.
    given_up: BTreeMap<String, u64>,
    is_flushing: Arc<AtomicBool>,
}

/// An observer that is to be waited for.
#[derive(Debug)]
struct Behind {
    name: String,
    moved: u64,
    waiting: u64,
}

impl Room {
    pub(super) fn new(
        bus: &Bus,
        patience: Patience,
        screen: &Screen,
        interrupt: &Interrupt,
    ) -> Self {
        Self {
            bus: bus.clone(),
            screen: screen.clone(),
            patience,
            interrupt: interrupt.clone(),
            marks: BTreeMap::new(),
            given_up: BTreeMap::new(),
            is_flushing: Arc::new(AtomicBool::new(false)),
        }
    }

    /// Waits as the turn of a stretch asks for. An observer that moves nothing for too long
    /// is told about, and not waited for until it moves again.
    pub(super) fn wait(&mut self, turn: Turn) {
        if turn == Turn::None {
            return;
        }
        let marks = self.accepted();
        let earlier = std::mem::take(&mut self.marks);
        let may_wait = |observer: &ObserverReport| match turn {
            Turn::Everything => 0,
            Turn::Earlier | Turn::None => {
                let before = earlier.get(&observer.name).copied().unwrap_or(0);
                let now = marks.get(&observer.name).copied().unwrap_or(0);
                now.saturating_sub(before)
            }
        };
        let behind =
            |observer: &ObserverReport| observer.counts.pending.saturating_sub(may_wait(observer));
        let stall = self.patience.stall;
        let left = self.wait_while(behind, stall);
        self.marks = marks;
        if self.is_over() {
            return;
        }
        for observer in left {
            self.screen.say(&format!(
                "warning: `{}` has taken nothing for {:.1} s and {} events wait for it: \
                 reading goes on without waiting, and its queue overflows as configured",
                observer.name,
                stall.as_secs_f64(),
                grouped(observer.waiting),
            ));
            self.given_up.insert(observer.name, observer.moved);
        }
    }

    /// Waits until everybody is finished, spools included, or nobody has moved for too long;
    /// says whether they are finished.
    pub(super) fn wait_for_all(&mut self) -> bool {
        let behind = |observer: &ObserverReport| observer.counts.pending + observer.counts.spooled;
        self.wait_while(behind, self.patience.end).is_empty()
    }

    /// Whether it is too long ago that somebody wanted this to end.
    fn is_over(&self) -> bool {
        self.interrupt.since().is_some_and(|since| since >= self.patience.end)
    }

    /// Waits while somebody is behind; answers who did not move for `patience`, or everybody
    /// who is behind when nobody is to be waited for any more.
    fn wait_while(
        &mut self,
        behind: impl Fn(&ObserverReport) -> u64,
        patience: Duration,
    ) -> Vec<Behind> {
        let begin = Instant::now();
        let mut last_move = begin;
        let mut left = self.behind(&behind);
        let mut pause = Duration::from_micros(100);
        while !left.is_empty() {
            if last_move.elapsed() >= patience || self.is_over() {
                return left;
            }
            if begin.elapsed() >= FLUSH_AFTER {
                self.flush();
            }
            thread::park_timeout(pause.min(patience));
            pause = (pause * 2).min(LOOK_EVERY_MAX);
            let now = self.behind(&behind);
            if has_moved(&left, &now) {
                last_move = Instant::now();
            }
            left = now;
        }
        left
    }

    fn behind(&mut self, behind: impl Fn(&ObserverReport) -> u64) -> Vec<Behind> {
        let mut left = Vec::new();
        for observer in self.bus.report().observers {
            let (waiting, moved) = (behind(&observer), moved(&observer.counts));
            if self.given_up.get(&observer.name).is_some_and(|then| *then < moved) {
                self.given_up.remove(&observer.name);
            }
            if waiting > 0 && !self.given_up.contains_key(&observer.name) {
                left.push(Behind { name: observer.name, moved, waiting });
            }
        }
        left
    }

    fn accepted(&self) -> BTreeMap<String, u64> {
        let report = self.bus.report();
        let accepted = |observer: ObserverReport| (observer.name, observer.counts.accepted);
        report.observers.into_iter().map(accepted).collect()
    }

    /// Asks observers to send what they hold back for a fuller batch or a later time, on a
    /// thread of its own, one such request at a time.
    fn flush(&self) {
        if self.is_flushing.swap(true, Ordering::AcqRel) {
            return;
        }
        let (bus, is_flushing) = (self.bus.clone(), Arc::clone(&self.is_flushing));
        let flush = move || {
            // Who is not finished is seen in the report.
            let _unfinished = bus.barrier(FLUSH_MAX);
            is_flushing.store(false, Ordering::Release);
        };
        // Without a thread it only takes longer: until a batch is due by itself.
        let _no_thread = Builder::new().name("tidings flush".to_owned()).spawn(flush);
    }
}

/// Whether any of those who were behind is not any more, or is less so.
fn has_moved(before: &[Behind], now: &[Behind]) -> bool {
    let has_moved = |observer: &Behind| {
        before.iter().any(|old| old.name == observer.name && old.moved < observer.moved)
    };
    now.len() < before.len() || now.iter().any(has_moved)
}

/// How many events of an observer got anywhere for good.
fn moved(counts: &Counts) -> u64 {
    counts.delivered + counts.failed + counts.rejected + counts.suppressed
}
