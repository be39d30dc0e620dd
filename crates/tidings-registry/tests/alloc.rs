//! What an emit allocates, counted exactly: nothing at all when nobody listens.
//!
//! The allocator counts for each thread by itself, so that nothing else in the process
//! disturbs the count.

#![expect(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use serde::{Deserialize, Serialize};
use tidings_core::Receipt;
use tidings_derive::Event;
use tidings_registry::Bus;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // Not there any more while the thread ends.
    let _gone = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: everything is left to the allocator of the system.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's contract is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's contract is the same.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is the same.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespace = "work", crate = "tidings_core")]
enum Work {
    Step { number: u32 },
    Note { number: u32 },
}

/// Allocations of this thread per call, over many calls after a first few.
#[track_caller]
fn assert_allocations(per_call: u64, mut call: impl FnMut()) {
    const CALLS: u64 = 1_000;
    (0..10).for_each(|_| call());
    let before = ALLOCATIONS.get();
    (0..CALLS).for_each(|_| call());
    assert_eq!(ALLOCATIONS.get() - before, per_call * CALLS);
}

#[test]
fn an_event_that_nobody_hears_allocates_nothing() {
    let bus = Bus::new();
    let emitter = bus.emitter("case", "t");
    assert_allocations(0, || {
        assert_eq!(emitter.emit(Work::Step { number: 1 }), Receipt::UNHEARD);
        let built = emitter.emit_with(Work::STEP, || panic!("it was built"));
        assert_eq!(built, Receipt::UNHEARD);
    });
    let _other = bus.observe("work.note", |_| ()).expect("a good prefix");
    assert_allocations(0, || {
        assert_eq!(emitter.emit(Work::Step { number: 1 }), Receipt::UNHEARD);
    });
}

#[test]
fn an_event_that_is_heard_allocates_its_envelope_alone() {
    let bus = Bus::builder().attribute("host", "h").build();
    let _first = bus.observe("**", |_| ()).expect("a good prefix");
    let emitter = bus.emitter("case", "t").with("a", 1);
    assert_allocations(1, || {
        assert_eq!(emitter.emit(Work::Step { number: 1 }).delivered(), 1);
    });
    let _second = bus.on(|_: &Work, _| ());
    assert_allocations(1, || {
        assert_eq!(emitter.emit_with(Work::NOTE, || Work::Note { number: 1 }).delivered(), 2);
    });
}
