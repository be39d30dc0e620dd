//! Does a bus grow while an observer does not keep up?
//!
//! `cargo bench --bench memory` in this folder emits ten million events at the bound of a
//! queue, prints what that took, and fails if it was more than the full queue.

#![expect(clippy::print_stdout, reason = "a benchmark's table is its product")]

fn main() {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let line = work::memory(if is_test { 100_000 } else { 10_000_000 });
    println!("{}", work::table(std::slice::from_ref(&line)));
    assert_eq!(line.missed, 0, "the bus grew beyond its full queue");
}
