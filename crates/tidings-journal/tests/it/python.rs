//! The script in the docs: anyone can recompute content ids, in another language.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidings_core::Timestamp;
use tidings_derive::Event;
use tidings_journal::Journal;
use tidings_registry::Bus;

use crate::support::path;

const PAGE: &str = include_str!("../../../tidings-core/docs/content_id.md");

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "odd_values", crate = "tidings_core")]
enum Odd {
    #[event(begin)]
    Started {
        seed: u64,
        below: i64,
        #[event(volatile)]
        started_at: Timestamp,
    },
    Measured {
        floats: Vec<f64>,
        singles: Vec<f32>,
        #[event(volatile)]
        seconds: f64,
        #[event(volatile)]
        host: String,
    },
    Named {
        by_key: BTreeMap<String, Option<bool>>,
        text: String,
    },
    #[event(end(success))]
    Finished,
}

fn script() -> &'static str {
    let from = PAGE.find("```python\n").expect("a script on the page") + "```python\n".len();
    let length = PAGE[from..].find("```").expect("its end");
    &PAGE[from..from + length]
}

fn odd_events() -> Vec<Odd> {
    let keys = ["", "a", "Z", "\u{e9}", "\u{20ac}", "\u{1f600}", "\u{fb33}", "\r", "\"\\/"];
    vec![
        Odd::Started { seed: u64::MAX, below: i64::MIN, started_at: Timestamp::from_nanos(1) },
        Odd::Measured {
            floats: vec![0.0, -0.0, 1e21, 1e-7, 0.1, 5e-324, 1.797_693_134_862_315_7e308, 4.5],
            singles: vec![0.1, 16_777_216.0, 3.4e38],
            seconds: 1.25,
            host: "lab-3, \u{fc}".to_owned(),
        },
        Odd::Named {
            by_key: keys.iter().map(|key| ((*key).to_owned(), Some(true))).collect(),
            text: "line\nbreak \u{2028} \u{7f} \u{1} \u{10ffff}".to_owned(),
        },
        Odd::Finished,
    ]
}

#[test]
fn the_script_in_the_docs_agrees_with_every_content_id_of_a_journal() {
    let (folder, path) = path();
    let bus = Bus::new();
    bus.subscribe(Journal::create(&path).expect("a new file")).detach();
    let emitter = bus.emitter::<Odd>("s\u{fc}ite \"1\"", "/a,b");
    for event in odd_events() {
        assert_eq!(emitter.emit(event).delivered(), 1);
    }
    let raw = bus.raw_emitter("case", "t1");
    let data = tidings_core::RawJson::parse(
        "{ \"b\": 1.50, \"\": 0, \"a\": [1e2, 12345678901234567890123] }",
    );
    raw.emit("odd_values.raw", data.expect("JSON")).expect("a good name");
    bus.close(Duration::from_secs(20)).expect("nothing fails");

    let script_path = folder.path().join("recompute.py");
    fs::write(&script_path, script()).expect("a disk");
    let run = |journal: &std::path::Path| {
        let output = Command::new("python3").arg(&script_path).arg(journal).output();
        output.expect("python3 is needed for this test: `apt-get install python3`")
    };
    let output = run(&path);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let faults = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}{faults}");
    // The header, four typed events, one raw.
    assert_eq!(told.trim(), "ok 6");

    let changed = fs::read_to_string(&path).expect("the journal").replace("lab-3", "lab-4");
    fs::write(&path, changed.replace("4.5]", "4.75]")).expect("a disk");
    let output = run(&path);
    assert!(!output.status.success(), "a changed float has another content id");
}
