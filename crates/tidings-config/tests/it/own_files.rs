//! Files of settings of a program's own.

use std::fmt::Debug;
use std::fs;
use std::path::PathBuf;

use expect_test::expect;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tidings_config::{ConfigError, read_file};

use crate::support::TOKEN;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Pool {
    workers: u8,
    #[serde(default)]
    folder: PathBuf,
    mode: Option<Mode>,
    #[serde(default)]
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Fast,
    Careful { attempts: u8 },
}

/// It says nothing of unknown keys.
#[derive(Debug, Deserialize, PartialEq)]
struct Node {
    host: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Application {
    event_url: String,
    #[serde(flatten)]
    further: tidings_core::Attributes,
}

fn read<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, ConfigError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    fs::write(&path, text).expect("a file");
    read_file(path)
}

/// What is said of a wrong file, without its folder.
fn told<T: DeserializeOwned + Debug>(name: &str, text: &str) -> String {
    let told = read::<T>(name, text).expect_err("it is wrong").to_string();
    told.lines()
        .map(|line| line.find(name).map_or(line, |at| &line[at..]))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn toml_and_json_are_told_apart_by_the_name() {
    let toml =
        "workers = 4\nmode = { careful = { attempts = 2 } }\n[[nodes]]\nhost = \"a\"\nrack = 7\n";
    let json = r#"{"workers": 4, "mode": {"careful": {"attempts": 2}}, "nodes": [{"host": "a", "rack": 7}]}"#;
    let pool: Pool = read("pool.toml", toml).expect("it is right");
    assert_eq!(pool, read("pool.json", json).expect("it is right"));
    let nodes = vec![Node { host: "a".to_owned() }];
    let mode = Some(Mode::Careful { attempts: 2 });
    assert_eq!(pool, Pool { workers: 4, folder: PathBuf::new(), mode, nodes });
    let any: serde_json::Value = read("pool.toml", toml).expect("it is right");
    assert_eq!(any, read::<serde_json::Value>("pool.json", json).expect("it is right"));
    let pool: Pool = read("pool.toml", "workers = 4\nmode = \"fast\"").expect("it is right");
    assert_eq!(pool.mode, Some(Mode::Fast));
}

#[test]
fn all_keys_that_the_type_denies_are_told_at_once() {
    expect![[r#"
        pool.toml:1:1: unknown key `wokers`
          |
        1 | wokers = 4
          | ^^^^^^ did you mean `workers`?

        pool.toml:3:1: unknown key `banana`
          |
        3 | banana = 1
          | ^^^^^^ expected `workers`, `folder`, `mode` or `nodes`"#]]
    .assert_eq(&told::<Pool>("pool.toml", "wokers = 4\nfolder = \"a\"\nbanana = 1\n"));
}

#[test]
fn a_missing_key_is_told_where_something_like_it_stands() {
    let json = "{\n  \"appVersion\": \"1\",\n  \"eventURL\": \"http://h\"\n}\n";
    expect![[r#"
        app.json:3:3: `eventUrl` is missing
          |
        3 |   "eventURL": "http://h"
          |   ^^^^^^^^^^ is this meant to be it?"#]]
    .assert_eq(&told::<Application>("app.json", json));
    expect![[r#"
        app.json:1:1: `eventUrl` is missing
          |
        1 | {"banana": 1}
          | ^"#]]
    .assert_eq(&told::<Application>("app.json", "{\"banana\": 1}"));
    let node = "workers = 4\n[[nodes]]\nhots = \"a\"\n";
    expect![[r#"
        pool.toml:3:1: `host` is missing
          |
        3 | hots = "a"
          | ^^^^ is this meant to be it?"#]]
    .assert_eq(&told::<Pool>("pool.toml", node));
}

#[test]
fn a_wrong_value_is_told_at_its_place() {
    let toml = "workers = 300\nfolder = 7\n";
    expect![[r#"
        pool.toml:1:11: out of range: expected an integer from 0 to 255, found 300
          |
        1 | workers = 300
          |           ^^^"#]]
    .assert_eq(&told::<Pool>("pool.toml", toml));
    expect![[r#"
        pool.toml:2:10: expected a path, found an integer
          |
        2 | folder = 7
          |          ^"#]]
    .assert_eq(&told::<Pool>("pool.toml", "workers = 1\nfolder = 7\n"));
    expect![[r#"
        pool.toml:2:8: unknown value
          |
        2 | mode = "fats"
          |        ^^^^^^ did you mean `fast`?"#]]
    .assert_eq(&told::<Pool>("pool.toml", "workers = 1\nmode = \"fats\"\n"));
    expect![[r#"
        app.json:1:14: expected a string, found a list
          |
        1 | {"eventUrl": [1]}
          |              ^^^"#]]
    .assert_eq(&told::<Application>("app.json", "{\"eventUrl\": [1]}"));
    expect![[r#"
        pool.json:1:13: not JSON: expected value
          |
        1 | {"workers": }
          |             ^"#]]
    .assert_eq(&told::<Pool>("pool.json", "{\"workers\": }"));
}

#[test]
fn no_secret_of_a_file_is_shown() {
    for json in [
        format!("{{\"test_bearer\": \"{TOKEN}\", \"eventUrl\": 1}}"),
        format!("{{\"eventUrl\": 1, \"x\": {{\"apiKey\": \"{TOKEN}\"}}}}"),
        format!("{{\"eventUrl\": [\"http://h?{TOKEN}\"]}}"),
        format!("{{\"bearer\": \"{TOKEN}\", }}"),
        format!("\"{TOKEN}\""),
        TOKEN.to_owned(),
    ] {
        let fault = read::<Application>("app.json", &json).expect_err("it is wrong");
        assert!(!format!("{fault} {fault:?} {:?}", fault.faults()).contains(TOKEN), "{fault}");
    }
    let json = format!("{{\"eventUrl\": \"h\", \"test_bearer\": \"{TOKEN}\"}}");
    let application: Application = read("app.json", &json).expect("it is for the type to refuse");
    assert_eq!(application.event_url, "h");
    assert_eq!(application.further.text("test_bearer"), Some(TOKEN));
}

#[test]
fn a_file_that_is_not_there_or_has_another_name_is_told() {
    let missing = read_file::<Pool>("no/such/pool.toml").expect_err("it is not there");
    assert!(matches!(&missing, ConfigError::Read { .. }), "{missing}");
    let other = read::<Pool>("pool.yaml", "workers: 4").expect_err("it is neither");
    assert!(matches!(&other, ConfigError::Extension { .. }), "{other}");
}
