//! Killing: journals that hold back, reports, and dead letters keep what was flushed.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

use fastrand::Rng;
use tidings::Bus;
use tidings::delivery::Delivery;
use tidings::journal::{Journal, Reader, verify};
use tidings::junit::Junit;
use tidings::testrun::RunEmitter;

use crate::child::{child, folder, heard, say};
use crate::places::{PATIENCE, Refuse, cases_in, in_journal};

const KILLS: usize = 25;
const NAME: &str = "killing::what_was_flushed_is_whole_after_every_kill";

#[test]
fn what_was_flushed_is_whole_after_every_kill() {
    if let Some(folder) = folder() {
        return emit_in(&folder);
    }
    let seed = fastrand::u64(..);
    println!("seed {seed}"); // Shown when the test fails.
    let folder = tempfile::tempdir().expect("a folder");
    let (mut chance, mut flushed_by_all, mut kills) = (Rng::with_seed(seed), 0, 0);
    while kills < KILLS {
        let (flushed, was_killed) =
            kill_at(chance.usize(1..20), chance.u32(..50_000), folder.path());
        flushed_by_all += flushed;
        kills += usize::from(was_killed);
        check(folder.path(), flushed, flushed_by_all);
    }
    assert!(flushed_by_all > KILLS, "too little happened: {flushed_by_all} cases were flushed");
    let path = folder.path().join("run.jsonl");
    drop(Journal::append(&path).expect("it goes on"));
    let report = verify(Reader::open(&path).expect("a journal")).expect("it can be read");
    assert!(report.is_sound() && report.torn.is_none(), "{report}");
}

/// The child: runs cases, flushes now and then, closes at last, and says when it has.
fn emit_in(folder: &Path) {
    let letters = Delivery::builder(Refuse).batch_events(8).dead_letter(folder.join("dead.jsonl"));
    let bus = Bus::new();
    let journal = Journal::builder().buffered(4_096).append(folder.join("run.jsonl"));
    bus.subscribe(journal.expect("it goes on")).detach();
    bus.subscribe(Junit::to(folder.join("report.xml"))).detach();
    bus.subscribe(letters.start().expect("a file")).detach();
    let run = RunEmitter::start(&bus, "to-be-killed");
    for number in 1..=30 {
        let case = run.case(&format!("case-{number}"));
        case.stdout("x".repeat(400));
        case.success();
        if number % 3 == 0 {
            say("flushing");
            bus.barrier(PATIENCE).expect("a disk");
            say(&format!("flushed {number}"));
        }
    }
    run.success();
    say("closing");
    drop(bus.close(PATIENCE));
    say("flushed 30");
}

/// Kills a child once it has said so much; answers how many of its cases were flushed, and
/// whether it was killed before it ended.
fn kill_at(lines_max: usize, spins: u32, folder: &Path) -> (usize, bool) {
    let mut child =
        child(NAME, folder).stdout(Stdio::piped()).spawn().expect("this program can be started");
    let output = BufReader::new(child.stdout.take().expect("it is piped"));
    let (mut flushed, mut lines) = (0, 0);
    for line in output.lines().map(|line| line.expect("text")) {
        let Some(line) = heard(&line) else { continue };
        // A line that the kill tore has no number that could be too large.
        let number = line.strip_prefix("flushed ").and_then(|number| number.parse().ok());
        flushed = number.unwrap_or(flushed).max(flushed);
        lines += 1;
        if lines == lines_max {
            // Any point between two lines is as good as another.
            (0..spins).for_each(|_| std::hint::spin_loop());
            child.kill().expect("it is ours to kill");
        }
    }
    let status = child.wait().expect("it has ended");
    assert_ne!(status.code(), Some(101), "the child failed");
    (flushed, !status.success())
}

/// Looks at what is there after a child of which so many cases were flushed.
fn check(folder: &Path, flushed: usize, flushed_by_all: usize) {
    let path = folder.join("run.jsonl");
    if flushed_by_all > 0 || path.metadata().is_ok_and(|about| about.len() > 600) {
        assert!(
            in_journal(&path, "test.case.finished") >= flushed_by_all,
            "{flushed_by_all} flushed"
        );
    }
    if folder.join("report.xml").exists() {
        let cases = cases_in(&folder.join("report.xml"));
        assert!(cases >= flushed, "{cases} of {flushed} cases");
    }
    let letters = fs::read_to_string(folder.join("dead.jsonl")).unwrap_or_default();
    let whole = letters.rfind('\n').map_or("", |end| &letters[..end]);
    let is_letter = |line: &&str| {
        let letter = serde_json::from_str::<serde_json::Value>(line);
        letter
            .is_ok_and(|it| it["reason"] == "nobody wants it" && it["type"] == "test.case.finished")
    };
    let count = whole.lines().filter(is_letter).count();
    assert!(count >= flushed_by_all, "{count} letters of {flushed_by_all} flushed cases");
}
