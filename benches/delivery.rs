//! What does delivery cost beside a bare loop that sends the same bytes?
//!
//! `cargo bench --bench delivery` in this folder prints divan's table, with allocations, and then
//! the ratios of alternating rounds.

use divan::{AllocProfiler, Bencher};
use work::{Arm, arms, question};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

#[divan::bench(args = arms(question::delivery))]
fn delivery(bencher: Bencher<'_, '_>, arm: &Arm) {
    arm.bench(bencher);
}

fn main() {
    divan::main();
    work::print(question::delivery);
}
