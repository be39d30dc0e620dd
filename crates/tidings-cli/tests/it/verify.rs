//! `tidings verify`: sound, torn and changed journals.

use crate::support::{Folder, json, tidings};

#[test]
fn a_sound_journal_is_said_to_be_sound() {
    let folder = Folder::new();
    let log = folder.record("log.jsonl", 5);
    let run = tidings(&["verify", &log]).ends_with(0);
    assert_eq!(run.out, format!("{log}: sound: 5 events of 1 lane, 1 session\n"));
    assert_eq!(run.err, "");
}

#[test]
fn a_torn_end_is_a_warning() {
    let folder = Folder::new();
    folder.record("log.jsonl", 5);
    let text = folder.read("log.jsonl");
    let log = folder.write("log.jsonl", &text[..text.len() - 20]);
    let run = tidings(&["verify", &log]).ends_with(0);
    assert!(run.out.contains("warning: "), "{}", run.out);
    assert!(run.out.contains("the last line was never finished"), "{}", run.out);
}

#[test]
fn a_changed_line_and_a_missing_one_are_found() {
    let folder = Folder::new();
    folder.record("log.jsonl", 5);
    let text = folder.read("log.jsonl").replace("\"seed\":1,", "\"seed\":7,");
    let kept: Vec<&str> = text.lines().filter(|line| !line.contains("\"seed\":3,")).collect();
    let log = folder.write("log.jsonl", &(kept.join("\n") + "\n"));
    let sound = folder.record("sound.jsonl", 1);
    let run = tidings(&["verify", &sound, &log]).ends_with(1);
    assert!(run.out.starts_with(&format!("{sound}: sound: ")), "{}", run.out);
    assert!(run.out.contains("log.jsonl:3: the content id is "), "{}", run.out);
    assert!(run.out.contains("log.jsonl:5: position 3 is expected and 4 found"), "{}", run.out);
}

#[test]
fn the_findings_are_json_when_asked_for() {
    let folder = Folder::new();
    folder.record("log.jsonl", 5);
    let text = folder.read("log.jsonl").replace("\"seed\":1,", "\"seed\":7,");
    let log = folder.write("log.jsonl", &text[..text.len() - 20]);
    let found = json(&tidings(&["verify", "--json", &log]).ends_with(1).out);
    assert_eq!(found["sound"], false);
    let journal = &found["journals"][0];
    assert_eq!(journal["name"], log);
    assert_eq!(journal["events"], 4);
    assert_eq!(journal["fault_counts"]["content id differs"], 1);
    assert_eq!(journal["faults"][0]["line"], 3);
    assert_eq!(journal["torn"]["line"], 6);
}

#[test]
fn what_is_no_journal_is_a_fault_and_what_is_not_there_a_misuse() {
    let folder = Folder::new();
    let empty = folder.write("empty.jsonl", "");
    let run = tidings(&["verify", &empty]).ends_with(1);
    assert!(run.out.contains("no header"), "{}", run.out);
    let help = tidings(&["verify", "--help"]).ends_with(0).out;
    assert!(help.contains("an empty one too: `no header`"), "{help}");
    tidings(&["verify", &folder.arg("missing.jsonl")]).ends_with(2).says("error: failed to open `");
}
