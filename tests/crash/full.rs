//! Full disks: what did not fit is told and counted, what did is whole, and room brings it back.
//!
//! A file that may not grow is what every system and user can have: writes fail for real, and
//! half-way. A small file system comes in addition where a name space of mounts is allowed.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tidings::delivery::{Batch, Delivery, Outcome, Sink, SpoolSettings};
use tidings::journal::Journal;
use tidings::junit::Junit;
use tidings::testrun::RunEmitter;
use tidings::{Bus, CloseReport};
use tidings_fault_server::{CloudEvents, FaultServer};

use crate::child::{child_after, finished, folder, say};
use crate::places::{PATIENCE, Refuse, cases_in, delivery, in_journal};

const EVENTS: u64 = 400;

#[test]
fn files_that_cannot_grow_have_what_fitted_and_the_report_says_the_rest() {
    const NAME: &str = "full::files_that_cannot_grow_have_what_fitted_and_the_report_says_the_rest";
    if let Some(folder) = folder() {
        return fill_up(&folder);
    }
    let folder = tempfile::tempdir().expect("a folder");
    // 64 blocks of at most 1 KiB; a write beyond is an error and no signal.
    let said = finished(child_after(&["sh"], "trap '' XFSZ; ulimit -f 64;", NAME, folder.path()));
    let number = |what: &str| -> u64 {
        let line = said.iter().find_map(|line| line.strip_prefix(what)).expect("it was said");
        line.trim().parse().expect("a number")
    };
    let path = folder.path().join("run.jsonl");
    let written = number("journal");
    assert_eq!(in_journal(&path, "case.noted") as u64, written);
    assert!((10..EVENTS).contains(&written), "{written}");
    assert_eq!(spooled(&folder.path().join("spool")) as u64, number("spooled"));
    let letters = fs::read_to_string(folder.path().join("dead.jsonl")).expect("letters");
    let whole =
        letters.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok());
    assert!((10..EVENTS).contains(&(whole.count() as u64)));
    // With room again it goes on behind the last whole line.
    let bus = Bus::new();
    bus.subscribe(Journal::append(&path).expect("it goes on")).detach();
    bus.raw_emitter("case", "t1").emit("case.noted", json!({})).expect("a type");
    assert!(bus.close(PATIENCE).expect("it is not strict").complete);
    assert_eq!(in_journal(&path, "case.noted") as u64, written + 1);
}

/// The child: writes more than fits everywhere, while nobody takes anything.
fn fill_up(folder: &Path) {
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    let http = delivery(&format!("{}/events", server.url()), &folder.join("spool"));
    server.stop();
    let letters = Delivery::builder(Refuse).name("letters").dead_letter(folder.join("dead.jsonl"));
    let bus = Bus::new();
    bus.subscribe(Journal::create(folder.join("run.jsonl")).expect("a file")).detach();
    bus.subscribe(http.queue_events(20).start().expect("a folder")).detach();
    bus.subscribe(letters.start().expect("a file")).detach();
    let written = emit(&bus);
    say(&format!("journal {written}"));
    let unflushed = bus.barrier(Duration::from_secs(5)).expect_err("not all of it is anywhere");
    say(&format!("barrier {unflushed}"));
    let report = bus.close(Duration::from_secs(5)).expect("it is not strict");
    assert_accounted_for(&report);
    let [journal, http, letters] = &report.observers[..] else { unreachable!("there are three") };
    // It hears of the trouble of the others, too.
    assert!(journal.counts.delivered >= written && journal.counts.failed >= EVENTS - written);
    assert!(http.counts.spooled > 10, "{report}");
    assert!(letters.counts.rejected == EVENTS, "{report}");
    let told = |it: &tidings::ObserverReport| it.last_error.clone().unwrap_or_default();
    assert!(told(journal).contains("File too large"), "{report}");
    assert!(report.to_string().contains("dead letters"), "{report}");
    say(&format!("spooled {}", http.counts.spooled));
}

#[test]
fn a_small_file_system_that_is_full_costs_what_did_not_fit_until_there_is_room() {
    const NAME: &str =
        "full::a_small_file_system_that_is_full_costs_what_did_not_fit_until_there_is_room";
    if let Some(folder) = folder() {
        return fill_and_clear(&folder);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mount = "mount -t tmpfs -o size=512k none \"$TIDINGS_CRASH_FOLDER\" &&";
    let shell = ["unshare", "-rm", "sh"];
    let mut probe = Command::new(shell[0]);
    probe.args(&shell[1..]).args(["-c", &format!("{mount} true")]);
    let probed = probe.env("TIDINGS_CRASH_FOLDER", folder.path()).output();
    if !probed.is_ok_and(|output| output.status.success()) {
        println!("no mounts are allowed here: a file that cannot grow has to do");
        return;
    }
    finished(child_after(&shell, mount, NAME, folder.path()));
}

/// The child: fills the file system up, emits, makes room, and emits again.
fn fill_and_clear(folder: &Path) {
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    let http = delivery(&format!("{}/events", server.url()), &folder.join("spool"));
    server.stop();
    let (path, report_path) = (folder.join("run.jsonl"), folder.join("report.xml"));
    let bus = Bus::new();
    bus.subscribe(Journal::create(&path).expect("a file")).detach();
    bus.subscribe(http.queue_events(1_000).start().expect("a folder")).detach();
    bus.subscribe(Junit::to(&report_path)).detach();
    let run = RunEmitter::start(&bus, "run");
    run.case("before").success();
    drop(bus.barrier(Duration::from_millis(200)));
    assert_eq!(cases_in(&report_path), 1);

    let filler = folder.join("filler");
    drop(fs::write(&filler, vec![0; 1 << 20]));
    let written = emit(&bus);
    assert!(written < EVENTS / 10, "{written} fitted on a full disk");
    for number in 0..200 {
        let case = run.case(&format!("while-{number}"));
        case.stdout("y".repeat(50));
        case.success();
    }
    let unflushed = bus.barrier(Duration::from_millis(500)).expect_err("a full disk");
    assert_eq!(cases_in(&report_path), 1, "the report before is whole: {unflushed}");
    let told = bus.report().to_string();
    assert!(told.contains("No space left on device"), "{told}");

    fs::remove_file(filler).expect("a file");
    assert_eq!(in_journal_of_the_kind_with_gaps(&path), written);
    server.restart().expect("the same port");
    run.success();
    let after = bus.raw_emitter("case", "t2");
    assert_eq!(after.emit("case.noted", json!({})).expect("a type").delivered(), 1);
    bus.barrier(PATIENCE).expect("there is room, and all else was delivered");
    assert_eq!(in_journal_of_the_kind_with_gaps(&path), written + 1);
    assert_eq!(cases_in(&report_path), 201);
    let report = bus.close(PATIENCE).expect("it is not strict");
    assert_accounted_for(&report);
    let [_, http, junit] = &report.observers[..] else { unreachable!("there are three") };
    assert_eq!(http.counts.delivered, http.counts.accepted, "{report}");
    assert_eq!(junit.counts.delivered, junit.counts.accepted, "{report}");
}

/// A journal whose disk was full has gaps, and they are what is wrong with it.
fn in_journal_of_the_kind_with_gaps(path: &Path) -> u64 {
    let reader = tidings::journal::Reader::open(path).expect("a journal");
    let entries = reader.map(|line| line.expect("only whole lines"));
    let noted =
        |entry: &tidings::journal::Entry| entry.envelope().event_type().as_str() == "case.noted";
    entries.filter(noted).count() as u64
}

/// Emits; answers how many the journal took.
fn emit(bus: &Bus) -> u64 {
    let case = bus.raw_emitter("case", "t1");
    let emit = |number| {
        let data = json!({ "number": number, "text": "x".repeat(300) });
        case.emit("case.noted", data).expect("a type").delivered()
    };
    (0..EVENTS).map(emit).map(u64::from).map(|observers| observers.min(1)).sum()
}

fn assert_accounted_for(report: &CloseReport) {
    for observer in &report.observers {
        let it = observer.counts;
        let known = it.delivered + it.failed + it.rejected + it.dropped + it.suppressed;
        assert_eq!(known + it.spooled + it.pending, it.accepted, "{report}");
    }
}

/// Counts what is left in a spool.
struct Count(Arc<AtomicUsize>);

impl Sink for Count {
    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        self.0.fetch_add(batch.len(), Ordering::AcqRel);
        Outcome::delivered()
    }
}

/// How many events a spool has; none are left afterwards.
fn spooled(spool: &Path) -> usize {
    let count = Arc::new(AtomicUsize::new(0));
    let delivery = Delivery::builder(Count(Arc::clone(&count))).spool(SpoolSettings::new(spool));
    let bus = Bus::new();
    bus.subscribe(delivery.start().expect("the spool opens")).detach();
    let report = bus.close(PATIENCE).expect("it is not strict");
    assert!(report.complete, "{report}");
    count.load(Ordering::Acquire)
}
