//! The sbt example as a real process, and its runner alone: what was asked for runs and is told,
//! nothing is lost before `done`, and nothing is taken after it.

#[path = "support/example.rs"]
mod example;
#[path = "../examples/sbt_runner/framework.rs"]
mod framework;
#[path = "support/recorded.rs"]
mod recorded;
#[path = "../examples/sbt_runner/suites.rs"]
mod suites;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tidings::assert::{Recorder, assert_events};
use tidings::console::SuiteLog;
use tidings::journal::{Journal, Reader, verify};
use tidings::testrun::{
    CaseFinished, CaseSkipped, CaseStarted, Cause, Failure, FailureKind, LiveSummary,
    Output as Logged, RunEnded, RunFinished, RunPlanned, Selector, Status, SuiteFinished,
    SuiteStarted, TestRun,
};
use tidings::{
    Bus, Emitter, Envelope, Interest, Observer, ObserverError, Overflow, Prefix, Receipt,
};

use crate::example::example;
use crate::framework::{Runner, Task};
use crate::recorded::replay_whole;
use crate::suites::{Outcome, Test};

const THREADS: u64 = 4;
const EVENTS: u64 = 100_000;
const BROKEN: &str = "--fingerprint=@Broken";

/// What a run said, and what its journal says.
struct Told {
    stdout: String,
    stderr: String,
    recorder: Recorder,
}

impl Told {
    /// The full names of the cases with this status, sorted, and whether each had a duration.
    fn timed_cases(&self, wanted: Status) -> Vec<(String, bool)> {
        let ended = |envelope: &Arc<Envelope>| {
            let event = envelope.event::<TestRun>().expect("readable")?;
            let (status, duration) = match &*event {
                TestRun::CaseFinished(finished) => (finished.status, finished.duration),
                TestRun::CaseSkipped(skipped) => (skipped.status, skipped.duration),
                _ => return None,
            };
            let names = envelope.entity().pairs().skip(1).map(|(_, id)| id);
            let name = names.collect::<Vec<_>>().join("/");
            (status == wanted).then_some((name, duration.is_some()))
        };
        let mut cases: Vec<_> = self.recorder.envelopes().iter().filter_map(ended).collect();
        cases.sort();
        cases
    }

    fn cases(&self, wanted: Status) -> Vec<String> {
        self.timed_cases(wanted).into_iter().map(|(name, _)| name).collect()
    }

    /// The one failure of the case with this name.
    #[track_caller]
    fn failure(&self, name: &str) -> Failure {
        let envelopes = self.recorder.envelopes();
        let mut found = envelopes.iter().filter(|envelope| envelope.entity().id() == name);
        let failure = found.find_map(|envelope| {
            let finished = envelope.event::<CaseFinished>().expect("readable")?;
            finished.failure.clone()
        });
        *failure.expect("the case has failed")
    }
}

fn run(options: &[&str]) -> Output {
    example("sbt_runner").args(options).output().expect("the example starts")
}

/// Runs with a journal, and reads it back.
#[track_caller]
fn run_recorded(options: &[&str], code: i32) -> Told {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("run.jsonl");
    let journal = format!("--journal={}", path.display());
    let output = run(&[options, &[&journal]].concat());
    assert_exit(&output, code);
    let bus = Bus::new();
    let recorder = Recorder::on(&bus);
    replay_whole(&path, &bus);
    Told { stdout: text(&output.stdout), stderr: text(&output.stderr), recorder }
}

#[track_caller]
fn assert_exit(output: &Output, code: i32) {
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "stdout: {stdout}\nstderr: {stderr}");
    assert!(!stderr.contains("panicked at"), "{stderr}");
    assert!(!stdout.contains('\u{1b}'), "the log has no colours: {stdout}");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the output is UTF-8")
}

// ---- what runs, and what is told ----

#[test]
fn all_suites_run_and_every_event_is_in_the_journal() {
    let told = run_recorded(&[], 0);
    assert_events!(
        told.recorder,
        count: { SuiteStarted { .. } => 5 },
        count: { SuiteFinished { status: Status::Success, synthetic: false, .. } => 5 },
        count: { CaseStarted { .. } => 7 },
        count: { CaseFinished { status: Status::Success, failure: None, .. } => 5 },
        count: { CaseSkipped { .. } => 2 },
        count: { RunFinished { status: Status::Success, .. } => 1 },
        starts_before_finish,
    );
    assert_eq!(told.cases(Status::Pending), ["sums/takes roots"]);
    assert_eq!(told.cases(Status::Ignored), ["sums/division/negative/rounds down"]);
    let summary = "\nthe run ended: success\n7 total: 5 passed, 2 skipped · ";
    assert!(told.stdout.contains(summary), "{}", told.stdout);
    assert!(told.stdout.starts_with("[info] tests: 7\n"), "{}", told.stdout);
    assert!(told.stdout.contains("\n[info] words/shouting\n[info] - shouts: success, "));
    assert_eq!(told.stderr, "");
}

#[test]
fn suites_and_cases_bear_the_fingerprint_that_they_were_found_by() {
    let told = run_recorded(&[], 0);
    let mut found = BTreeSet::new();
    for envelope in told.recorder.envelopes() {
        let suite = envelope.entity().pairs().nth(1).map_or("", |(_, id)| id).to_owned();
        let event = envelope.event::<TestRun>().expect("readable");
        let fingerprint = match event.as_deref() {
            Some(TestRun::SuiteStarted(started)) => started.fingerprint.clone(),
            Some(TestRun::CaseStarted(started)) => started.fingerprint.clone(),
            _ => continue,
        };
        found.insert((suite, fingerprint.expect("given")));
    }
    let expected = [("sums", "@Sums"), ("words", "extends Words")];
    assert_eq!(found, expected.map(|(suite, mark)| (suite.into(), mark.into())).into());

    let told = run_recorded(&["--fingerprint=extends Words"], 0);
    assert_eq!(told.cases(Status::Success), ["words/counts", "words/shouting/shouts"]);
}

#[test]
fn every_fingerprint_finds_tests_and_a_selector_only_among_those() {
    for mark in suites::FINGERPRINTS {
        let found = suites::discover(&[mark.to_owned()], &[]).expect("no selector is unknown");
        assert!(!found.is_empty() && found.iter().all(|test| test.0 == mark), "{mark}");
    }
    let unknown = suites::discover(&["@Sums".into()], &["words".into()]);
    assert_eq!(unknown.expect_err("words are no sums").suites(), ["sums"]);
}

#[test]
fn a_wildcard_runs_and_plans_the_tests_whose_names_contain_it() {
    let told = run_recorded(&["*alv*"], 0);
    let halves = ["sums/division/halves", "sums/division/negative/halves"];
    assert_eq!(told.cases(Status::Success), halves);
    let plans: Vec<RunPlanned> = told.recorder.events();
    let [plan] = &plans[..] else { panic!("one plan, got {plans:?}") };
    let (outer, inner) = (["sums", "division"], ["sums", "division", "negative"]);
    let expected = [Selector::nested_test(outer, "halves"), Selector::nested_test(inner, "halves")];
    assert_eq!(plan.selectors, expected);

    // It is a part of a test's name, not of a suite's, and no pattern.
    let told = run_recorded(&["*add*", "*oun*"], 0);
    assert_eq!(told.cases(Status::Success), ["sums/adds", "words/counts"]);
    assert_eq!(told.cases(Status::Ignored), ["sums/division/negative/rounds down"]);
}

#[test]
fn a_selector_is_a_suite_a_suite_within_or_a_test() {
    let chosen: [(&[&str], &[&str]); 6] = [
        (&["words"], &["words/counts", "words/shouting/shouts"]),
        (&["words/shouting"], &["words/shouting/shouts"]),
        (&["sums/adds"], &["sums/adds"]),
        // A test of a suite is that test however deep; with its place, it is that one.
        (&["sums/halves"], &["sums/division/halves", "sums/division/negative/halves"]),
        (&["sums/division/halves"], &["sums/division/halves"]),
        (&["words/shouting", "*add*"], &["sums/adds", "words/shouting/shouts"]),
    ];
    for (options, cases) in chosen {
        assert_eq!(run_recorded(options, 0).cases(Status::Success), cases, "{options:?}");
    }
}

#[test]
fn every_way_to_end_is_told_and_counted() {
    let told = run_recorded(&[BROKEN, "--fingerprint=@Sums"], 1);
    let timed = |names: &[&str], is_timed: bool| -> Vec<(String, bool)> {
        names.iter().map(|name| ((*name).to_owned(), is_timed)).collect()
    };
    let sums = ["sums/adds", "sums/division/halves", "sums/division/negative/halves"];
    let errors = ["broken/division/divides by zero", "broken/opens", "broken/opens too"];
    // What was not run took no time: none, and not 0 or −1.
    for (status, cases) in [
        (Status::Success, timed(&sums, true)),
        (Status::Failure, timed(&["broken/adds wrongly"], true)),
        (Status::Error, timed(&errors, true)),
        (Status::Skipped, timed(&["broken/takes long"], false)),
        (Status::Ignored, timed(&["sums/division/negative/rounds down"], false)),
        (Status::Pending, timed(&["sums/takes roots"], false)),
        (Status::Canceled, timed(&["broken/needs a screen"], false)),
    ] {
        assert_eq!(told.timed_cases(status), cases, "{status}");
    }
    // What fails within fails the suite around it, too, and no other.
    assert_events!(
        told.recorder,
        count: { SuiteFinished { status: Status::Failure, .. } => 2 },
        count: { SuiteFinished { status: Status::Success, .. } => 3 },
        count: { RunFinished { status: Status::Failure, .. } => 1 },
    );
    let summary = "\nthe run ended: failure\n11 total: 3 passed, 4 failed, 4 skipped · ";
    assert!(told.stdout.contains(summary), "{}", told.stdout);
    assert!(told.stdout.contains("\n[error] - opens: error, "), "{}", told.stdout);
    assert!(told.stdout.contains("\n[info] - takes roots: pending\n"), "{}", told.stdout);
    assert!(told.stdout.contains("\n    panic: attempt to divide by zero\n"), "{}", told.stdout);
    assert_eq!(told.stderr, "");
}

#[test]
fn a_throwable_is_its_text_equal_by_value_in_a_journal_too() {
    let told = run_recorded(&[BROKEN], 1);
    let missing = fs::read("none").expect_err("there is no such file").to_string();
    let expected = Failure::new(FailureKind::Error, "failed to open the journal `none`")
        .with_cause(Cause::new(&missing));
    assert_eq!(told.failure("opens"), expected);
    assert_eq!(told.failure("opens too"), expected);
    assert_eq!(run_recorded(&[BROKEN], 1).failure("opens"), expected);
    assert!(told.stdout.contains(&format!("\n    caused by: {missing}\n")), "{}", told.stdout);
    let wrong = told.failure("adds wrongly");
    assert_eq!(wrong.kind, FailureKind::Assertion);
    assert_eq!((wrong.expected.as_deref(), wrong.actual.as_deref()), (Some("4"), Some("3")));
    let panic = Failure::new(FailureKind::Error, "attempt to divide by zero").with_class("panic");
    assert_eq!(told.failure("divides by zero"), panic);
    assert_ne!(told.failure("divides by zero"), expected);
}

// ---- handlers that are not as they should be ----

#[test]
fn a_faulty_handler_harms_neither_the_run_nor_the_others() {
    for (options, names) in [
        (&["--faulty-handler=panics"][..], &["panics"][..]),
        (&["--faulty-handler=fails"], &["fails"]),
        (&["--faulty-handler=hangs", "--faulty-handler=panics"], &["hangs", "panics"]),
    ] {
        let output = run(options);
        assert_exit(&output, 1);
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert!(stdout.contains("\nthe run ended: success\n7 total: 5 passed, 2 skipped · "));
        for whole in ["LiveSummary", "SuiteLog"] {
            let line = format!("`{whole}`: 29 of 29 delivered\n");
            assert!(stdout.contains(&line), "{line} in {stdout}");
        }
        for name in names {
            let of = if *name == "hangs" { "29 pending, stalled" } else { "29 failed" };
            let line = format!("not take every event: `{name}`: 0 of 29 delivered, {of}");
            assert!(stderr.contains(&line), "{line} in {stderr}");
        }
        assert_eq!(stderr.lines().count(), names.len(), "{stderr}");
    }
}

#[test]
fn a_journal_beside_a_faulty_handler_has_it_all() {
    let (sound, told) = (run_recorded(&[], 0), run_recorded(&["--faulty-handler=panics"], 1));
    for status in [Status::Success, Status::Pending, Status::Ignored] {
        assert_eq!(told.cases(status), sound.cases(status), "{status}");
    }
    assert_events!(told.recorder, count: { RunFinished { status: Status::Success, .. } => 1 });
}

#[cfg(target_os = "linux")]
#[test]
fn a_log_that_cannot_be_written_is_told_and_the_journal_has_it_all() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("run.jsonl");
    let mut command = example("sbt_runner");
    let output = command.arg("--journal").arg(&path).stdout(full).output().expect("it starts");
    assert_exit(&output, 1);
    let stderr = text(&output.stderr);
    let told = "sbt_runner: a handler did not take every event: `SuiteLog`: ";
    assert!(stderr.starts_with(told), "{stderr}");
    let report = verify(Reader::open(&path).expect("a journal")).expect("a readable journal");
    assert!(report.is_sound(), "{report}");
}

#[test]
fn a_reader_of_the_log_that_goes_away_fails_nothing() {
    let mut command = example("sbt_runner");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    drop(child.stdout.take());
    assert_exit(&child.wait_with_output().expect("it ends"), 0);
}

// ---- the runner alone ----

fn start(bus: &Bus) -> (Runner, Emitter<TestRun>) {
    (Runner::start(bus, "r", LiveSummary::on(bus)), bus.emitter("run", "r"))
}

const PASSES: fn() -> Outcome = || Ok(Status::Success);
const BREAKS: fn() -> Outcome = || Err("broken".into());

fn log(text: &str) -> TestRun {
    Logged::log("info", text).into()
}

/// Counts, at its leisure or on the emitting thread.
#[derive(Default)]
struct Counter(AtomicU64);

impl Observer for Counter {
    fn interest(&self) -> Interest {
        Prefix::parse("test.output").expect("a prefix").into()
    }

    fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// A bus with an inline and a queued handler.
fn counted_bus() -> (Bus, [Arc<Counter>; 2]) {
    let (bus, counters) = (Bus::new(), [Arc::default(), Arc::default()]);
    let [inline, queued] = &counters;
    bus.register(Arc::clone(inline)).name("inline").start().expect("an open bus").detach();
    let queued = bus.register(Arc::clone(queued)).name("queued");
    queued.queued(10_000, Overflow::Block).start().expect("an open bus").detach();
    (bus, counters)
}

#[track_caller]
fn assert_all_taken(bus: &Bus, counters: &[Arc<Counter>; 2], events: u64) {
    let report = bus.report();
    assert!(report.complete, "{report}");
    for (name, counter) in ["inline", "queued"].iter().zip(counters) {
        let counts = report.observer(name).expect("registered").counts;
        let counted = counter.0.load(Ordering::Relaxed);
        let expected = (events, events, events);
        assert_eq!((counts.accepted, counts.delivered, counted), expected, "{name}");
    }
}

#[test]
fn four_threads_of_a_hundred_thousand_events_each_lose_none() {
    let (bus, counters) = counted_bus();
    let (runner, logger) = start(&bus);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let logger = logger.clone();
            scope.spawn(move || {
                for number in 0..EVENTS {
                    let tally = logger.emit(log(&format!("{thread}: {number}"))).tally();
                    assert_eq!((tally.failed, tally.dropped), (0, 0));
                }
            });
        }
    });
    let summary = runner.done(Duration::from_mins(1)).expect("the first time");
    assert!(summary.is_success() && summary.is_over());
    assert_all_taken(&bus, &counters, THREADS * EVENTS);
}

#[test]
fn what_done_meets_under_way_is_accepted_or_refused_and_never_lost() {
    let (bus, counters) = counted_bus();
    let (runner, logger) = start(&bus);
    let accepted = thread::scope(|scope| {
        let emit = |_| {
            let logger = logger.clone();
            scope.spawn(move || {
                let mut accepted = 0_u64;
                while logger.emit(log("on")) != Receipt::Closed {
                    accepted += 1;
                }
                accepted
            })
        };
        let threads: Vec<_> = (0..THREADS).map(emit).collect();
        let deadline = Instant::now() + Duration::from_mins(1);
        while counters[0].0.load(Ordering::Relaxed) < 1_000 && Instant::now() < deadline {
            thread::yield_now();
        }
        runner.done(Duration::from_mins(1)).expect("the first time");
        let counts = threads.into_iter().map(|thread| thread.join().expect("no panic"));
        counts.sum::<u64>()
    });
    assert!(accepted >= 1_000, "{accepted}");
    assert_all_taken(&bus, &counters, accepted);
}

#[test]
fn after_done_nothing_is_accepted_and_a_second_done_is_an_error() {
    let tests: Vec<Test> = vec![("@S", "s", "adds", PASSES), ("@S", "s/n", "adds", BREAKS)];
    let late: Vec<Test> = vec![("@S", "late", "adds", PASSES)];
    let bus = Bus::new();
    let recorder = Recorder::on(&bus);
    let (runner, logger) = start(&bus);
    let mut tasks = runner.tasks(tests.clone()).expect("not done");
    let late = runner.tasks(late).expect("asked again, it answers again");
    let nested = tasks.remove(0).execute().expect("not done");
    assert_eq!((tasks.len(), nested.len()), (0, 1), "a task returns another");

    let summary = runner.done(Duration::from_mins(1)).expect("the first time");
    let counts = summary.counts();
    assert_eq!((counts.passed(), counts.failed(), summary.never_ran()), (1, 0, 2));
    assert!(!summary.is_success());
    let events = recorder.len();
    assert_eq!(runner.done(Duration::from_mins(1)).err(), Some(RunEnded));
    assert_eq!(runner.tasks(tests).err(), Some(RunEnded));
    assert_eq!(logger.emit(log("too late")), Receipt::Closed);
    for task in nested.into_iter().chain(late) {
        assert_eq!(task.execute().err(), Some(RunEnded));
    }
    assert_eq!(recorder.len(), events, "nothing is heard any more");
    assert_events!(
        recorder,
        // A suite within it was still to come.
        count: { SuiteFinished { status: Status::Aborted, synthetic: true, .. } => 1 },
        count: { RunFinished { status: Status::Failure, .. } => 1 },
    );
}

#[test]
fn tasks_of_one_name_count_each_for_itself() {
    let bus = Bus::new();
    let (runner, _) = start(&bus);
    for test in [BREAKS, PASSES] {
        let tasks = runner.tasks(vec![("@S", "s", "adds", test)]).expect("not done");
        Task::execute_all(tasks, 1).expect("not done");
    }
    let summary = runner.done(Duration::from_mins(1)).expect("the first time");
    let counts = summary.counts();
    assert_eq!((counts.total(), counts.failed(), counts.passed()), (2, 1, 1));
    assert!(!summary.is_success());
}

#[test]
fn tasks_that_run_side_by_side_never_mix_their_lines() {
    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let (bus, page) = (Bus::new(), Page::default());
    let summary = LiveSummary::on(&bus);
    bus.subscribe(SuiteLog::to(page.clone(), summary.clone())).detach();
    let runner = Runner::start(&bus, "r", summary);
    let suites = (0..30).flat_map(|suite| [format!("s{suite}"), format!("s{suite}/n")]);
    let tests = suites.flat_map(|suite| {
        let suite: &str = suite.leak();
        let name = |test| &*format!("{suite}: {test}").leak();
        (0..20).map(|test| ("@S", suite, name(test), PASSES)).collect::<Vec<_>>()
    });
    Task::execute_all(runner.tasks(tests.collect()).expect("not done"), 8).expect("not done");
    assert!(runner.done(Duration::from_mins(1)).expect("the first time").is_success());

    let log = text(&page.0.lock().expect("no panic"));
    let (mut suite, mut blocks, mut tests) = ("", 0, 0);
    for line in log.lines().filter_map(|line| line.strip_prefix("[info] ")) {
        if let Some(test) = line.strip_prefix("- ") {
            assert_eq!(test.split(':').next(), Some(suite), "{line}");
            tests += 1;
        } else {
            (suite, blocks) = (line, blocks + 1);
        }
    }
    assert_eq!((blocks, tests), (60, 1_200));
}

#[test]
fn the_program_shows_what_comes_after_done() {
    let shown = "\nafter done: emit: Closed, done: the run has ended, and takes nothing more\n";
    let stdout = text(&run(&["words"]).stdout);
    assert!(stdout.contains(shown), "{stdout}");
}

// ---- bad input ----

#[test]
fn what_is_wrong_is_named_before_anything_runs() {
    let wrong: [(&[&str], &str); 9] = [
        (&["--thread", "3"], "error: unexpected argument '--thread' found"),
        (&["--threads"], "error: a value is required for '--threads <THREADS>'"),
        (&["--threads", "0"], "error: invalid value '0' for '--threads <THREADS>'"),
        (&["--threads", "many"], "error: invalid value 'many' for '--threads <THREADS>'"),
        (&["--faulty-handler=my_evh1"], "error: invalid value 'my_evh1' for '--faulty-handler "),
        (&["--fingerprint=@Sum"], "error: invalid value '@Sum' for '--fingerprint <FINGERPRINT>'"),
        (&["nosuch"], "sbt_runner: `nosuch` names no test: the suites are `sums`, `words`\n"),
        (&["words", "*alvx*"], "sbt_runner: `*alvx*` names no test: the suites are "),
        (&["sums/\u{1b}[2J"], r"sbt_runner: `sums/\u{1b}[2J` names no test: the suites are "),
    ];
    for (options, expected) in wrong {
        assert_refused(options, expected);
    }
    let handlers = "[possible values: panics, fails, hangs]";
    assert!(text(&run(&["--faulty-handler=x"]).stderr).contains(handlers));
}

#[track_caller]
fn assert_refused(options: &[&str], expected: &str) {
    let output = run(options);
    assert_exit(&output, 2);
    let stderr = text(&output.stderr);
    assert!(stderr.starts_with(expected), "{options:?}: expected {expected}got {stderr}");
    assert_eq!(text(&output.stdout), "", "{options:?}");
}

#[test]
fn a_journal_that_cannot_be_written_is_named() {
    let folder = TempDir::new().expect("a folder");
    let missing = folder.path().join("missing/run.jsonl");
    let why = fs::read(&missing).expect_err("there is no such folder");
    let expected = format!(
        "sbt_runner: failed to open the journal `{}` for writing: {why}\n",
        missing.display()
    );
    assert_refused(&["--journal", &missing.to_string_lossy()], &expected);

    let path: &Path = &folder.path().join("run.jsonl");
    drop(Journal::create(path).expect("a new file"));
    let before = fs::read(path).expect("a header");
    let expected = format!("sbt_runner: `{}` is not empty: ", path.display());
    assert_refused(&["--journal", &path.to_string_lossy()], &expected);
    assert_eq!(fs::read(path).expect("the same header"), before);
}

#[test]
fn help_names_every_option() {
    let output = run(&["--help"]);
    assert_exit(&output, 0);
    let help = text(&output.stdout);
    for option in ["SELECTORS", "--fingerprint", "--threads", "--journal", "--faulty-handler"] {
        assert!(help.contains(option), "{option} in {help}");
    }
}
