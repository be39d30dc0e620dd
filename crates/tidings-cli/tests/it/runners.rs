//! `tidings import` of recorded streams of other runners, end to end.
//!
//! The numbers were counted by hand from the recordings; how a format is read in detail is
//! tested where its importer is.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Folder, end, eventually, json, start, tidings, tidings_fed};

fn recording(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name).display().to_string()
}

/// The numbers of a summary, in the order passed, failed, skipped, flaky, never ran.
fn numbers(summary: &Value) -> [u64; 5] {
    ["passed", "failed", "skipped", "flaky", "never_ran"]
        .map(|name| summary[name].as_u64().expect("a number"))
}

const RECORDINGS: [(&str, &str, [u64; 5]); 4] = [
    ("libtest-json", "nextest-libtest-json-plus.jsonl", [12, 1, 2, 1, 0]),
    ("go-test-json", "go-test.jsonl", [4, 3, 1, 0, 0]),
    // 14 tests, and a teardown that failed.
    ("pytest-reportlog", "pytest-reportlog.jsonl", [8, 5, 2, 1, 0]),
    // 33 cases as in its last `test_stats`; a setup, a teardown and a framework error more.
    ("common-test", "ct_spec_run.events", [9, 12, 15, 0, 0]),
];

#[test]
fn the_totals_of_every_recording_are_right() {
    for (format, name, expected) in RECORDINGS {
        let run = tidings(&["import", "--from", format, &recording(name), "--summary-json", "-"])
            .ends_with(0);
        let summary = json(&run.out);
        assert_eq!(numbers(&summary), expected, "{format}: {summary}");
        let [passed, failed, skipped, ..] = expected;
        assert_eq!(summary["total"], passed + failed + skipped);
        let by_status = summary["by_status"].as_object().expect("an object");
        let sum: u64 = by_status.values().filter_map(Value::as_u64).sum();
        assert_eq!((by_status.len(), json!(sum)), (9, summary["total"].clone()));
    }
}

#[test]
fn an_import_fails_on_failures_only_when_it_is_told_to() {
    let go = recording("go-test.jsonl");
    let run = tidings(&["import", "--from", "go-test-json", &go, "--fail-on-failure"]).ends_with(1);
    run.says("imported").says(", 4 passed, 3 failed, 1 skipped");
    let passing = "{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"T\"}\n\
                   {\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"T\",\"Elapsed\":0}\n\
                   {\"Action\":\"pass\",\"Package\":\"p\",\"Elapsed\":0.1}\n";
    tidings_fed(&["import", "--from", "go-test-json", "--fail-on-failure"], passing)
        .ends_with(0)
        .says(", 1 passed");
}

#[test]
fn without_a_configuration_there_is_a_console() {
    let go = recording("go-test.jsonl");
    let run = tidings(&["import", "--from", "go-test-json", &go]).ends_with(0);
    assert!(run.out.contains("TestTable/d"), "{}", run.out);
    assert!(run.out.contains("case d"), "{}", run.out);
}

#[test]
fn a_case_appears_while_the_runner_runs() {
    let folder = Folder::new();
    let config = folder.config_to_journal("log.jsonl");
    let mut child = start(&["import", "--from", "libtest-json", "--config", &config]);
    let mut stdin = child.stdin.take().expect("a pipe");
    writeln!(stdin, "{{\"type\":\"suite\",\"event\":\"started\",\"test_count\":1}}").expect("read");
    writeln!(stdin, "{{\"type\":\"test\",\"event\":\"started\",\"name\":\"adds\"}}").expect("read");
    let has =
        |text: &str| folder.path("log.jsonl").exists() && folder.read("log.jsonl").contains(text);
    eventually("the case has begun", || has("test.case.started"));
    assert!(!has("test.case.finished"));
    writeln!(stdin, "{{\"type\":\"test\",\"event\":\"ok\",\"name\":\"adds\"}}").expect("read");
    eventually("the case has ended", || has("test.case.finished"));
    writeln!(stdin, "{{\"type\":\"suite\",\"event\":\"ok\",\"passed\":1}}").expect("read");
    drop(stdin);
    end(child).ends_with(0).says(", 1 passed");
}

#[test]
fn the_journal_of_an_import_makes_the_same_summary_file_and_page() {
    for (format, name, _) in RECORDINGS {
        let folder = Folder::new();
        let [log, first, again] = ["log.jsonl", "first.xml", "again.xml"].map(|n| folder.arg(n));
        let junit = |path: &str| format!("[[observer]]\nkind = \"junit\"\npath = \"{path}\"\n");
        let journal = format!("[[observer]]\nkind = \"journal\"\npath = \"{log}\"\n");
        let config = folder.write("import.toml", &(journal.clone() + &junit(&first)));
        let summary = folder.arg("summary.json");
        let args = ["import", "--from", format, &recording(name), "--config", &config];
        tidings(&[&args[..], &["--summary-json", &summary]].concat()).ends_with(0);

        let config = folder.write("replay.toml", &junit(&again));
        tidings(&["replay", &log, "--config", &config]).ends_with(0);
        assert_eq!(folder.read("first.xml"), folder.read("again.xml"), "{format}");
        let run = tidings(&["summary", &log, "--json"]).ends_with(0);
        assert_eq!(json(&run.out), json(&folder.read("summary.json")), "{format}");
        tidings(&["verify", &log]).ends_with(0);

        let page = folder.arg("page.html");
        tidings(&["report", &log, "-o", &page]).ends_with(0).says("wrote ");
        let copy = folder.write("copy.toml", &journal.replace("log.jsonl", "copy.jsonl"));
        tidings(&["replay", &log, "--config", &copy]).ends_with(0);
        let run = tidings(&["report", &folder.arg("copy.jsonl"), "-o", "-"]).ends_with(0);
        assert!(run.out == folder.read("page.html"), "{format}: the pages differ");
    }
}

#[test]
fn a_stream_that_breaks_off_says_where_and_keeps_what_was_read() {
    let stream = std::fs::read_to_string(recording("go-test.jsonl")).expect("a recording");
    let cut: String = stream.split_inclusive('\n').take(30).collect();
    let run = tidings_fed(
        &["import", "--from", "go-test-json", "--summary-json", "-"],
        &format!("{cut}{{\"Time\":\"2026-11-21T03:07"),
    );
    let run = run.ends_with(1).says("standard input:31: ").says("the last line was");
    let summary = json(&run.out);
    assert_eq!(summary["by_status"]["aborted"], 4, "{summary}");
    assert_eq!((&summary["passed"], &summary["skipped"]), (&json!(1), &json!(1)), "{summary}");
}

#[test]
fn a_stream_of_something_else_is_told_and_kept() {
    for format in ["libtest-json", "go-test-json", "pytest-reportlog", "common-test"] {
        let run = tidings_fed(&["import", "--from", format, "--summary-json", "-"], "hello\n{}\n");
        let run = run.ends_with(1).says("standard input:2: none of the 2 lines is ");
        assert!(!run.err.contains("warning: "), "{}", run.err);
        assert_eq!(json(&run.out)["total"], 0, "{format}");
        tidings_fed(&["import", "--from", format], "").ends_with(1).says("empty");
    }
}

#[test]
fn twenty_thousand_cases_and_their_output_are_imported_in_bounded_memory() {
    let mut tests = String::new();
    let line = "x".repeat(5_000);
    for case in 0..20_000 {
        let of = format!("\"Package\":\"p/{}\",\"Test\":\"Test{case}\"", case / 100);
        writeln!(tests, "{{\"Action\":\"run\",{of}}}").expect("memory");
        writeln!(tests, "{{\"Action\":\"output\",{of},\"Output\":\"{line}\\n\"}}").expect("memory");
        writeln!(tests, "{{\"Action\":\"pass\",{of},\"Elapsed\":0.01}}").expect("memory");
    }
    for package in 0..200 {
        writeln!(tests, "{{\"Action\":\"pass\",\"Package\":\"p/{package}\"}}").expect("memory");
    }
    let folder = Folder::new();
    let stream = folder.write("stream.jsonl", &tests);
    let config = folder.config_to_journal("log.jsonl");
    let import = format!(
        "ulimit -v 250000; exec '{}' import --from go-test-json '{stream}' --config '{config}' \
         --summary-json -",
        env!("CARGO_BIN_EXE_tidings")
    );
    let output = Command::new("sh").args(["-c", &import]).stdin(Stdio::null()).output();
    let output = output.expect("a shell");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let summary = json(&String::from_utf8(output.stdout).expect("UTF-8"));
    assert_eq!(numbers(&summary), [20_000, 0, 0, 0, 0]);
}
