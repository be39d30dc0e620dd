//! A contestant as divan sees it.

use std::fmt;

use divan::Bencher;
use divan::counter::ItemsCount;

use crate::measure::{Effort, measure};
use crate::row::Row;
use crate::table::{Line, table};

/// Calls of one iteration, where a row does not say.
const CALLS: u32 = 1_000;

/// One contestant of one row.
pub struct Arm {
    name: String,
    rows: fn() -> Vec<Row>,
    row: usize,
    contestant: usize,
}

/// All contestants of a question.
pub fn arms(rows: fn() -> Vec<Row>) -> Vec<Arm> {
    let of_row = |(place, row): (usize, Row)| {
        let contestants = row.contestants.into_iter().enumerate();
        let arm = contestants.map(|(contestant, other)| {
            let name = format!("{}: {}", row.work, other.name);
            Arm { name, rows, row: place, contestant }
        });
        arm.collect::<Vec<_>>()
    };
    rows().into_iter().enumerate().flat_map(of_row).collect()
}

impl Arm {
    /// Measures an iteration of many calls.
    pub fn bench(&self, bencher: Bencher<'_, '_>) {
        let mut row = (self.rows)().swap_remove(self.row);
        let calls = row.calls.unwrap_or(CALLS);
        let mut contestant = row.contestants.swap_remove(self.contestant);
        bencher.counter(ItemsCount::new(calls)).bench_local(|| (contestant.run)(calls));
    }
}

impl fmt::Display for Arm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for Arm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Prints the ratios of a question, as the report has them.
#[expect(clippy::print_stdout, reason = "a benchmark's table is its product")]
pub fn print(rows: fn() -> Vec<Row>) {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let effort = if is_test { Effort::Test } else { Effort::Full };
    let line = |mut row: Row| {
        let measured = measure(&mut row, effort);
        Line::of(&row, &measured)
    };
    println!("\n{}", table(&rows().into_iter().map(line).collect::<Vec<_>>()));
}
