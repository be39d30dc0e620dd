//! An adapter for a test harness that exists: libtest-mimic, whose trials emit through the bus.
//!
//! `cargo run --example mimic` — the harness prints and takes arguments as `cargo test` does;
//! `-- --include-ignored` adds a trial that fails. `MIMIC_OUT=folder` also leaves a journal and
//! a JUnit file there.

use std::error::Error;
use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use tidings::journal::Journal;
use tidings::junit::Junit;
use tidings::testrun::{
    CaseEmitter, CaseSkipped, Failure, LiveSummary, RunEmitter, RunFinished, Status, SuiteEmitter,
    SuiteFinished,
};
use tidings::{Bus, Entity, EventType, Prefix};

/// What a test of ours is.
type Test = fn(&CaseEmitter) -> Result<(), Box<dyn Error>>;

const TESTS: &[(&str, Test)] = &[
    ("entities_read_back", |case| {
        let entity = Entity::new("run", "nightly").child("case", "a/b \u{fc}");
        case.stdout(format!("{}\n", entity.canonical_json()));
        assert_eq!(Entity::from_json(entity.canonical_json())?, entity);
        Ok(())
    }),
    ("prefixes_match_whole_words", |_| {
        assert!(!Prefix::parse("case")?.matches(&"cases.started".parse()?));
        Ok(())
    }),
    ("types_have_no_empty_words", |_| {
        assert!("case..started".parse::<EventType>().is_err());
        Ok(())
    }),
    ("numbers_are_positive", |_| {
        assert_eq!("-1".parse::<u8>()?, 1);
        Ok(())
    }),
];

/// The one that is known to fail: it only runs when it is asked for.
const IGNORED: &[&str] = &["numbers_are_positive"];

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments = Arguments::from_args();
    let bus = Bus::builder().run("mimic").node("here").build();
    let summary = LiveSummary::on(&bus);
    if let Some(folder) = std::env::var_os("MIMIC_OUT").map(std::path::PathBuf::from) {
        bus.subscribe(Journal::builder().bus(&bus).create(folder.join("mimic.jsonl"))?).detach();
        bus.subscribe(Junit::to(folder.join("mimic.xml"))).detach();
    }
    let run = RunEmitter::start(&bus, "mimic");
    let suite = Arc::new(run.suite("tidings"));
    let trials = TESTS.iter().map(|(name, test)| trial(&suite, name, *test)).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    for name in IGNORED.iter().filter(|_| conclusion.num_ignored > 0) {
        suite.case(name).skipped(CaseSkipped::ignored("it is known to fail"));
    }
    let status = if conclusion.has_failed() { Status::Failure } else { Status::Success };
    if let Some(suite) = Arc::into_inner(suite) {
        suite.finish(SuiteFinished::new(status));
    }
    run.finish(RunFinished::new(status));
    let counts = summary.with(tidings::testrun::RunSummary::counts);
    let report = bus.close(Duration::from_secs(5))?;
    writeln!(
        io::stdout(),
        "tidings: {} passed, {} failed, {} skipped; {report}",
        counts.passed(),
        counts.failed(),
        counts.skipped(),
    )?;
    Ok(conclusion.exit_code())
}

/// A trial whose begin, output and end are events. A panic is a failure of the case and goes on
/// to the harness, which knows panics, too.
fn trial(suite: &Arc<SuiteEmitter>, name: &'static str, test: Test) -> Trial {
    let suite = Arc::clone(suite);
    let work = move || {
        let case = suite.case(name);
        match catch_unwind(AssertUnwindSafe(|| test(&case))) {
            Ok(Ok(())) => drop(case.success()),
            Ok(Err(error)) => {
                case.failure(Failure::from_error(&*error));
                return Err(Failed::from(error));
            }
            Err(panic) => {
                case.failure(Failure::from_panic(&*panic));
                resume_unwind(panic);
            }
        }
        Ok(())
    };
    Trial::test(name, work).with_ignored_flag(IGNORED.contains(&name))
}
