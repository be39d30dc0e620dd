//! A test framework on sbt's test interface: tasks from fingerprints and selectors, on threads.
//!
//! `cargo run --example sbt_runner -- sums/division '*alv*' --journal run.jsonl`; more says
//! `-- --help`. Here is who hears of it; read on in `suites` (what is tested) and `framework`.

mod framework;
mod suites;

use std::error::Error;
use std::io::{self, Write};
use std::{iter, panic, path::PathBuf, process::ExitCode, sync::Arc, thread, time::Duration};

use clap::{Parser, value_parser};
use tidings::console::{Limits, Style, SuiteLog, render_run_summary};
use tidings::testrun::{Failure, LiveSummary, Output, TestRun};
use tidings::{Bus, Envelope, Observer, ObserverError, Overflow, journal::Journal};

use crate::framework::{Runner, Task};

/// Runs tests as sbt's test interface has it.
///
/// Exit code: 0 tests passed and every handler took every event, 1 not so, 2 usage or a file.
#[rustfmt::skip] // A table: one option a line, and what it says in --help.
#[derive(Parser)]
struct Options {
    /// Suites, suites within, tests, and `*part*` of a test's name [default: all]
    selectors: Vec<String>,
    /// What suites bear to be found
    #[arg(long, value_parser = suites::FINGERPRINTS, default_values = ["@Sums", "extends Words"])] fingerprint: Vec<String>,
    /// How many tasks run at a time
    #[arg(long, default_value_t = 4, value_parser = value_parser!(u8).range(1..))] threads: u8,
    /// Write every event to this new file
    #[arg(long)] journal: Option<PathBuf>,
    /// Add a handler that is not as it should be
    #[arg(long, value_parser = ["panics", "fails", "hangs"])] faulty_handler: Vec<String>,
}

fn main() -> ExitCode {
    // What panics in a test or a handler is told by events.
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if thread::current().name() == Some("main") {
            print(panic);
        }
    }));
    run(&Options::parse()).unwrap_or_else(|fault| {
        writeln!(io::stderr(), "sbt_runner: {:#}", Failure::from_error(&*fault)).ok();
        ExitCode::from(2)
    })
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let tests = suites::discover(&options.fingerprint, &options.selectors)?;
    let bus = Bus::new();
    if let Some(path) = &options.journal {
        bus.subscribe(Journal::builder().bus(&bus).create(path)?).detach();
    }
    let summary = LiveSummary::on(&bus);
    bus.subscribe(SuiteLog::to(io::stdout(), summary.clone())).detach();
    for how in &options.faulty_handler {
        // With a queue of its own, so that nobody waits for it.
        let handler = bus.register(Faulty(how.clone())).name(how);
        handler.queued(1_000, Overflow::Block).start()?.detach();
    }

    let runner = Runner::start(&bus, "sbt_runner", summary);
    let logger = bus.emitter::<TestRun>("run", "sbt_runner");
    logger.emit(Output::log("info", format!("tests: {}", tests.len())).into());
    Task::execute_all(runner.tasks(tests)?, options.threads)?;
    let timeout = Duration::from_secs(5);
    let summary = runner.done(timeout)?;
    let text = render_run_summary(&summary, Limits::default(), usize::MAX, Style::plain());

    // Who is too late can see it.
    let late = logger.emit(Output::log("info", "too late").into());
    let again = runner.done(timeout).map_or_else(|refused| refused.to_string(), |_| "done".into());
    let report = bus.report();
    let told = format!("\n{text}\nafter done: emit: {late:?}, done: {again}\nreport: {report}\n");
    io::stdout().write_all(told.as_bytes()).ok(); // Whoever reads may have gone away.
    for handler in report.incomplete() {
        writeln!(io::stderr(), "sbt_runner: a handler did not take every event: {handler}").ok();
    }
    Ok(ExitCode::from(u8::from(!(summary.is_success() && report.complete))))
}

/// A handler that panics, fails or hangs, as its name says.
struct Faulty(String);

impl Observer for Faulty {
    fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
        match &*self.0 {
            "panics" => drop(self.0.parse::<u8>().expect("it always does")),
            "hangs" => iter::repeat_with(thread::park).for_each(drop),
            _ => {}
        }
        Err(ObserverError::failed("it always does"))
    }
}
