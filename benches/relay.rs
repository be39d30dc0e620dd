//! What does it cost to bring events to a broker, beside a bare loop of its client?
//!
//! `cargo bench --bench relay` in this folder prints divan's table, with allocations, and then
//! the ratios of alternating rounds. It needs `nats-server`, which
//! `crates/tidings-nats/tests/servers.sh` obtains.

use divan::{AllocProfiler, Bencher};
use work::{Arm, arms, question};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

#[divan::bench(args = arms(question::relay))]
fn relay(bencher: Bencher<'_, '_>, arm: &Arm) {
    arm.bench(bencher);
}

fn main() {
    divan::main();
    work::print(question::relay);
}
