//! The harness example as a real process: what it prints, and what its events say, agree.

use std::process::Output;

use tempfile::TempDir;
use tidings::Bus;
use tidings::journal::{Reader, replay};
use tidings::junit::Junit;
use tidings::testrun::{LiveSummary, RunSummary, Status};

use crate::example::example;

#[path = "support/example.rs"]
mod example;

/// Runs the harness; what it left, and what the replay of its journal makes.
fn run(options: &[&str], code: i32) -> (Output, RunSummary) {
    let folder = TempDir::new().expect("a folder");
    let output = example("mimic").args(options).env("MIMIC_OUT", folder.path()).output();
    let output = output.expect("the example starts");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(code), "{told}");

    let bus = Bus::new();
    let summary = LiveSummary::on(&bus);
    let again = folder.path().join("again.xml");
    bus.subscribe(Junit::to(&again)).detach();
    let journal = Reader::open(folder.path().join("mimic.jsonl")).expect("a journal");
    replay(journal, &bus).expect("sound events");
    assert!(bus.close(std::time::Duration::from_mins(1)).expect("not strict").complete);
    let read = |path| std::fs::read_to_string(path).expect("a JUnit file");
    assert_eq!(read(again), read(folder.path().join("mimic.xml")));
    (output, summary.snapshot())
}

#[test]
fn the_numbers_of_the_harness_and_of_its_events_agree() {
    let (output, summary) = run(&[], 0);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("3 passed; 0 failed; 1 ignored;"), "{told}");
    assert!(told.contains("tidings: 3 passed, 0 failed, 1 skipped; "), "{told}");
    let counts = summary.counts();
    assert_eq!((counts.passed(), counts.with_status(Status::Ignored)), (3, 1));
    assert_eq!((counts.total(), counts.synthetic), (4, 0));
}

#[test]
fn a_trial_that_fails_says_why_in_the_journal() {
    let (output, summary) = run(&["--include-ignored"], 101);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("tidings: 3 passed, 1 failed, 0 skipped; "), "{told}");
    let failures = summary.failures();
    let why = failures[0].failure.expect("a reason");
    assert_eq!((failures.len(), &*why.message), (1, "invalid digit found in string"));
}
