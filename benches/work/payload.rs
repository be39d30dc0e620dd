//! Payloads from 200 bytes to 64 KiB, and a deep one.

use serde::Serialize;

/// The sizes there are.
pub(crate) const SIZES: [&str; 4] = ["200 B", "1 KiB", "64 KiB", "deep"];

/// An event as test frameworks write them: fields in the order a person thinks of them.
#[derive(Serialize)]
pub(crate) enum Payload {
    Created(Created),
    Nested(Level),
}

#[derive(Serialize)]
pub(crate) struct Created {
    test_name: String,
    attempt: u32,
    config: Config,
    seconds: f64,
    tags: Vec<String>,
    cases: Vec<Case>,
}

#[derive(Serialize)]
struct Config {
    name: String,
    parallel: bool,
    seed: u64,
    timeout_ms: Option<u32>,
}

#[derive(Serialize)]
struct Case {
    name: String,
    module: &'static str,
    line: u32,
    duration: f64,
    message: String,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    file: String,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
pub(crate) struct Level {
    name: String,
    depth: u32,
    inner: Option<Box<Level>>,
}

pub(crate) fn payload(size: &str) -> Payload {
    let (tags, cases) = match size {
        "200 B" => (1, 0),
        "1 KiB" => (6, 4),
        "64 KiB" => (40, 315),
        _ => return Payload::Nested(level(100)),
    };
    Payload::Created(Created {
        test_name: "renders_the_summary_of_an_empty_run".into(),
        attempt: 1,
        config: Config {
            name: "nightly".into(),
            parallel: true,
            seed: 0x9e37_79b9_7f4a_7c15,
            timeout_ms: Some(30_000),
        },
        seconds: 0.125_731,
        tags: (0..tags).map(|n| format!("tag-{n}")).collect(),
        cases: (0..cases).map(case).collect(),
    })
}

fn case(n: u32) -> Case {
    Case {
        name: format!("case_{n}"),
        module: "suite::group::cases",
        line: 10 + n,
        duration: f64::from(n) * 0.013_7,
        message: format!("expected \"{n}\", got \"{}\"\nin the second round", n + 1),
        location: Location { file: format!("src/suite/file_{n}.rs"), line: 3 * n, column: 17 },
    }
}

fn level(depth: u32) -> Level {
    let inner = (depth > 0).then(|| Box::new(level(depth - 1)));
    Level { name: format!("level {depth}"), depth, inner }
}
