//! `tidings replay`: what was recorded arrives as it was.

use crate::support::{Folder, names_in, tidings};

#[test]
fn a_replay_into_a_journal_is_the_original() {
    let folder = Folder::new();
    let log = folder.record("log.jsonl", 50);
    let config = folder.config_to_journal("copy.jsonl");
    let run = tidings(&["replay", &log, "--config", &config]).ends_with(0);
    assert_eq!(folder.events("copy.jsonl"), folder.events("log.jsonl"));
    assert_eq!(run.out, "");
    assert!(run.err.starts_with("replayed 50 events from 1 journal; "), "{}", run.err);
    assert!(run.err.ends_with(": 50 delivered\n"), "{}", run.err);
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
}

#[test]
fn journals_are_replayed_one_after_the_other() {
    let folder = Folder::new();
    let (first, second) = (folder.record("a.jsonl", 1_234), folder.record("b.jsonl", 2));
    let config = folder.config_to_journal("copy.jsonl");
    tidings(&["replay", &first, &second, "--config", &config])
        .ends_with(0)
        .says("replayed 1,236 events from 2 journals; ");
    let ids = |name: &str| -> Vec<String> {
        let id = |line: &String| line.split('"').nth(7).expect("an id").to_owned();
        folder.events(name).iter().map(id).collect()
    };
    assert_eq!(ids("copy.jsonl"), [ids("a.jsonl"), ids("b.jsonl")].concat());
}

#[test]
fn a_bad_line_costs_itself_and_the_exit_status() {
    let folder = Folder::new();
    folder.record("log.jsonl", 3);
    let mut lines: Vec<String> = folder.read("log.jsonl").lines().map(str::to_owned).collect();
    lines.insert(2, "{\"no\":\"event\"}".to_owned());
    let log = folder.write("log.jsonl", &(lines.join("\n") + "\n"));
    let config = folder.config_to_journal("copy.jsonl");
    tidings(&["replay", &log, "--config", &config])
        .ends_with(1)
        .says("log.jsonl:3: not a CloudEvent in JSON")
        .says("replayed 3 events from 1 journal; 1 line could not be read; ");
    assert_eq!(folder.events("copy.jsonl").len(), 3);
}

#[test]
fn a_torn_last_line_is_a_warning() {
    let folder = Folder::new();
    folder.record("log.jsonl", 3);
    let text = folder.read("log.jsonl");
    let log = folder.write("log.jsonl", &text[..text.len() - 20]);
    let config = folder.config_to_journal("copy.jsonl");
    tidings(&["replay", &log, "--config", &config])
        .ends_with(0)
        .says("log.jsonl:4: the last line was never finished")
        .says("replayed 2 events");
}

#[test]
fn a_journal_that_is_not_there_delivers_nothing_at_all() {
    let folder = Folder::new();
    let log = folder.record("log.jsonl", 3);
    let config = folder.config_to_journal("copy.jsonl");
    let missing = folder.arg("missing.jsonl");
    tidings(&["replay", &log, &missing, "--config", &config])
        .ends_with(2)
        .says("error: failed to open `")
        .says("missing.jsonl`\n  because: ");
    let parent = folder.path("log.jsonl");
    let names = names_in(parent.parent().expect("a folder"));
    assert_eq!(names, ["config.toml", "log.jsonl"]);
}

#[test]
fn the_journal_that_is_replayed_is_never_overwritten() {
    let folder = Folder::new();
    let log = folder.record("log.jsonl", 3);
    let before = folder.events("log.jsonl");
    let config = folder.config_to_journal("log.jsonl");
    // Whether it is refused or appended to, it ends, and what was there stays.
    tidings(&["replay", &log, "--config", &config]);
    assert_eq!(folder.events("log.jsonl")[..3], before[..]);
    assert!(folder.events("log.jsonl").len() <= 6);
}

#[test]
fn a_journal_of_a_newer_format_ends_the_replay_and_what_came_before_is_delivered() {
    let folder = Folder::new();
    let first = folder.record("a.jsonl", 3);
    folder.record("b.jsonl", 3);
    let newer = folder.read("b.jsonl").replacen("\"format\":1", "\"format\":9", 1);
    let second = folder.write("b.jsonl", &newer);
    let config = folder.config_to_journal("copy.jsonl");
    let report = folder.arg("report.json");
    tidings(&["replay", &first, &second, "--config", &config, "--report", &report])
        .ends_with(1)
        .says("b.jsonl` did not get to its end\n  because: ")
        .says("written in format 9")
        .says("replayed 3 events");
    assert_eq!(folder.events("copy.jsonl"), folder.events("a.jsonl"));
    assert!(folder.path("report.json").exists());
}
