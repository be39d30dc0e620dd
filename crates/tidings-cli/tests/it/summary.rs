//! `tidings summary` and `tidings report`: how a recorded run went.

use tidings_journal::Journal;
use tidings_registry::Bus;
use tidings_testrun::{Failure, RunEmitter, RunPlanned};

use crate::support::{Folder, PATIENCE, json, tidings};

/// A journal of a run with one of each.
fn recorded(folder: &Folder) -> String {
    let bus = Bus::builder().run("night").node("lab-3").build();
    let journal = Journal::builder().bus(&bus).create(folder.path("run.jsonl"));
    bus.subscribe(journal.expect("a new file")).detach();
    let run = RunEmitter::start(&bus, "night");
    run.plan(RunPlanned::count(4));
    let suite = run.suite("arithmetic");
    suite.case("adds").success();
    let failure = Failure::assertion("\u{1b}[31mthe sums differ\u{1b}[0m <b>");
    suite
        .case("subtracts")
        .failure(failure.with_expected("1").with_actual("2").at_line("tests/sums.rs", 17));
    let again = suite.case("multiplies").retry(Failure::assertion("6 is not 7"));
    again.success();
    suite.success();
    run.success();
    assert!(bus.close(PATIENCE).expect("not strict").complete);
    folder.arg("run.jsonl")
}

#[test]
fn a_summary_names_totals_failures_flaky_and_what_never_ran() {
    let folder = Folder::new();
    let log = recorded(&folder);
    let run = tidings(&["summary", &log]).ends_with(0);
    for text in ["subtracts", "the sums differ", "tests/sums.rs:17", "multiplies", "never ran"] {
        assert!(run.out.contains(text), "{text}: {}", run.out);
    }
    assert!(!run.out.contains('\u{1b}'), "{:?}", run.out);
    tidings(&["summary", &log, "--fail-on-failure"]).ends_with(1);
}

#[test]
fn a_summary_for_programs_is_one_object() {
    let folder = Folder::new();
    let log = recorded(&folder);
    let printed = tidings(&["summary", &log, "--json"]).ends_with(0);
    let summary = json(&printed.out);
    assert_eq!(
        ["total", "passed", "failed", "skipped", "flaky", "never_ran"].map(|name| &summary[name]),
        [3, 2, 1, 0, 1, 1]
    );
    tidings(&["summary", &log, "--summary-json", &folder.arg("s.json")]).ends_with(0);
    assert_eq!(folder.read("s.json"), printed.out);
}

#[test]
fn several_journals_are_one_summary() {
    let (first, second) = (Folder::new(), Folder::new());
    let logs = [recorded(&first), recorded(&second)];
    let run = tidings(&["summary", &logs[0], &logs[1], "--json"]).ends_with(0);
    assert_eq!(json(&run.out)["total"], 6);
}

#[test]
fn a_report_is_a_page_without_raw_payload() {
    let folder = Folder::new();
    let log = recorded(&folder);
    let run = tidings(&["report", &log, "-o", &folder.arg("page.html")]).ends_with(0);
    run.says("page.html, 2 passed, 1 failed, 1 flaky, 1 never ran");
    let page = folder.read("page.html");
    assert!(page.starts_with("<!doctype html>"), "{}", &page[..80]);
    assert!(page.contains("the sums differ") && !page.contains("differ\u{1b}[0m <b>"));
}

#[test]
fn what_cannot_be_opened_read_or_written_is_told() {
    let folder = Folder::new();
    let log = recorded(&folder);
    let missing = folder.arg("missing.jsonl");
    tidings(&["summary", &missing]).ends_with(2).says("missing.jsonl");
    tidings(&["report", &missing, "-o", &folder.arg("p.html")]).ends_with(2).says("missing.jsonl");
    assert!(!folder.path("p.html").exists());
    tidings(&["report", &log, "-o", &folder.arg("no/p.html")]).ends_with(2).says("its folder");
    let broken = folder.write("broken.jsonl", &format!("{}nonsense\n", folder.read("run.jsonl")));
    let run = tidings(&["summary", &broken, "--json"]).ends_with(1);
    assert_eq!(json(&run.out)["total"], 3);
    assert!(run.err.contains("broken.jsonl"), "{}", run.err);
}
