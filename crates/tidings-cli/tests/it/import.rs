//! `tidings import`: lines are dispatched as they arrive, and none spoils another.

use std::io::Write as _;

use crate::support::{Folder, end, eventually, start, tidings, tidings_fed};

const FROM: &[&str] = &["import", "--from", "cloudevents"];

fn args<'a>(more: &[&'a str]) -> Vec<&'a str> {
    FROM.iter().chain(more).copied().collect()
}

#[test]
fn an_event_arrives_before_the_input_ends() {
    let folder = Folder::new();
    folder.record("log.jsonl", 2);
    let config = folder.config_to_journal("copy.jsonl");
    let lines = folder.events("log.jsonl");
    let mut child = start(&args(&["--config", &config]));
    let mut stdin = child.stdin.take().expect("a pipe");
    writeln!(stdin, "{}", lines[0]).expect("a pipe");
    let is_there =
        || folder.path("copy.jsonl").exists() && folder.events("copy.jsonl") == lines[..1];
    eventually("the first event is in the journal", is_there);
    writeln!(stdin, "{}", lines[1]).expect("a pipe");
    drop(stdin);
    end(child).ends_with(0).says("imported 2 events from standard input; ");
    assert_eq!(folder.events("copy.jsonl"), lines);
}

#[test]
fn foreign_and_broken_lines_cost_only_themselves() {
    let folder = Folder::new();
    folder.record("log.jsonl", 2);
    let config = folder.config_to_journal("copy.jsonl");
    let lines = folder.events("log.jsonl");
    let input = format!("starting\n{}\n[INFO] x\n\n{{\"id\":\n{}\n", lines[0], lines[1]);
    tidings_fed(&args(&["-", "--config", &config]), &input)
        .ends_with(1)
        .says("error: standard input:1: not a CloudEvent in JSON")
        .says("error: standard input:3: ")
        .says("error: standard input:5: ")
        .says("imported 2 events from standard input; 3 lines could not be read; ");
    assert_eq!(folder.events("copy.jsonl"), lines);
}

#[test]
fn only_the_first_of_many_faults_are_told_one_by_one() {
    let folder = Folder::new();
    let config = folder.config_to_journal("copy.jsonl");
    let run = tidings_fed(&args(&["--config", &config]), &"x\n".repeat(1_000)).ends_with(1);
    let told = run.err.lines().filter(|line| line.contains("standard input:")).count();
    assert_eq!(told, 10, "{}", run.err);
    run.says("error: 990 more lines could not be used");
}

#[test]
fn the_body_of_an_http_batch_is_imported() {
    let folder = Folder::new();
    folder.record("log.jsonl", 3);
    let config = folder.config_to_journal("copy.jsonl");
    let lines = folder.events("log.jsonl");
    let body = folder.write("body.json", &format!("[{}]", lines.join(",")));
    tidings(&args(&[&body, "--config", &config])).ends_with(0).says("imported 3 events from ");
    assert_eq!(folder.events("copy.jsonl"), lines);
}

#[test]
fn a_journal_is_imported_without_its_header() {
    let folder = Folder::new();
    let log = folder.record("log.jsonl", 3);
    let config = folder.config_to_journal("copy.jsonl");
    tidings(&args(&[&log, "--config", &config])).ends_with(0);
    assert_eq!(folder.events("copy.jsonl"), folder.events("log.jsonl"));
}

#[test]
fn dead_letters_are_imported_again_and_hollow_ones_are_named() {
    let folder = Folder::new();
    folder.record("log.jsonl", 2);
    let config = folder.config_to_journal("copy.jsonl");
    let lines = folder.events("log.jsonl");
    let reason = ",\"reason\":\"code 12\",\"observer\":\"splunk\"}";
    let whole = lines[0].strip_suffix('}').expect("an object").to_owned() + reason;
    let head = lines[1].split(",\"data\":").next().expect("an event");
    let hollow = format!("{head},\"reason\":\"NaN has no JSON form\"}}");
    let dead = folder.write("dead.jsonl", &format!("{whole}\n{hollow}\n"));
    tidings(&args(&[&dead, "--config", &config]))
        .ends_with(1)
        .says("dead.jsonl:2: the dead letter ")
        .says(" has no data and cannot be imported")
        .says("NaN has no JSON form");
    assert_eq!(folder.events("copy.jsonl"), lines[..1]);
}

#[test]
fn a_last_line_without_an_end_is_imported_if_it_is_whole() {
    let folder = Folder::new();
    folder.record("log.jsonl", 1);
    let config = folder.config_to_journal("copy.jsonl");
    let lines = folder.events("log.jsonl");
    tidings_fed(&args(&["--config", &config]), &lines[0]).ends_with(0);
    assert_eq!(folder.events("copy.jsonl"), lines);
    let config = folder.config_to_journal("torn.jsonl");
    tidings_fed(&args(&["--config", &config]), &lines[0][..100])
        .ends_with(1)
        .says("(the last line was never finished)");
}

#[test]
fn bytes_that_are_no_text_cost_only_their_line() {
    let folder = Folder::new();
    folder.record("log.jsonl", 1);
    let config = folder.config_to_journal("copy.jsonl");
    let lines = folder.events("log.jsonl");
    let mut bytes = b"ab\xff\n".to_vec();
    bytes.extend_from_slice(lines[0].as_bytes());
    std::fs::write(folder.path("mixed"), bytes).expect("a file");
    tidings(&args(&[&folder.arg("mixed"), "--config", &config]))
        .ends_with(1)
        .says("mixed:1: byte 3 of the line is not UTF-8");
    assert_eq!(folder.events("copy.jsonl"), lines);
}
