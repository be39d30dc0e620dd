//! Places that are slow, busy or gone.

use std::time::{Duration, Instant};

use tidings_fault_server::{CloudEvents, Fault, FaultServer, Hec};

use crate::support::{Folder, json, nobody, tidings};

#[test]
fn more_than_the_queue_holds_is_delivered_all_the_same() {
    let folder = Folder::new();
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    server.inject_times(2, Fault::status(503));
    let log = folder.record("log.jsonl", 20_000);
    let config = folder.config_to_http(
        &server.url(),
        "queue = { events = 300, overflow = \"drop_oldest\" }\nretry = { first_ms = 1 }",
    );
    tidings(&["replay", &log, "--config", &config]).ends_with(0).says("place: 20,000 delivered");
    let id = |line: &String| line.split('"').nth(7).expect("an id").to_owned();
    let ids: Vec<String> = folder.events("log.jsonl").iter().map(id).collect();
    assert!(server.accepted_ids() == ids, "the server has other events, or in another order");
}

#[test]
fn a_queue_of_few_bytes_loses_nothing_either() {
    let folder = Folder::new();
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    let log = folder.record("log.jsonl", 300);
    let config = folder
        .config_to_http(&server.url(), "queue = { bytes = 20000, overflow = \"drop_newest\" }");
    tidings(&["replay", &log, "--config", &config]).ends_with(0);
    assert_eq!(server.accepted_ids().len(), 300);
}

#[test]
fn what_is_sent_only_on_flush_is_sent_in_time() {
    let folder = Folder::new();
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    let log = folder.record("log.jsonl", 500);
    let config = folder.config_to_http(
        &server.url(),
        "send = \"on_flush\"\nqueue = { events = 100, overflow = \"drop_oldest\" }",
    );
    let begin = Instant::now();
    tidings(&["replay", &log, "--config", &config]).ends_with(0);
    assert_eq!(server.accepted_ids().len(), 500);
    // The stall timeout of a minute was never waited for.
    assert!(begin.elapsed() < Duration::from_secs(50));
}

#[test]
fn a_place_that_is_gone_is_named_and_the_rest_counted() {
    let folder = Folder::new();
    let log = folder.record("log.jsonl", 100);
    let config =
        folder.config_to_http(&nobody(), "queue = { events = 10, overflow = \"drop_oldest\" }");
    let report = folder.arg("report.json");
    let run = tidings(&[
        "replay",
        &log,
        "--config",
        &config,
        "--stall-timeout",
        "0.2",
        "--close-timeout",
        "0.5",
        "--report",
        &report,
    ])
    .ends_with(1)
    .says("warning: `place` has taken nothing for 0.2 s")
    .says("error: not everything was delivered to `place`: 0 of 100 delivered");
    let waits = run.err.matches("has taken nothing").count();
    assert_eq!(waits, 1, "{}", run.err);
    let report = json(&folder.read("report.json"));
    assert_eq!(report["complete"], false);
    let counts = &report["observers"][0];
    let count = |key: &str| counts[key].as_u64().expect("a number");
    let fates = ["delivered", "failed", "rejected", "dropped", "suppressed", "spooled", "pending"];
    assert_eq!(count("accepted"), fates.into_iter().map(count).sum::<u64>(), "{report}");
    assert!(count("dropped") > 0, "{report}");
}

#[test]
fn a_place_that_hangs_does_not_hold_up_the_end() {
    let folder = Folder::new();
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    server.inject_always(Fault::HangBefore);
    let log = folder.record("log.jsonl", 10);
    let config = folder.config_to_http(&server.url(), "");
    let begin = Instant::now();
    tidings(&["replay", &log, "--config", &config, "--close-timeout", "0.5"])
        .ends_with(1)
        .says("place: 0 delivered, 10 pending");
    // The sink itself would wait for ten seconds.
    assert!(begin.elapsed() < Duration::from_secs(8), "{:?}", begin.elapsed());
    server.release();
}

#[test]
fn what_was_set_aside_is_delivered_by_an_import() {
    let folder = Folder::new();
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    server.rules(|rules| rules.poison(|json| json.contains("\"seed\":7,"))).expect("rules");
    let log = folder.record("log.jsonl", 20);
    let dead = folder.arg("dead.jsonl");
    let config = folder.config_to_http(&server.url(), &format!("dead_letter = \"{dead}\""));
    tidings(&["replay", &log, "--config", &config])
        .ends_with(1)
        .says("warning: `place` set aside `case.started` ")
        .says("error: not everything was delivered to `place`: 19 of 20 delivered, 1 rejected");
    let config = folder.config_to_journal("copy.jsonl");
    tidings(&["import", "--from", "cloudevents", &dead, "--config", &config]).ends_with(0);
    let (copy, original) = (folder.events("copy.jsonl"), folder.events("log.jsonl"));
    let id = |line: &String| line.split('"').nth(7).expect("an id").to_owned();
    assert_eq!(copy.iter().map(id).collect::<Vec<_>>(), [id(&original[7])]);
}

#[test]
fn a_token_stays_where_it_is() {
    let folder = Folder::new();
    let server = FaultServer::start(Hec::new().token("s3cret-t0ken")).expect("a port");
    server.inject_always(Fault::hec(403, 4, "Invalid token s3cret-t0ken"));
    let token = folder.write("token", "s3cret-t0ken\n");
    let log = folder.record("log.jsonl", 5);
    let url = server.url();
    let config = folder.write(
        "config.toml",
        &format!("[[observer]]\nkind = \"splunk\"\nurl = \"{url}\"\ntoken_file = \"{token}\"\n"),
    );
    let report = folder.arg("report.json");
    let run = tidings(&[
        "replay",
        &log,
        "--config",
        &config,
        "--close-timeout",
        "0.5",
        "--report",
        &report,
    ])
    .ends_with(1)
    .says("is on hold and needs you");
    assert!(!run.err.contains("s3cret"), "{}", run.err);
    assert!(!folder.read("report.json").contains("s3cret"));
    server.clear_faults();
    tidings(&["replay", &log, "--config", &config]).ends_with(0).says("splunk: 5 delivered");
    assert_eq!(server.accepted().len(), 5);
}

#[test]
fn a_spool_keeps_what_a_place_does_not_take() {
    let folder = Folder::new();
    let log = folder.record("log.jsonl", 100);
    let spool = format!("spool = \"{}\"", folder.arg("spool"));
    let config = folder.config_to_http(&nobody(), &spool);
    tidings(&[
        "replay",
        &log,
        "--config",
        &config,
        "--stall-timeout",
        "0.2",
        "--close-timeout",
        "2",
    ])
    .ends_with(1)
    .says("place: 0 delivered, 100 spooled");
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    let config = folder.config_to_http(&server.url(), &spool);
    let none = folder.write("none.jsonl", "");
    tidings(&["import", "--from", "cloudevents", &none, "--config", &config]).ends_with(0);
    assert_eq!(server.accepted_ids().len(), 100);
}
