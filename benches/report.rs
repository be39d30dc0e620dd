//! All questions in one process and one table, `RESULTS.md` beside this file.
//!
//! `cargo bench --bench report` in this folder, or `cargo bench-report` at the root. It takes
//! less than ten minutes on two cores; `-- --test` runs everything once and writes nothing.
//! `-- --only WORD` prints the rows whose work has that word. For a profiler,
//! `-- --ours QUESTION ROW CALLS` runs the first way of ours in a row (from 0) so often and
//! nothing else; it does so in `profiled`, where `callgrind --toggle-collect=*profiled*` begins.

#![expect(clippy::print_stdout, reason = "a benchmark's table is its product")]

use std::fs;
use std::time::Instant;

use work::allocations::Counting;
use work::{Contestant, Effort, Line, Machine, Role, Row, Spent, measure, question, table};

#[global_allocator]
static ALLOCATIONS: Counting = Counting::new();

/// A question's name and rows.
type Question = (&'static str, fn() -> Vec<Row>);

const QUESTIONS: [Question; 12] = [
    ("silence", question::silence),
    ("heard", question::heard),
    ("threads", question::threads),
    ("prefixes", question::prefixes),
    ("identity", question::identity),
    ("decode", question::decode),
    ("assertion", question::assertion),
    ("queued", question::queued),
    ("journal", question::journal),
    ("delivery", question::delivery),
    ("relay", question::relay),
    ("state", question::state),
];

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/RESULTS.md");

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let is_test = arguments.iter().any(|argument| argument == "--test");
    let effort = if is_test { Effort::Test } else { Effort::Full };
    let only = arguments.iter().skip_while(|argument| *argument != "--only").nth(1);
    if let Some(place) = arguments.iter().position(|argument| argument == "--ours") {
        return run_ours(&arguments[place + 1..]);
    }
    let begin = Instant::now();
    let mut lines = Vec::new();
    // First: what others leave behind would be counted as memory of the bus.
    let memory = work::memory(if is_test { 100_000 } else { 10_000_000 });
    for (_, rows) in QUESTIONS {
        for mut row in rows() {
            if only.is_some_and(|word| !row.work.contains(word.as_str())) {
                continue;
            }
            let measured = measure(&mut row, effort);
            let line = Line::of(&row, &measured);
            println!("{}: {} {}", line.work, line.ratio, line.verdict);
            lines.push(line);
        }
    }
    lines.push(memory);
    let text = report(&lines, begin);
    println!("\n{text}");
    if !is_test && only.is_none() {
        fs::write(PATH, text).expect("the folder of the benches can be written to");
    }
}

fn run_ours(arguments: &[String]) {
    let [question, row, calls, ..] = arguments else {
        return println!("say a question, the number of a row, and how many calls");
    };
    let (row, calls) = (row.parse().unwrap_or(0), calls.parse().unwrap_or(1));
    let rows = QUESTIONS.iter().filter(|(name, _)| name == question);
    for row in rows.filter_map(|(_, rows)| rows().into_iter().nth(row)) {
        let mut contestants = row.contestants.into_iter();
        if let Some(mut ours) = contestants.find(|other| other.role == Role::Ours) {
            // What the first call prepares is left out.
            (ours.run)(1);
            println!("{}: {:?}", row.work, profiled(&mut ours, calls).wall);
        }
    }
}

#[inline(never)]
fn profiled(ours: &mut Contestant, calls: u32) -> Spent {
    (ours.run)(calls)
}

fn report(lines: &[Line], begin: Instant) -> String {
    let missed: usize = lines.iter().map(|line| line.missed).sum();
    format!(
        "# Results\n\n\
         Made by `cargo bench-report` in {} s; written by no hand. Floor, peers and ours run in \
         one process in alternating rounds; times are medians of one call, a ratio is the median \
         of the rounds' ratios. Allocations are those of one call, on all threads.\n\n\
         Machine: {}.\n\n{}\nAims missed: {missed}.\n",
        begin.elapsed().as_secs(),
        Machine::here(),
        table(lines),
    )
}
