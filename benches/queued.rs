//! What does it cost to hand an event to an observer on a thread of its own?
//!
//! `cargo bench --bench queued` in this folder prints divan's table, with allocations, and then
//! the ratios of alternating rounds.

use divan::{AllocProfiler, Bencher};
use work::{Arm, arms, question};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

#[divan::bench(args = arms(question::queued))]
fn queued(bencher: Bencher<'_, '_>, arm: &Arm) {
    arm.bench(bencher);
}

fn main() {
    divan::main();
    work::print(question::queued);
}
