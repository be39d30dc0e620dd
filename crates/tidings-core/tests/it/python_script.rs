//! The script in `docs/content_id.md` and this crate name the same content alike.
//!
//! The script is taken from the page as a reader would take it, and runs on lines made
//! from typed payloads.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde::Serialize;
use tidings_core::ContentId;
use tidings_core::json::{Encoder, canonicalize, to_string};

const PAGE: &str = include_str!("../../docs/content_id.md");
const ENTITY: [(&str, &str); 2] = [("suite", "a_SUITE \"quoted\""), ("case", "tést/1")];

#[derive(Serialize)]
enum Said {
    Nothing,
    Number(u128),
    Floats(f64, f32),
    Text { zebra: &'static str, alpha: &'static str },
    Keys(BTreeMap<&'static str, i64>),
    Timed { seconds: f64, test_name: &'static str, attempt: u32, started: u64 },
    OnlyTimed { seconds: f64 },
    Nested { rows: Vec<Vec<Option<bool>>>, seconds: BTreeMap<&'static str, f64> },
}

fn payloads() -> Vec<(Said, &'static [&'static str])> {
    vec![
        (Said::Nothing, &[]),
        (Said::Number(u128::MAX), &[]),
        (Said::Number(9_007_199_254_740_993), &[]),
        (Said::Floats(1e21, 0.1), &[]),
        (Said::Floats(-1.5e-7, 16_777_216.0), &[]),
        (Said::Text { zebra: "\"\\\u{8}\u{c}\n\r\t\u{1f}\u{7f}/", alpha: "€ 😀 \u{2028}" }, &[]),
        (
            Said::Keys(BTreeMap::from([("\u{e000}", 1), ("\u{10000}", 2), ("\r", 3), ("a", -4)])),
            &[],
        ),
        (
            Said::Timed { seconds: 1.25, test_name: "t1", attempt: 1, started: 7 },
            &["seconds", "started"],
        ),
        (Said::OnlyTimed { seconds: 1.0 }, &["seconds"]),
        (
            Said::Nested {
                rows: vec![vec![None, Some(true)], vec![]],
                seconds: BTreeMap::from([("seconds", 2.0)]),
            },
            &[],
        ),
    ]
}

fn line(said: &Said, volatile: &[&str]) -> String {
    let mut encoder = Encoder::new();
    encoder.variant(said).expect("every float is finite");
    let data = encoder.finish();
    let entity = to_string(&ENTITY).expect("text has a form");
    let id = ContentId::compute("demo.said", &entity, &data, volatile);
    let names = match volatile {
        [] => String::new(),
        names => format!(r#","volatile":"{}""#, names.join(",")),
    };
    let entity = to_string(&entity).expect("text has a form");
    format!(
        "{{\"type\":\"demo.said\",\"data\":{data},\"entity\":{entity},\"contentid\":\"{id}\"{names}}}\n"
    )
}

fn foreign_line(json: &str) -> String {
    let data = canonicalize(json).expect("the line is JSON");
    let id = ContentId::compute("demo.foreign", "[]", &data, &[] as &[&str]);
    format!(
        "{{\"type\":\"demo.foreign\",\"data\":{data},\"entity\":\"[]\",\"contentid\":\"{id}\"}}\n"
    )
}

fn script() -> &'static str {
    let (_, rest) = PAGE.split_once("```python\n").expect("the page has a python block");
    rest.split_once("```").expect("the block ends").0
}

fn run(journal: &str) -> Output {
    let mut python = Command::new("python3")
        .args(["-c", script()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 is needed to check the script of docs/content_id.md: `apt-get install python3`");
    let mut input = python.stdin.take().expect("stdin is piped");
    input.write_all(journal.as_bytes()).expect("the script reads its input");
    drop(input);
    python.wait_with_output().expect("the script ends")
}

#[test]
fn the_script_recomputes_every_id() {
    let mut lines: Vec<_> =
        payloads().iter().map(|(said, volatile)| line(said, volatile)).collect();
    lines.push(foreign_line(r#"{"b":1.0,"a":[1E2,-0,0.10],"n":123456789012345678901234567890}"#));
    let output = run(&lines.concat());
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(text, format!("ok {}\n", lines.len()), "{errors}");
    assert!(output.status.success());
}

#[test]
fn the_script_names_the_line_that_was_changed() {
    let good = line(&Said::Number(1), &[]);
    let bad = line(&Said::Number(2), &[]).replace("\"data\":2", "\"data\":3");
    let output = run(&(good + &bad));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.starts_with("line 2: contentid is "), "{text}");
    assert_eq!(text.lines().count(), 1);
    assert_eq!(output.status.code(), Some(1));
}
