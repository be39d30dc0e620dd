//! What 20,000 cases cost, counted by the allocator: views' needs, not every event.

#![expect(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use tidings_core::Entity;
use tidings_registry::Bus;
use tidings_testrun::{
    CaseFinished, CaseStarted, FAILURE_BYTES_TOTAL_MAX, Failure, LiveSummary,
    OUTPUT_BYTES_TOTAL_MAX, Output, OutputStream, Status, TestRun,
};

struct Counting;

thread_local! {
    static LIVE: Cell<i64> = const { Cell::new(0) };
}

fn count(bytes: usize, sign: i64) {
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    // Not there any more while the thread ends.
    let _gone = LIVE.try_with(|live| live.set(live.get() + sign * bytes));
}

// SAFETY: everything is left to the allocator of the system.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 1);
        // SAFETY: the caller's contract is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(layout.size(), -1);
        // SAFETY: the caller's contract is the same.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A case that fails when there is no room left.
fn fail_last(bus: &Bus, live: &LiveSummary) {
    let emitter = bus.emitter_for::<TestRun>(Entity::new("case", "fails"));
    emitter.emit(CaseStarted::new().into());
    emitter.emit(Output::stdout("why it failed").into());
    emitter.emit(CaseFinished::new(Status::Failure).into());
    let summary = live.snapshot();
    let cases = summary.cases();
    let case = cases.iter().find(|case| case.name == "fails").expect("seen");
    assert_eq!(case.notes.text_of(OutputStream::Stdout), "why it failed");
}

/// How many bytes a summary of `cases` cases holds that each write `lines` lines.
fn bytes_held(cases: usize, lines: usize) -> i64 {
    let bus = Bus::new();
    let before = LIVE.get();
    let live = LiveSummary::on(&bus);
    let text = format!("{}\n", "x".repeat(99));
    for number in 0..cases {
        let suite = Entity::new("suite", &format!("suite_{}", number % 100));
        let emitter = bus.emitter_for::<TestRun>(suite.child("case", &format!("case_{number}")));
        emitter.emit(CaseStarted::new().into());
        for _line in 0..lines {
            emitter.emit(Output::stdout(text.clone()).into());
        }
        emitter.emit(CaseFinished::new(Status::Success).into());
    }
    let held = LIVE.get() - before;
    assert_eq!(live.with(|summary| summary.counts().passed()), cases as u64);
    fail_last(&bus, &live);
    held
}

#[test]
fn twenty_thousand_silent_cases_take_about_a_kilobyte_each() {
    let held = bytes_held(20_000, 0);
    assert!(held < 20_000 * 1_400, "{held} bytes are held");
}

#[test]
fn failures_without_end_stay_within_the_budget() {
    let bus = Bus::new();
    let before = LIVE.get();
    let live = LiveSummary::on(&bus);
    let failure = Failure::assertion("no").with_details("d".repeat(20_000));
    for number in 0..10_000 {
        let emitter = bus.emitter_for::<TestRun>(Entity::new("case", &format!("case_{number}")));
        emitter.emit(CaseFinished::failed(failure.clone()).into());
    }
    let held = LIVE.get() - before;
    let budget = i64::try_from(FAILURE_BYTES_TOTAL_MAX).expect("small");
    assert!(held < budget + 10_000 * 2_500, "{held} bytes are held");
    assert_eq!(live.with(|summary| summary.counts().failed()), 10_000);
}

#[test]
fn cases_that_write_without_end_stay_within_the_budget() {
    let held = bytes_held(20_000, 100);
    let budget = i64::try_from(OUTPUT_BYTES_TOTAL_MAX).expect("small");
    assert!(held < 2 * budget + 20_000 * 1_400, "{held} bytes are held");
}
