//! Signals: the first ends the reading and nothing that was read is lost, the second kills.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use tidings_fault_server::{CloudEvents, Fault, FaultServer};

use crate::support::{Folder, PATIENCE, end, eventually, json, names_in, start};

/// Sends a signal, such as `INT`.
fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    let sent = Command::new("kill").args([&format!("-{name}"), &pid]).status();
    assert!(sent.expect("there is a `kill`").success(), "{name} was not sent");
}

/// Imports from a pipe that stays open, and interrupts when the server has the first events.
fn import_and_interrupt(name: &str, status: i32) {
    let folder = Folder::new();
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    folder.record("log.jsonl", 100);
    // The rest waits for a fuller batch when the signal comes.
    let config =
        folder.config_to_http(&server.url(), "batch = { events = 30, linger_ms = 600000 }");
    let report = folder.arg("report.json");
    let mut child =
        start(&["import", "--from", "cloudevents", "--config", &config, "--report", &report]);
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all((folder.events("log.jsonl").join("\n") + "\n").as_bytes()).expect("a pipe");
    eventually("the server has the first events", || !server.accepted_ids().is_empty());
    signal(&child, name);
    end(child)
        .ends_with(status)
        .says("interrupted: nothing more is read")
        .says("interrupted: imported 100 events from standard input, up to line 100; ")
        .says("place: 100 delivered\n");
    drop(stdin);
    assert_eq!(server.accepted_ids().len(), 100);
    let report = json(&folder.read("report.json"));
    assert_eq!(
        (&report["complete"], &report["observers"][0]["delivered"]),
        (&true.into(), &100.into())
    );
}

#[test]
fn sigint_ends_a_read_that_waits_and_all_that_was_read_arrives() {
    import_and_interrupt("INT", 130);
}

#[test]
fn sigterm_does_the_same_with_its_own_status() {
    import_and_interrupt("TERM", 143);
}

#[test]
fn a_line_that_is_being_written_is_no_fault() {
    let folder = Folder::new();
    folder.record("log.jsonl", 2);
    let lines = folder.events("log.jsonl");
    let config = folder.config_to_journal("copy.jsonl");
    let mut child = start(&["import", "--from", "cloudevents", "--config", &config]);
    let mut stdin = child.stdin.take().expect("a pipe");
    write!(stdin, "{}\n{}", lines[0], &lines[1][..50]).expect("a pipe");
    let is_there =
        || folder.path("copy.jsonl").exists() && folder.events("copy.jsonl") == lines[..1];
    eventually("the first event is in the journal", is_there);
    signal(&child, "INT");
    let run = end(child).ends_with(130).says("standard input, up to line 1; ");
    drop(stdin);
    assert!(!run.err.contains("error"), "{}", run.err);
}

#[test]
fn a_replay_that_waits_for_a_place_ends_within_the_close_timeout_and_reads_no_further() {
    let folder = Folder::new();
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    server.inject_always(Fault::status(503));
    let log = folder.record("log.jsonl", 5_000);
    let more = "queue = { events = 100, overflow = \"drop_oldest\" }\nretry = { first_ms = 1 }";
    let config = folder.config_to_http(&server.url(), more);
    let report = folder.arg("report.json");
    let begin = Instant::now();
    let child =
        start(&["replay", &log, "--config", &config, "--report", &report, "--close-timeout", "1"]);
    eventually("the server was asked", || !server.requests().is_empty());
    signal(&child, "INT");
    end(child).ends_with(130).says("interrupted: replayed ").says("log.jsonl:");
    // The stall timeout of a minute was not waited for.
    assert!(begin.elapsed() < Duration::from_secs(50), "{:?}", begin.elapsed());
    let report = json(&folder.read("report.json"));
    // What its queue holds, and the event that waited for room in it.
    let accepted = report["observers"][0]["accepted"].as_u64().expect("a number");
    assert!((1..=101).contains(&accepted), "{report}");
    assert_eq!(report["complete"], false);
}

#[test]
fn the_second_signal_ends_it_at_once() {
    let folder = Folder::new();
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    server.inject_always(Fault::HangBefore);
    let log = folder.record("log.jsonl", 10);
    let config = folder.config_to_http(&server.url(), "");
    let report = folder.arg("report.json");
    let timeout = ["--close-timeout", "6000", "--report", &report];
    let mut child = start(&[&["replay", &log, "--config", &config][..], &timeout].concat());
    let mut err = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    eventually("the server was asked", || !server.requests().is_empty());
    signal(&child, "INT");
    let told = err.find_map(|line| line.ok().filter(|line| line.starts_with("interrupted: ")));
    assert!(told.is_some_and(|told| told.contains("another signal ends it at once")));
    let begin = Instant::now();
    signal(&child, "INT");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    assert!(begin.elapsed() < PATIENCE, "{:?}", begin.elapsed());
    let folder_path = folder.path("log.jsonl");
    let names = names_in(folder_path.parent().expect("a folder"));
    assert_eq!(names, ["config.toml", "log.jsonl"]);
    server.release();
}
