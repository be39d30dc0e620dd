//! The Common Test example as a real process: its events, its handlers, what it says when
//! something is wrong; and a recorded run of Common Test itself, imported.

#[path = "support/example.rs"]
mod example;
#[path = "support/recorded.rs"]
mod recorded;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tidings::assert::{Recorder, assert_events};
use tidings::import::{End, Format, Found, Line, Stamper};
use tidings::testrun::{
    CaseSkipped, ErrorItem, Failure, LiveSummary, Output as Said, RunSummary, SkippedBy,
};
use tidings::{Attributes, Bus, Event, ObserverDiagnostic, Prefix, Timestamp};

use crate::example::example;
use crate::recorded::replay_whole;

/// The words of the example, written down a second time on purpose, so that one that changes
/// there alone is noticed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "ct")]
enum Ct {
    StartLogging { log_dir: PathBuf },
    TestStart { log_dir: PathBuf },
    StartInfo { tests: usize, suites: usize, cases: usize },
    TcLogfile { of: FuncOrGroup, log_file: PathBuf },
    TcStart { of: FuncOrGroup },
    TcDone { of: FuncOrGroup, result: TcResult },
    TcUserSkip { of: FuncOrGroup, reason: String },
    TcAutoSkip { of: FuncOrGroup, reason: String },
    TestStats { ok: u64, failed: u64, user_skipped: u64, auto_skipped: u64 },
    TestDone,
    StopLogging,
    StartMake { dir: PathBuf },
    FinishedMake { dir: PathBuf },
    StartWriteFile { path: PathBuf },
    FinishedWriteFile { path: PathBuf },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct FuncOrGroup {
    suite: String,
    group: Option<String>,
    repeat: Option<usize>,
    func: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TcResult {
    Ok,
    Skipped(CaseSkipped),
    Failed(Failure),
}

/// Handlers of the only node, and what it runs.
const JOURNALS: &str = "master = [{ kind = 'journal', path = 'run.jsonl', deliver = 'queued' }]\n\
     [node]\nlab-1 = [{ kind = 'journal', path = 'lab-1.jsonl', deliver = 'synchronous' }]\n";

/// A run that has ended.
struct Ran {
    folder: TempDir,
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    /// The log directory of a node.
    fn logs(&self, node: &str) -> PathBuf {
        let mut runs = fs::read_dir(self.folder.path().join("logs")).expect("log directories");
        let run = runs.next().expect("one of the run").expect("readable").path();
        run.join(node)
    }

    /// What a journal has; it is whole.
    #[track_caller]
    fn journal(&self, node: &str, name: &str) -> Recorder {
        let bus = Bus::new();
        let recorder = Recorder::on(&bus);
        let diagnostics = "tidings".parse::<Prefix>().expect("a prefix");
        bus.register(recorder.clone()).interest(diagnostics.into()).start().expect("open").detach();
        replay_whole(&self.logs(node).join(name), &bus);
        recorder
    }
}

fn run_in(folder: TempDir, spec: &Path, options: &[&str]) -> Ran {
    let mut command = example("common_test");
    command.arg("--spec").arg(spec).arg("--logdir").arg(folder.path().join("logs")).args(options);
    let Output { status, stdout, stderr } = command.output().expect("the example starts");
    let text = |bytes| String::from_utf8(bytes).expect("the output is UTF-8");
    let (stdout, stderr) = (text(stdout), text(stderr));
    assert!(!stderr.contains("panicked at"), "{stderr}");
    Ran { folder, code: status.code(), stdout, stderr }
}

fn folder() -> TempDir {
    TempDir::new().expect("a folder")
}

/// Runs a specification.
#[track_caller]
fn run(spec: &str, options: &[&str], code: i32) -> Ran {
    let folder = folder();
    let path = folder.path().join("spec.toml");
    fs::write(&path, spec).expect("room for a file");
    let ran = run_in(folder, &path, options);
    assert_eq!(ran.code, Some(code), "stdout: {}\nstderr: {}", ran.stdout, ran.stderr);
    ran
}

/// Runs the specification that is in the repository.
#[track_caller]
fn run_shipped(options: &[&str]) -> Ran {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/common_test/spec.toml");
    let ran = run_in(folder(), &path, options);
    assert_eq!(ran.code, Some(0), "stdout: {}\nstderr: {}", ran.stdout, ran.stderr);
    assert_eq!(ran.stderr, "");
    ran
}

/// An entry of a specification.
fn function(of: &str, rest: &str) -> String {
    format!("[[function]]\nof = {{ suite = 'a_SUITE', {of} }}\n{rest}\n")
}

fn case(func: &str, command: &str) -> String {
    function(&format!("func = '{func}'"), &format!("run = \"{command}\""))
}

/// Ok, failed, skipped by the user, skipped automatically: what the last event of stats says.
fn last_stats(recorder: &Recorder) -> [u64; 4] {
    let stats = recorder.events::<Ct>().into_iter().rev().find_map(|event| match event {
        Ct::TestStats { ok, failed, user_skipped, auto_skipped } => {
            Some([ok, failed, user_skipped, auto_skipped])
        }
        _ => None,
    });
    stats.expect("there are stats")
}

/// What any view says of a test run: passed, failed, skipped.
#[track_caller]
fn assert_summary(recorder: &Recorder, stats: [u64; 4]) {
    let mut summary = RunSummary::new();
    recorder.envelopes().iter().for_each(|envelope| summary.apply(envelope));
    let counts = summary.counts();
    let skipped = stats[2] + stats[3];
    assert_eq!([counts.passed(), counts.failed(), counts.skipped()], [stats[0], stats[1], skipped]);
    assert!(summary.is_over(), "the run has ended");
}

// ---- events ----

#[test]
fn every_event_is_emitted_with_its_data_in_order() {
    let spec = [
        JOURNALS.to_owned(),
        case("init_per_suite", "true"),
        case("adds", "echo 2"),
        function("group = 'g', repeat = 1, func = 'init_per_group'", "run = 'true'"),
        function("group = 'g', func = 'shows'", "run = 'true'\nskip = 'no screen'"),
        case("end_per_suite", "true"),
    ];
    let ran = run(&spec.concat(), &[], 0);
    let told = ran.journal("lab-1", "lab-1.jsonl");
    let logs = ran.logs("lab-1");
    assert_events!(told, in_order: [
        Ct::StartLogging { log_dir } if *log_dir == logs,
        Ct::TestStart { log_dir } if *log_dir == logs,
        Ct::StartMake { dir } if *dir == logs,
        Ct::FinishedMake { dir } if *dir == logs,
        Ct::StartInfo { tests: 1, suites: 1, cases: 2 },
        Ct::TcLogfile { of, .. } if of.func == "init_per_suite",
        Ct::TcStart { of } if of.func == "init_per_suite" && of.group.is_none(),
        Ct::TcDone { result: TcResult::Ok, .. },
        Ct::TcLogfile { of, log_file } if of.func == "adds" && log_file.starts_with(&logs),
        Ct::TcStart { of } if of.suite == "a_SUITE" && of.func == "adds",
        Said { text, .. } if text == "2\n",
        Ct::TcDone { of, result: TcResult::Ok } if of.func == "adds",
        Ct::TestStats { ok: 1, failed: 0, user_skipped: 0, auto_skipped: 0 },
        Ct::TcStart { of } if of.group.as_deref() == Some("g") && of.repeat == Some(1),
        Ct::TcUserSkip { of, reason } if of.func == "shows" && reason == "no screen",
        Ct::TestStats { ok: 1, failed: 0, user_skipped: 1, auto_skipped: 0 },
        Ct::TestDone,
        Ct::StartWriteFile { path } if *path == logs.join("totals.info"),
        Ct::FinishedWriteFile { path } if *path == logs.join("totals.info"),
        Ct::StopLogging,
    ]);
    let told_types: Vec<_> = told.envelopes().iter().map(|it| it.event_type().clone()).collect();
    let missing: Vec<_> = Ct::TYPES.iter().filter(|it| !told_types.contains(it)).collect();
    assert_eq!(missing, [&&Ct::TC_AUTO_SKIP], "but for this one all are there");
    let envelopes = told.envelopes();
    let about: Vec<_> = envelopes.iter().filter(|it| it.entity().id() == "adds").collect();
    assert_eq!(about.len(), 6);
    let pairs: Vec<_> = about[0].entity().pairs().skip(1).collect();
    assert_eq!(pairs, [("suite", "a_SUITE"), ("case", "adds")]);
}

#[test]
fn the_log_file_that_an_event_names_is_there() {
    let ran = run(&[JOURNALS, &case("adds", "echo 2; echo oh >&2")].concat(), &[], 0);
    let told = ran.journal("lab-1", "lab-1.jsonl");
    let files: Vec<PathBuf> = told
        .events::<Ct>()
        .into_iter()
        .filter_map(|event| match event {
            Ct::TcLogfile { log_file, .. } => Some(log_file),
            _ => None,
        })
        .collect();
    assert_eq!(files.len(), 1);
    assert_eq!(fs::read_to_string(&files[0]).expect("a log"), "2\noh\n");
}

#[test]
fn a_setup_that_fails_skips_what_is_behind_it() {
    let spec = [
        JOURNALS.to_owned(),
        case("adds", "true"),
        function(
            "group = 'g', repeat = 2, func = 'init_per_group'",
            "run = 'echo no disk; exit 1'",
        ),
        function("group = 'g', repeat = 2, func = 'writes'", "run = 'true'"),
        case("reads", "true"),
    ];
    let ran = run(&spec.concat(), &[], 1);
    let told = ran.journal("lab-1", "lab-1.jsonl");
    assert_events!(
        told,
        count: { Ct::TcAutoSkip { of, reason }
            if of.func == "writes" && reason == "init_per_group failed" => 2 },
        count: { ErrorItem { name, failure, .. }
            if name.as_deref() == Some("init_per_group") && failure.message == "no disk" => 2 },
        count: { CaseSkipped { by: Some(SkippedBy::Automatic), .. } => 2 },
        never: Ct::TcStart { of } if of.func == "writes",
    );
    assert_eq!(last_stats(&told), [2, 2, 0, 2]);
    assert_summary(&told, [2, 2, 0, 2]);
}

#[test]
fn a_setup_that_skips_skips_what_is_behind_it_for_the_user() {
    let skips = case("init_per_suite", "echo not today; exit 77");
    let spec = [JOURNALS, &skips, &case("adds", "true"), &case("end_per_suite", "exit 1")];
    let told = run(&spec.concat(), &[], 0).journal("lab-1", "lab-1.jsonl");
    assert_events!(
        told,
        in_order: [
            Ct::TcDone { result: TcResult::Skipped(why), .. } if why.reason.as_deref() == Some("not today"),
            Ct::TcUserSkip { of, reason } if of.func == "adds" && reason == "not today",
        ],
        never: Ct::TcStart { of } if of.func == "end_per_suite",
    );
    assert_eq!(last_stats(&told), [0, 0, 1, 0]);
}

#[test]
fn stats_are_right_when_a_teardown_fails() {
    let teardown = |func: &str, command: &str| {
        function(
            &format!("func = '{func}'"),
            &format!("run = '{command}'\nend = 'echo busy; exit 1'"),
        )
    };
    let spec = [
        JOURNALS.to_owned(),
        teardown("passes", "true"),
        teardown("fails", "echo wrong; exit 1"),
        teardown("skips", "exit 77"),
        case("is_fine", "true"),
        case("end_per_suite", "echo full; exit 1"),
    ];
    let ran = run(&spec.concat(), &[], 1);
    let told = ran.journal("lab-1", "lab-1.jsonl");
    let done = |func: &str, message: &str| {
        told.events::<Ct>().into_iter().any(|event| {
            matches!(event, Ct::TcDone { of, result: TcResult::Failed(failure) }
                if of.func == func && failure.message == message)
        })
    };
    assert!(done("passes", "busy") && done("fails", "wrong") && done("skips", "busy"));
    assert!(done("end_per_suite", "full"));
    assert_eq!(last_stats(&told), [1, 4, 0, 0]);
    assert_summary(&told, [1, 4, 0, 0]);
    assert!(ran.stdout.contains("5 total: 1 passed, 4 failed"), "{}", ran.stdout);
}

#[test]
fn repeated_groups_keep_every_event() {
    let group = |func: &str| {
        function(&format!("group = 'g', repeat = 50, func = '{func}'"), "run = 'true'")
    };
    let spec = [JOURNALS, &group("init_per_group"), &group("same"), &group("end_per_group")];
    let ran = run(&spec.concat(), &[], 0);
    for (node, name) in [("lab-1", "lab-1.jsonl"), ("master", "run.jsonl")] {
        let told = ran.journal(node, name);
        assert_events!(
            told,
            count: { Ct::StartInfo { cases: 50, .. } => 1 },
            count: { Ct::TcStart { of } if of.func == "same" => 50 },
            count: { Ct::TcStart { .. } => 150 },
            count: { Ct::TcDone { result: TcResult::Ok, .. } => 150 },
            count: { Ct::TestStats { .. } => 50 },
        );
        assert_summary(&told, [50, 0, 0, 0]);
    }
}

// ---- handlers ----

#[test]
fn the_shipped_specification_passes_on_both_nodes() {
    let ran = run_shipped(&[]);
    assert!(ran.stdout.contains("30 total: 28 passed, 2 skipped"), "{}", ran.stdout);
    let master = ran.journal("master", "run.jsonl");
    assert_summary(&master, [28, 0, 2, 0]);
    let nodes = |node: &str| master.envelopes().iter().filter(|it| it.node() == node).count();
    assert!(nodes("lab-1") > 100 && nodes("lab-1") == nodes("lab-2"), "{}", nodes("lab-2"));
    assert_eq!(nodes("lab-1") + nodes("lab-2"), master.len());
    let alone = ran.journal("lab-2", "lab-2.jsonl");
    assert_eq!(alone.len(), nodes("lab-2"), "the handler of a node hears that node alone");
    assert!(!ran.logs("lab-1").join("lab-2.jsonl").exists());
    let xml = fs::read_to_string(ran.logs("master").join("run.xml")).expect("a report");
    assert!(xml.contains("tests=\"30\""), "{xml}");
}

#[test]
fn handlers_are_added_replaced_and_deleted_while_it_runs() {
    let ran = run_shipped(&[]);
    let said = |name: &str| -> Vec<String> {
        ran.journal("lab-1", name).events::<Said>().into_iter().map(|said| said.text).collect()
    };
    assert_eq!(
        (said("first.jsonl"), said("second.jsonl")),
        (vec!["first\n".into()], vec!["second\n".into()])
    );
    let first = ran.journal("lab-1", "first.jsonl");
    assert_events!(first, in_order: [
        Ct::TcStart { of } if of.func == "to_the_first",
        Ct::TestStats { .. },
    ]);
    assert_events!(first, never: Ct::TcStart { of } if of.func == "to_the_second");
}

#[test]
fn handlers_are_named_on_the_command_line() {
    let options = ["--event-handler", "console", "--event-handler-init", "journal", "mine.jsonl"];
    let more = ["--event-handler-init", "junit", "mine.xml"];
    let ran = run_shipped(&[&options[..], &more].concat());
    for node in ["lab-1", "lab-2"] {
        assert_summary(&ran.journal(node, "mine.jsonl"), [14, 0, 1, 0]);
        let xml = fs::read_to_string(ran.logs(node).join("mine.xml")).expect("a report");
        assert!(xml.contains("tests=\"15\""), "{xml}");
    }
    assert!(!ran.logs("master").join("mine.xml").exists());
    assert!(ran.stdout.contains("case/keeps"), "the console shows cases: {}", ran.stdout);
}

#[test]
fn a_crashing_handler_is_told_and_harms_nobody() {
    let faulty = "[{ kind = 'faulty', does = 'panic', name = 'crashes', deliver = 'synchronous' },";
    let spec = JOURNALS.replace("lab-1 = [", &format!("lab-1 = {faulty}"));
    let ran = run(&(spec + &case("adds", "true")), &[], 1);
    let told = ran.journal("lab-1", "lab-1.jsonl");
    let crashed = told.events::<ObserverDiagnostic>();
    let is_crash = |it: &ObserverDiagnostic| {
        it.message() == "observer `crashes` failed: panicked: it panics on purpose"
    };
    assert!(crashed.iter().all(is_crash));
    let heard = told.len() - crashed.len();
    assert_eq!(crashed.len(), heard, "it stays, and is told each time");
    assert_summary(&told, [1, 0, 0, 0]);
    let lost = format!("lab-1: `crashes`: 0 of {heard} delivered, {heard} failed (last error: ");
    assert!(ran.stderr.contains(&lost), "{lost} in {}", ran.stderr);
    assert!(ran.stdout.contains("1 total: 1 passed"), "{}", ran.stdout);
}

#[test]
fn a_hanging_handler_is_waited_for_no_longer_than_it_was_said() {
    let hangs = "[{ kind = 'faulty', does = 'hang', name = 'hangs', deliver = 'synchronous', wait_max_ms = 100 },";
    let spec = JOURNALS.replace("lab-1 = [", &format!("lab-1 = {hangs}"));
    let start = Instant::now();
    let ran = run(&(spec + &case("adds", "true")), &[], 1);
    // Five seconds are given to handlers at the end.
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    let told = ran.journal("lab-1", "lab-1.jsonl");
    assert_events!(told, count: { ObserverDiagnostic::Stalled { observer, .. } if observer == "hangs" => 1 });
    assert_summary(&told, [1, 0, 0, 0]);
    assert_summary(&ran.journal("master", "run.jsonl"), [1, 0, 0, 0]);
    assert!(ran.stderr.contains("lab-1: `hangs`: 0 of "), "{}", ran.stderr);
    assert!(ran.stderr.contains(" pending, stalled, busy for "), "{}", ran.stderr);
}

#[test]
fn a_hanging_handler_with_a_queue_costs_the_run_nothing() {
    let hangs = "[{ kind = 'faulty', does = 'hang', name = 'hangs', deliver = 'queued' },";
    let spec = JOURNALS.replace("lab-1 = [", &format!("lab-1 = {hangs}"));
    let ran = run(&(spec + &case("adds", "true")), &[], 1);
    let told = ran.journal("lab-1", "lab-1.jsonl");
    assert_summary(&told, [1, 0, 0, 0]);
    let pending = format!("lab-1: `hangs`: 0 of {0} delivered, {0} pending", told.len());
    assert!(ran.stderr.contains(&pending), "{pending} in {}", ran.stderr);
}

// ---- what is wrong ----

#[test]
fn what_is_wrong_is_told_and_nothing_runs() {
    let ok = case("adds", "true");
    let wrong: [(String, &[&str], &[&str]); 9] = [
        (
            [JOURNALS, &ok].concat(),
            &["--event-handler", "jornal"],
            &["unknown kind `jornal`", "did you mean `journal`?"],
        ),
        (
            [JOURNALS, &ok].concat(),
            &["--event-handler", "journal"],
            &["kind `journal` needs `path`"],
        ),
        (
            [JOURNALS, &ok].concat(),
            &["--event-handler-init", "journal"],
            &["2 values required", "--event-handler-init"],
        ),
        (
            [JOURNALS, &ok].concat(),
            &["--event-handlr", "console"],
            &["unexpected argument '--event-handlr'"],
        ),
        (
            JOURNALS.replace("'journal', path = 'run", "'jornal', path = 'run") + &ok,
            &[],
            &["unknown kind `jornal`"],
        ),
        (
            JOURNALS.to_owned() + &ok.replace("run =", "rnu ="),
            &[],
            &["spec.toml:6:1: unknown key `rnu`", "did you mean `run`?"],
        ),
        (
            JOURNALS.to_owned() + &ok.replace("func =", "fun ="),
            &[],
            &["unknown key `fun`", "did you mean `func`?"],
        ),
        (JOURNALS.to_owned(), &[], &["`function` is missing"]),
        ("master = [".to_owned(), &[], &["spec.toml:1:"]),
    ];
    for (spec, options, expected) in wrong {
        let ran = run(&spec, options, 2);
        for part in expected {
            assert!(
                ran.stderr.contains(part),
                "{options:?}: `{part}` is missing in: {}",
                ran.stderr
            );
        }
        assert_eq!(ran.stdout, "", "{options:?}");
    }
}

#[test]
fn a_specification_that_is_not_there_is_named() {
    let ran = run_in(folder(), Path::new("no/such/spec.toml"), &[]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("no/such/spec.toml"), "{}", ran.stderr);
}

#[test]
fn an_unknown_handler_in_the_middle_ends_the_run_and_loses_nothing() {
    let unknown = function(
        "func = 'more'",
        "run = 'true'\nevent_handler = { extra = [{ kind = 'jornal' }] }",
    );
    let ran = run(&[JOURNALS, &case("adds", "true"), &unknown].concat(), &[], 2);
    assert!(ran.stderr.contains("unknown kind `jornal`"), "{}", ran.stderr);
    let told = ran.journal("lab-1", "lab-1.jsonl");
    assert_summary(&told, [1, 0, 0, 0]);
    assert!(ran.stdout.contains("logs: "), "it says where they are: {}", ran.stdout);
}

// ---- a recorded run of Common Test ----

/// Passed, failed and skipped, counted by hand, as it were: with no more than the shape of lines.
fn counted(events: &str) -> [u64; 3] {
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for line in events.lines() {
        let Some(event) = line.strip_prefix("{event,tc_") else { continue };
        let (name, rest) = event.split_once(",ct@vm,{").expect("a name and data");
        let (_, rest) = rest.split_once(',').expect("a suite");
        // A function is an atom, or a tuple.
        let end = if rest.starts_with('{') {
            rest.find('}').map(|end| end + 1)
        } else {
            rest.find([',', '}'])
        };
        let (function, rest) = rest.split_at(end.expect("a function"));
        let is_case = !function.contains("_per_");
        match name {
            "done" if rest.starts_with(",ok") => passed += u64::from(is_case),
            "done" if rest.starts_with(",{failed,") => {
                failed += 1;
                // The case itself passed, and its teardown failed.
                passed += u64::from(rest.contains(",end_per_testcase,{'EXIT'"));
            }
            "done" | "user_skip" | "auto_skip" => skipped += u64::from(is_case),
            _ => {}
        }
    }
    [passed, failed, skipped]
}

#[test]
fn a_recorded_run_imports_to_its_totals() {
    let recorded = include_str!("../crates/tidings-cli/tests/data/ct_spec_run.events");
    let mut importer = Format::CommonTest.importer("ct_run");
    let mut found = Found::new();
    recorded.lines().for_each(|line| importer.line(Line::whole(line), &mut found));
    importer.end(End::OfInput, &mut found);
    assert!(found.faults().is_empty(), "{:?}", found.faults());
    let bus = Bus::new();
    let summary = LiveSummary::on(&bus);
    let mut stamper = Stamper::new("ct_run", "ct@vm", Attributes::new());
    for said in found.take_said() {
        bus.republish(stamper.stamp(said, Timestamp::now()));
    }
    let counts = summary.snapshot().counts();
    let totals = [counts.passed(), counts.failed(), counts.skipped()];
    assert_eq!(totals, [9, 12, 15]);
    assert_eq!(totals, counted(recorded));
}
