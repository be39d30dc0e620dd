//! Descriptors: a process that has none left says so, keeps what it has, and recovers.

use std::fs::File;
use std::time::{Duration, Instant};

use serde_json::json;
use tidings::Bus;
use tidings::journal::Journal;
use tidings::junit::Junit;
use tidings_fault_server::{CloudEvents, FaultServer};

use crate::child::{child_after, finished, folder};
use crate::places::{PATIENCE, delivery, in_journal};

const NAME: &str = "descriptors::descriptors_that_ran_out_are_told_lose_nothing_and_come_back";
/// What the system says when a process has none left: `EMFILE`.
const NONE_LEFT: i32 = 24;

#[test]
fn descriptors_that_ran_out_are_told_lose_nothing_and_come_back() {
    let Some(folder) = folder() else {
        let folder = tempfile::tempdir().expect("a folder");
        // Thousands, as of a harness that leaks connections, where as many are allowed.
        let limits = "ulimit -n 4096 2>/dev/null || ulimit -n 256;";
        finished(child_after(&["sh"], limits, NAME, folder.path()));
        return;
    };
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    let url = format!("{}/events", server.url());
    let http = delivery(&url, &folder.join("spool")).queue_events(20).batch_events(10);
    let bus = Bus::new();
    let path = folder.join("run.jsonl");
    bus.subscribe(Journal::create(&path).expect("a file")).detach();
    bus.subscribe(http.start().expect("a folder")).detach();
    let case = bus.raw_emitter("case", "t1");
    let emit = |numbers: std::ops::Range<u32>| {
        for number in numbers {
            let receipt = case.emit("case.noted", json!({ "number": number })).expect("a type");
            assert_eq!(receipt.delivered(), 1, "the journal has its file");
        }
    };
    emit(0..100);
    bus.barrier(PATIENCE).expect("all is well");

    // Its own descriptors come free, and are taken.
    server.stop();
    let mut taken = take_all();
    assert!(taken.len() > 100, "{}", taken.len());
    emit(100..115);
    let (journal, report) = (folder.join("other.jsonl"), folder.join("report.xml"));
    // The delivery tries to connect meanwhile, which takes a descriptor and gives it back.
    let refused = until_refused(&mut taken, || Journal::create(&journal).map(drop));
    let source = std::error::Error::source(&refused).expect("what the system says").to_string();
    assert!(refused.to_string().contains("other.jsonl"), "{refused}");
    assert!(source.contains("Too many open files"), "{source}");
    let refused = until_refused(&mut taken, || Junit::to(&report).write());
    assert!(refused.to_string().contains("report.xml"), "{refused}");
    // A spool that has its file may take it all; the place itself is out of reach.
    let mut told = String::new();
    let deadline = Instant::now() + PATIENCE;
    while !told.contains("Too many open files") {
        assert!(Instant::now() < deadline, "{told}");
        // The one that the delivery tried with until now comes free.
        taken.extend(take_all());
        drop(bus.barrier(Duration::from_millis(100)));
        let observers = bus.report().observers;
        told = observers.into_iter().find_map(|it| it.last_error).unwrap_or_default();
    }

    drop(taken);
    server.restart().expect("the same port");
    emit(115..300);
    bus.barrier(PATIENCE).expect("all is well again");
    let report = bus.close(PATIENCE).expect("it is not strict");
    for observer in &report.observers {
        let counts = observer.counts;
        assert_eq!(counts.delivered, counts.accepted, "{report}");
    }
    let mut ids = server.accepted_ids();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), in_journal(&path, "case.noted")), (300, 300));
}

/// Takes what comes free until this is refused.
fn until_refused<E>(taken: &mut Vec<File>, attempt: impl Fn() -> Result<(), E>) -> E {
    loop {
        if let Err(refused) = attempt() {
            return refused;
        }
        taken.extend(take_all());
    }
}

/// Opens files until the system refuses one.
fn take_all() -> Vec<File> {
    let mut taken = Vec::new();
    loop {
        match File::open("/dev/null") {
            Ok(file) => taken.push(file),
            Err(fault) => {
                assert_eq!(fault.raw_os_error(), Some(NONE_LEFT), "{fault}");
                return taken;
            }
        }
    }
}
