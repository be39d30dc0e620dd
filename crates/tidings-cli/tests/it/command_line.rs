//! Wrong arguments, help and version.

use crate::support::{Folder, end, start, tidings};

#[test]
fn wrong_usage_ends_with_two() {
    for args in [
        &[][..],
        &["replay"],
        &["replay", "log.jsonl"],
        &["import", "--config", "x"],
        &["import", "--from", "nonsense", "--config", "x"],
        &["verify", "--nonsense", "x"],
        &["nonsense"],
    ] {
        let run = tidings(args);
        assert_eq!(run.code, Some(2), "{args:?}: {}", run.err);
        assert_eq!(run.out, "", "{args:?}");
    }
}

#[test]
fn a_time_that_is_none_is_refused() {
    let folder = Folder::new();
    let log = folder.record("log.jsonl", 1);
    let config = folder.config_to_journal("copy.jsonl");
    for (option, seconds) in
        [("--close-timeout", "-1"), ("--close-timeout", "NaN"), ("--stall-timeout", "soon")]
    {
        tidings(&["replay", &log, "--config", &config, option, seconds]).ends_with(2).says(option);
    }
    assert!(!folder.path("copy.jsonl").exists());
    tidings(&["replay", &log, "--config", &config, "--close-timeout", "0.5"]).ends_with(0);
}

#[test]
fn help_has_an_example_for_each_command() {
    for command in ["replay", "import", "drain", "verify"] {
        let run = tidings(&[command, "--help"]).ends_with(0);
        assert!(run.out.contains(&format!("tidings {command} ")), "{}", run.out);
        assert!(run.out.contains("Example"), "{}", run.out);
    }
    let run = tidings(&["--help"]).ends_with(0);
    assert!(run.out.contains("Exit status:"), "{}", run.out);
    let run = tidings(&["--version"]).ends_with(0);
    assert_eq!(run.out, format!("tidings {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_reader_that_has_gone_away_ends_it_quietly() {
    let folder = Folder::new();
    let log = folder.record("log.jsonl", 1);
    let logs = vec![log.as_str(); 200];
    let mut child = start(&[&["verify"], &logs[..]].concat());
    drop(child.stdout.take());
    let run = end(child).ends_with(0);
    assert_eq!(run.err, "");
}
