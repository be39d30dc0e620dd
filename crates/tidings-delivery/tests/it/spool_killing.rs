//! Killing: a process that ends without a word loses nothing that was safe in its spool,
//! and leaves nothing that is in the way of the next one.

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;
use tidings_delivery::{Delivery, Outcome, SpoolFsync, SpoolSettings};
use tidings_registry::Bus;

use crate::fixture::{LONG, Place, quick};

const FOLDER: &str = "TIDINGS_SPOOL_OF_A_PROCESS_TO_BE_KILLED";
const KILLS: usize = 20;

fn subscribe(bus: &Bus, place: &Place, folder: &Path) {
    let delivery = Delivery::builder(place.sink())
        .retry(quick())
        .spool(SpoolSettings::new(folder).fsync(SpoolFsync::Never))
        .start()
        .expect("the folder is free");
    bus.subscribe(delivery).detach();
}

/// The process to be killed: emits for ever, and says which events are safe.
#[test]
fn a_process_that_is_not_killed_by_its_parent_spools_nothing() {
    let Some(folder) = env::var_os(FOLDER) else {
        return;
    };
    let bus = Bus::new();
    let place = Place::default();
    place.answer(|_| Outcome::retry("away"));
    subscribe(&bus, &place, Path::new(&folder));
    let emitter = bus.raw_emitter("case", "t1");
    for n in 0_u64.. {
        let text = "x".repeat(if n % 16 == 15 { 20_000 } else { 20 });
        emitter.emit("case.noted", json!({ "n": n, "text": text })).expect("a good name");
        if n % 7 == 6 {
            bus.barrier(LONG).expect("what is spooled is safe");
            // The parent is gone, or has killed this process.
            if writeln!(std::io::stdout().lock(), "\nsafe {} {n}", bus.id()).is_err() {
                return;
            }
        }
    }
}

/// Starts the process and kills it after it said so often what is safe; its bus and the
/// last event of it that was safe.
fn safe_when_killed(folder: &Path, words: usize) -> (String, u64) {
    let mut child = Command::new(env::current_exe().expect("this test"))
        .args([
            "--exact",
            "spool_killing::a_process_that_is_not_killed_by_its_parent_spools_nothing",
        ])
        .args(["--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process");
    let mut safe = None;
    let mut seen = 0;
    for line in BufReader::new(child.stdout.take().expect("a pipe")).lines() {
        let line = line.expect("text");
        // The last line may be torn.
        let said = line.strip_prefix("safe ").and_then(|both| both.split_once(' '));
        let Some((bus, n)) = said else { continue };
        safe = n.parse().ok().map(|n| (bus.to_owned(), n)).or(safe);
        seen += 1;
        if seen == words {
            child.kill().expect("its own child");
        }
    }
    assert!(!child.wait().expect("its own child").success());
    safe.expect("it said something before it was killed")
}

#[test]
fn a_killed_process_loses_nothing_that_was_safe_and_keeps_the_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut safe = BTreeMap::new();
    let place = Place::default();
    for kill in 0..KILLS {
        let (bus, last) = safe_when_killed(folder.path(), 1 + kill * 7_919 % 30);
        safe.insert(bus, last);
        // Some of what was left is met by a process that is killed as well.
        if kill % 3 == 2 || kill + 1 == KILLS {
            let bus = Bus::new();
            subscribe(&bus, &place, folder.path());
            let report = bus.close(LONG).expect("the bus is not strict");
            assert!(report.complete, "{report}");
        }
    }
    let mut taken: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for id in place.taken() {
        let mut parts = id.rsplitn(3, '.');
        let sequence = parts.next().and_then(|part| part.parse().ok()).expect("a sequence");
        let bus = parts.nth(1).expect("a bus").to_owned();
        taken.entry(bus).or_default().push(sequence);
    }
    assert_eq!(taken.len(), KILLS);
    for (bus, last) in &safe {
        let taken = &taken[bus];
        assert!(taken.len() as u64 > *last, "{} of {last}", taken.len());
        assert_eq!(*taken, (0..taken.len() as u64).collect::<Vec<_>>());
    }
}
