//! Vanishing: files and folders that are removed while they are written.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tidings::Bus;
use tidings::delivery::{Delivery, SpoolSettings};
use tidings::journal::{Journal, Reader};
use tidings::junit::Junit;
use tidings::testrun::RunEmitter;
use tidings_fault_server::{CloudEvents, FaultServer};

use crate::places::{PATIENCE, Refuse, cases_in, delivery};

fn emit(bus: &Bus, events: u32) {
    let case = bus.raw_emitter("case", "t1");
    for number in 0..events {
        case.emit("case.noted", json!({ "number": number })).expect("a type");
    }
}

fn lines_in(path: &Path) -> usize {
    fs::read_to_string(path).expect("a file").lines().count()
}

#[test]
fn a_journal_that_was_removed_is_told_by_flush_and_close() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.jsonl");
    let bus = Bus::new();
    bus.subscribe(Journal::create(&path).expect("a file")).detach();
    emit(&bus, 3);
    bus.barrier(PATIENCE).expect("it is there");
    fs::remove_file(&path).expect("a file");
    emit(&bus, 3);
    let unflushed = bus.barrier(PATIENCE).expect_err("it has gone").to_string();
    let report = bus.close(PATIENCE).expect("it is not strict");
    let told = report.observers[0].last_error.clone().unwrap_or_default();
    assert!(told.contains("run.jsonl") && told.contains("removed"), "{told}; {unflushed}");
    assert!(!report.complete, "{report}");
}

#[test]
fn a_journal_that_was_renamed_goes_on_under_its_new_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, other) = (folder.path().join("run.jsonl"), folder.path().join("run.1.jsonl"));
    let bus = Bus::new();
    bus.subscribe(Journal::create(&path).expect("a file")).detach();
    emit(&bus, 3);
    fs::rename(&path, &other).expect("a disk");
    emit(&bus, 3);
    let report = bus.close(PATIENCE).expect("it is not strict");
    assert!(report.complete, "{report}");
    assert_eq!(Reader::open(&other).expect("a journal").count(), 6);
}

#[test]
fn dead_letters_that_were_removed_begin_again_with_the_next() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("dead/letters.jsonl");
    let bus = Bus::new();
    bus.subscribe(Delivery::builder(Refuse).dead_letter(&path).start().expect("a file")).detach();
    emit(&bus, 2);
    bus.barrier(PATIENCE).expect("a disk");
    assert_eq!(lines_in(&path), 2);
    fs::remove_dir_all(folder.path().join("dead")).expect("a folder");
    emit(&bus, 3);
    bus.barrier(PATIENCE).expect("a disk");
    assert_eq!(lines_in(&path), 3);
    let report = bus.close(PATIENCE).expect("it is not strict");
    assert_eq!(report.observers[0].counts.rejected, 5, "{report}");
}

#[test]
fn a_report_whose_folder_was_removed_is_written_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("reports/nightly/junit.xml");
    let bus = Bus::new();
    bus.subscribe(Junit::to(&path)).detach();
    let run = RunEmitter::start(&bus, "run");
    run.case("one").success();
    bus.barrier(PATIENCE).expect("a disk");
    fs::remove_dir_all(folder.path().join("reports")).expect("a folder");
    run.case("two").success();
    run.success();
    assert!(bus.close(PATIENCE).expect("it is not strict").complete);
    assert_eq!(cases_in(&path), 2);
}

/// What becomes of 600 events when this is removed from a spool in which most of them are.
fn lose(is_lost: fn(&str) -> bool) -> (tidings::Counts, usize, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let spool = folder.path().join("spool");
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    server.stop();
    let settings = SpoolSettings::new(&spool).bytes_max(1 << 20);
    let http = delivery(&format!("{}/events", server.url()), &spool).spool(settings);
    let bus = Bus::new();
    bus.subscribe(http.queue_events(50).start().expect("a folder")).detach();
    emit(&bus, 600);
    drop(bus.barrier(Duration::from_millis(100)));
    for entry in fs::read_dir(&spool).expect("a folder").flatten() {
        if is_lost(&entry.file_name().to_string_lossy()) {
            fs::remove_file(entry.path()).expect("a file");
        }
    }
    emit(&bus, 100);
    server.restart().expect("the same port");
    drop(bus.barrier(PATIENCE));
    emit(&bus, 100);
    let report = bus.close(PATIENCE).expect("it is not strict");
    let mut ids = server.accepted_ids();
    ids.sort();
    ids.dedup();
    (report.observers[0].counts, ids.len(), report.to_string())
}

#[test]
fn a_spool_without_its_segments_delivers_the_rest_and_counts_what_was_lost() {
    let (counts, arrived, report) = lose(|name| name.contains(".seg"));
    assert_eq!(counts.accepted, 800, "{report}");
    assert_eq!(counts.delivered, arrived as u64, "{report}");
    let lost = counts.failed + counts.rejected + counts.dropped;
    assert_eq!((counts.delivered + lost, counts.pending + counts.spooled), (800, 0), "{report}");
    assert!(arrived >= 200, "{report}");
}

#[test]
fn a_spool_without_its_position_delivers_everything() {
    let (counts, arrived, report) = lose(|name| name == "acknowledged");
    assert_eq!((counts.delivered, arrived), (800, 800), "{report}");
}
