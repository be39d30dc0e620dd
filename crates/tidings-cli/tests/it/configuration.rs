//! A configuration that is wrong delivers nothing and says where it is wrong.

use crate::support::{Folder, tidings};

#[test]
fn an_unknown_key_is_told_with_its_line_and_the_nearest_known_key() {
    let folder = Folder::new();
    let log = folder.record("log.jsonl", 1);
    let path = folder.arg("copy.jsonl");
    let config = folder.write(
        "config.toml",
        &format!("[[observer]]\nkind = \"journal\"\npath = \"{path}\"\nintrest = [\"case\"]\n"),
    );
    tidings(&["replay", &log, "--config", &config])
        .ends_with(2)
        .says("config.toml:4:")
        .says("intrest")
        .says("`interest`");
    assert!(!folder.path("copy.jsonl").exists());
}

#[test]
fn a_configuration_that_is_not_there_is_named() {
    let folder = Folder::new();
    let log = folder.record("log.jsonl", 1);
    tidings(&["replay", &log, "--config", &folder.arg("missing.toml")])
        .ends_with(2)
        .says("missing.toml");
}

#[test]
fn a_journal_that_cannot_be_opened_is_a_fault_of_the_configuration() {
    let folder = Folder::new();
    let log = folder.record("log.jsonl", 1);
    let foreign = folder.write("notes.txt", "no journal\n");
    let config = folder.config_to_journal("notes.txt");
    tidings(&["replay", &log, "--config", &config]).ends_with(2).says("notes.txt");
    assert_eq!(folder.read("notes.txt"), "no journal\n", "{foreign} was left alone");
}

#[test]
fn a_configuration_without_observers_is_warned_of() {
    let folder = Folder::new();
    let log = folder.record("log.jsonl", 1);
    let config = folder.write("config.toml", "run = \"r\"\n");
    tidings(&["replay", &log, "--config", &config])
        .ends_with(0)
        .says("warning: no observer is enabled");
}
