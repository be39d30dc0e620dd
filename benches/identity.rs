//! What does an event pay to be canonical and to have an id, over being plain JSON
//! with a hash?
//!
//! Ours: canonical JSON by one pass, then the content id. The peer: `serde_json::to_vec`
//! and SHA-256 of the same bytes, which sorts nothing and names nothing. The floor: a
//! bare SHA-256 of the bytes. The table at the end takes medians of interleaved rounds
//! in one process, so a noisy machine slows all three alike.

#![expect(clippy::print_stdout, reason = "a benchmark's table is its product")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use divan::{AllocProfiler, Bencher};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tidings::{ContentId, json::Encoder};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const SIZES: [&str; 4] = ["200 B", "1 KiB", "64 KiB", "deep"];
const ENTITY: &str = r#"[["suite","a_SUITE"],["case","t1"]]"#;
const EVENT_TYPE: &str = "quick_test.created";
const ROUNDS: usize = 301;
const ROUND_TIME: Duration = Duration::from_micros(400);

fn main() {
    divan::main();
    println!("\nmedian of {ROUNDS} interleaved rounds");
    println!(
        "{:>8} {:>8} {:>10} {:>16} {:>10} {:>6}",
        "payload", "bytes", "ours", "to_vec + sha256", "sha256", "ratio"
    );
    for size in SIZES {
        print_ratio(size, &payload(size));
    }
}

#[divan::bench(args = SIZES)]
fn canonical_json_and_content_id(bencher: Bencher, size: &str) {
    let payload = payload(size);
    bencher.bench_local(|| ours(black_box(&payload)));
}

#[divan::bench(args = SIZES)]
fn canonical_json_alone(bencher: Bencher, size: &str) {
    let payload = payload(size);
    bencher.bench_local(|| canonical(black_box(&payload)));
}

#[divan::bench(args = SIZES)]
fn plain_json_and_sha256(bencher: Bencher, size: &str) {
    let payload = payload(size);
    bencher.bench_local(|| peer(black_box(&payload)));
}

#[divan::bench(args = SIZES)]
fn plain_json_alone(bencher: Bencher, size: &str) {
    let payload = payload(size);
    bencher.bench_local(|| plain(black_box(&payload)));
}

#[divan::bench(args = SIZES)]
fn sha256_alone(bencher: Bencher, size: &str) {
    let bytes = plain(&payload(size));
    bencher.bench_local(|| Sha256::digest(black_box(&bytes)));
}

fn canonical(payload: &Payload) -> tidings::json::Canonical {
    let mut encoder = Encoder::new();
    encoder.variant(payload).expect("every float is finite");
    encoder.finish()
}

fn ours(payload: &Payload) -> (String, ContentId) {
    let data = canonical(payload);
    let id = ContentId::compute(EVENT_TYPE, ENTITY, &data, &[] as &[&str]);
    (data.into_string(), id)
}

/// What the payload says, without the enum's tag: the same bytes as ours, in field order.
fn plain(payload: &Payload) -> Vec<u8> {
    let bytes = match payload {
        Payload::Created(created) => serde_json::to_vec(created),
        Payload::Nested(level) => serde_json::to_vec(level),
    };
    bytes.expect("every key is text")
}

fn peer(payload: &Payload) -> (Vec<u8>, [u8; 32]) {
    let bytes = plain(payload);
    let hash = Sha256::digest(&bytes).into();
    (bytes, hash)
}

fn print_ratio(size: &str, payload: &Payload) {
    let bytes = plain(payload);
    let started = Instant::now();
    black_box(ours(payload));
    let calls = ROUND_TIME.as_nanos() / started.elapsed().as_nanos().max(1);
    let calls = u32::try_from(calls).unwrap_or(u32::MAX).max(1);
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        times[0].push(time(calls, || ours(black_box(payload))));
        times[1].push(time(calls, || peer(black_box(payload))));
        times[2].push(time(calls, || Sha256::digest(black_box(&bytes))));
    }
    let [ours, peer, floor] = times.map(median);
    println!(
        "{size:>8} {:>8} {ours:>7.0} ns {peer:>13.0} ns {floor:>7.0} ns {:>5.2}x",
        bytes.len(),
        ours / peer
    );
}

fn time<T>(calls: u32, mut call: impl FnMut() -> T) -> f64 {
    let started = Instant::now();
    for _ in 0..calls {
        black_box(call());
    }
    started.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// An event as test frameworks write them: fields in the order a person thinks of them.
#[derive(Serialize)]
enum Payload {
    Created(Created),
    Nested(Level),
}

#[derive(Serialize)]
struct Created {
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
struct Level {
    name: String,
    depth: u32,
    inner: Option<Box<Level>>,
}

fn payload(size: &str) -> Payload {
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
