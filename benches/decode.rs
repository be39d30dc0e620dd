//! What does it cost to get a typed event back from a line of a journal?
//!
//! `cargo bench --bench decode` in this folder prints divan's table, with allocations, and then
//! the ratios of alternating rounds.

use divan::{AllocProfiler, Bencher};
use work::{Arm, arms, question};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

#[divan::bench(args = arms(question::decode))]
fn decode(bencher: Bencher<'_, '_>, arm: &Arm) {
    arm.bench(bencher);
}

fn main() {
    divan::main();
    work::print(question::decode);
}
