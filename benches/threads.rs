//! Do two threads emit twice as much as one?
//!
//! `cargo bench --bench threads` in this folder prints divan's table, with allocations, and then
//! the ratios of alternating rounds.

use divan::{AllocProfiler, Bencher};
use work::{Arm, arms, question};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

#[divan::bench(args = arms(question::threads))]
fn threads(bencher: Bencher<'_, '_>, arm: &Arm) {
    arm.bench(bencher);
}

fn main() {
    divan::main();
    work::print(question::threads);
}
