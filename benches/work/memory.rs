//! Does a bus grow while an observer does not keep up?
//!
//! The observer stands still; its queue is full after as many events as it holds, and what
//! comes from there on pushes the oldest out.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tidings::{Bus, Emitter, Envelope, Interest, Observer, ObserverError, Overflow};

use crate::bus::Bench;
use crate::processor::resident_kib;
use crate::table::Line;

type Gate = Arc<(Mutex<bool>, Condvar)>;

const CAPACITY: u64 = 10_000;
/// What the allocator and the system may do for themselves.
const GROWTH_KIB_MAX: u64 = 1_024;

/// Emits `events` at the bound of a queue and says how much memory that takes.
///
/// # Panics
///
/// When no thread can be had.
pub fn line(events: u64) -> Line {
    let gate: Gate = Arc::default();
    let bus = Bus::new();
    let capacity = usize::try_from(CAPACITY).expect("it is small");
    let queued =
        bus.register(Stands(Arc::clone(&gate))).queued(capacity, Overflow::DropOldest).start();
    queued.expect("a thread can be had").detach();
    let emitter: Emitter<Bench> = bus.emitter("bench", "b1");
    let emit = |count: u64| {
        for number in 0..count {
            emitter.emit(Bench::Tick { number });
        }
        resident_kib()
    };
    let before = emit(1);
    let full = emit(2 * CAPACITY);
    let after = emit(events);
    *gate.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
    gate.1.notify_all();
    told(events, full.saturating_sub(before), after.saturating_sub(full))
}

fn told(events: u64, full_kib: u64, growth_kib: u64) -> Line {
    let is_held = growth_kib <= GROWTH_KIB_MAX;
    Line {
        work: format!("memory of a bus, {events} events at the bound of a queue of {CAPACITY}"),
        floor: format!("the full queue: {full_kib} KiB"),
        ours: format!("beyond it: {growth_kib} KiB"),
        ratio: format!("{growth_kib} KiB"),
        aim: format!("≤ {GROWTH_KIB_MAX} KiB"),
        verdict: if is_held { "held" } else { "**missed**" }.to_owned(),
        missed: usize::from(!is_held),
        ..Line::default()
    }
}

/// Hears nothing more until the gate opens.
struct Stands(Gate);

impl Observer for Stands {
    fn interest(&self) -> Interest {
        Interest::parse(["bench"]).expect("a good prefix")
    }

    fn on_event(&self, _envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        let open = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.0.1.wait_while(open, |open| !*open));
        Ok(())
    }
}
