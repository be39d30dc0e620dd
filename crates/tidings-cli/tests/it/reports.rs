//! `--report`: what became of every event, for programs.

use serde_json::Value;

use crate::support::{Folder, json, names_in, tidings};

/// DESIGN §12, key for key.
const OBSERVER_KEYS: [&str; 13] = [
    "name",
    "kind",
    "accepted",
    "delivered",
    "failed",
    "rejected",
    "dropped",
    "suppressed",
    "spooled",
    "pending",
    "retries",
    "stalled",
    "last_error",
];

#[test]
fn a_report_has_the_promised_shape_and_only_observers_of_the_configuration() {
    let folder = Folder::new();
    let log = folder.record("log.jsonl", 7);
    let config = folder.config_to_journal("copy.jsonl");
    let report = folder.arg("report.json");
    let run = tidings(&["replay", &log, "--config", &config, "--report", &report]).ends_with(0);
    assert_eq!(run.out, "");
    let report = json(&folder.read("report.json"));
    assert_eq!(report["complete"], true);
    let observers = report["observers"].as_array().expect("a list");
    assert_eq!(observers.len(), 1, "{report}");
    for key in OBSERVER_KEYS {
        assert!(observers[0].get(key).is_some(), "{key} is missing in {report}");
    }
    assert_eq!(observers[0]["kind"], "journal");
    assert_eq!((&observers[0]["accepted"], &observers[0]["delivered"]), (&7.into(), &7.into()));
    assert_eq!(observers[0]["last_error"], Value::Null);
}

#[test]
fn a_report_to_standard_output_is_all_there_is_on_it() {
    let folder = Folder::new();
    let log = folder.record("log.jsonl", 1);
    let config = folder.config_to_journal("copy.jsonl");
    let run = tidings(&["replay", &log, "--config", &config, "--report", "-"]).ends_with(0);
    assert_eq!(json(&run.out)["complete"], true);
    assert_eq!(run.out.lines().count(), 1);
}

#[test]
fn a_report_is_there_whole_and_alone() {
    let folder = Folder::new();
    let log = folder.record("log.jsonl", 1);
    let config = folder.config_to_journal("copy.jsonl");
    let report = folder.write("report.json", "what was there before");
    tidings(&["replay", &log, "--config", &config, "--report", &report]).ends_with(0);
    assert_eq!(json(&folder.read("report.json"))["complete"], true);
    let names = names_in(folder.path("log.jsonl").parent().expect("a folder"));
    assert_eq!(names, ["config.toml", "copy.jsonl", "log.jsonl", "report.json"]);
}

#[test]
fn a_report_without_a_place_is_refused_before_anything_is_delivered() {
    let folder = Folder::new();
    let log = folder.record("log.jsonl", 1);
    let config = folder.config_to_journal("copy.jsonl");
    let report = folder.arg("no/report.json");
    tidings(&["replay", &log, "--config", &config, "--report", &report])
        .ends_with(2)
        .says("its folder is not there: make it first");
    assert!(!folder.path("copy.jsonl").exists());
}
