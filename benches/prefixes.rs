//! Does an `emit` cost more among many prefixes, and what does it cost when they change?
//!
//! `cargo bench --bench prefixes` in this folder prints divan's table, with allocations, and then
//! the ratios of alternating rounds.

use divan::{AllocProfiler, Bencher};
use work::{Arm, arms, question};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

#[divan::bench(args = arms(question::prefixes))]
fn prefixes(bencher: Bencher<'_, '_>, arm: &Arm) {
    arm.bench(bencher);
}

fn main() {
    divan::main();
    work::print(question::prefixes);
}
