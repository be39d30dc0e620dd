//! The examples of the docs load and start as they stand there.

use tidings_config::Config;

const DOCS: &str = include_str!("../../docs/configuration.md");
/// The example that the project's own description of the format gives.
const GIVEN: &str = r#"node = "lab-3"
attributes = { applicationName = "MyApp", appVersion = "1.0.0" }
dedup = { capacity = 65536, window_s = 60 }             # optional
[[observer]]
kind = "splunk"                                         # console, journal, junit, http, splunk, nats, or a custom kind (typetag) linked in
interest = ["quick_test", "test"]
url = "https://splunk.example:8088"
token_env = "SPLUNK_HEC_TOKEN"                           # or token_file; never the token itself
index = "tests"
acknowledge = true
batch = { events = 500, bytes = 1048576, linger_ms = 200 }
queue = { events = 10000, overflow = "drop_oldest" }     # block, drop_newest, drop_oldest, spool
retry = { first_ms = 500, cap_ms = 30000, age_max_s = 3600 }
timeout_ms = 10000
compression = "gzip"
spool = "spool/splunk"
dead_letter = "dead/splunk.jsonl"
"#;

fn blocks(language: &str) -> Vec<&'static str> {
    let begin = format!("```{language}\n");
    let blocks = DOCS.split(begin.as_str()).skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}

/// Loads and starts a file of this name.
fn starts(name: &str, text: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("a file");
    let reader = Config::reader().environment(|_| Some("a-token".to_owned()));
    let config = reader.load(&path).map_err(|fault| fault.to_string()).expect("it is right");
    assert_eq!(config.warnings(), [""; 0]);
    let started = config.start().map_err(|fault| fault.to_string()).expect("it starts");
    assert!(started.bus().report().observers.iter().all(|observer| observer.counts.accepted == 0));
    started.bus().close(std::time::Duration::from_secs(10)).expect("it is not strict");
}

#[test]
fn the_given_example_starts() {
    starts("given.toml", GIVEN);
}

#[test]
fn every_example_of_the_docs_starts() {
    let toml = blocks("toml");
    assert_eq!(toml.len(), 8, "one for each kind, and the first");
    let is_known = |text: &&&str| cfg!(feature = "nats") || !text.contains("\"nats\"");
    for text in toml.iter().filter(is_known) {
        starts("example.toml", text);
    }
    let json = blocks("json");
    assert_eq!(json.len(), 1);
    for text in json {
        starts("example.json", text);
    }
}

#[test]
fn the_docs_name_every_key_that_there_is() {
    let told = |toml: &str| Config::from_toml(toml, "").expect_err("it is wrong").to_string();
    let mut keys = told("xyzzyxyzzy = 1");
    let nats: &[&str] = if cfg!(feature = "nats") { &["nats"] } else { &[] };
    for kind in ["console", "journal", "junit", "faulty", "http", "splunk"].iter().chain(nats) {
        keys += &told(&format!("[[observer]]\nkind = \"{kind}\"\nxyzzyxyzzy = 1"));
    }
    let words: Vec<&str> = keys.split('`').skip(1).step_by(2).collect();
    assert!(words.len() > 30, "{words:?}");
    for key in words.iter().filter(|key| !key.contains("xyzzy")) {
        let is_told = DOCS.contains(&format!("`{key}`")) || DOCS.contains(&format!("`{key} = "));
        assert!(is_told, "`{key}` is not in the docs");
    }
}
