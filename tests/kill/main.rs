//! Kill test: what a flush has confirmed survives `kill -9`, two hundred times in a row.
//!
//! This binary runs itself as the child: it emits from two threads to a sink with a spool,
//! and says on a pipe what it means to emit and what is flushed. The parent is the server,
//! which fails in many ways meanwhile, and kills the child at points that chance picks. Each
//! child finds the spool that the one before left behind. In the end one child may finish,
//! and what arrived is compared with what was said.

mod child;
mod ledger;
mod parent;
mod weather;

use child::Order;
use parent::Parent;

/// How many children are killed.
const KILLS: usize = 200;
/// Repeats the choices of a run that failed, as far as threads allow it.
const SEED_VARIABLE: &str = "TIDINGS_KILL_SEED";

#[test]
fn two_hundred_kills_lose_nothing_that_was_flushed_and_keep_the_order_of_each_lane() {
    if let Some(order) = Order::received() {
        return order.carry_out();
    }
    let chosen = std::env::var(SEED_VARIABLE).ok().and_then(|seed| seed.parse().ok());
    let seed = chosen.unwrap_or_else(|| fastrand::u64(..));
    // Shown when the test fails.
    println!("{SEED_VARIABLE}={seed}");
    let mut parent = Parent::new(
        "two_hundred_kills_lose_nothing_that_was_flushed_and_keep_the_order_of_each_lane",
        seed,
    );
    while parent.kills() < KILLS {
        parent.start_and_kill();
    }
    parent.start_and_let_finish();
    println!("{}", parent.check());
}
