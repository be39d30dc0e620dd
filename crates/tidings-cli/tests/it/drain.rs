//! `tidings drain`: what waits in spools is delivered, and nothing is read.

use tidings_fault_server::{CloudEvents, FaultServer};

use crate::support::{Folder, json, nobody, tidings};

/// A folder whose spool holds so many events that a replay could not deliver.
fn spooled(events: u64) -> (Folder, String) {
    let folder = Folder::new();
    let log = folder.record("log.jsonl", events);
    let spool = format!("spool = \"{}\"", folder.arg("spool"));
    let config = folder.config_to_http(&nobody(), &spool);
    let waits = ["--stall-timeout", "0.2", "--close-timeout", "1"];
    tidings(&[&["replay", &log, "--config", &config][..], &waits].concat()).ends_with(1);
    (folder, spool)
}

#[test]
fn what_waits_in_a_spool_is_delivered_and_reported() {
    let (folder, spool) = spooled(50);
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    let config = folder.config_to_http(&server.url(), &spool);
    let report = folder.arg("report.json");
    tidings(&["drain", "--config", &config, "--report", &report])
        .ends_with(0)
        .says("drained the spools\n");
    assert_eq!(server.accepted_ids().len(), 50);
    let report = json(&folder.read("report.json"));
    assert_eq!(report["complete"], true);
}

#[test]
fn what_still_cannot_be_delivered_stays_in_the_spool_and_is_told() {
    let (folder, spool) = spooled(50);
    let config = folder.config_to_http(&nobody(), &spool);
    tidings(&["drain", "--config", &config, "--close-timeout", "0.5"])
        .ends_with(1)
        .says("50 events of an earlier run are still in the spool")
        .says("not all spools were drained\n");
}

#[test]
fn a_configuration_that_is_not_there_is_a_misuse() {
    let folder = Folder::new();
    tidings(&["drain", "--config", &folder.arg("no.toml")]).ends_with(2).says("no.toml");
}
