//! Clocks that are set back: nothing is lost, nothing is suppressed for it, nothing lasts ages.

use std::fs;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tidings::console::{Console, Mode};
use tidings::journal::Journal;
use tidings::junit::Junit;
use tidings::testrun::RunEmitter;
use tidings::{Bus, Clock, Dedup, Metrics, Receipt, Timestamp};
use tidings_fault_server::{CloudEvents, Fault, FaultServer};

use crate::places::{PATIENCE, cases_in, delivery, in_journal};

/// A clock that goes where it is set, which no clock of Tidings does.
#[derive(Default)]
struct Jumping(AtomicU64);

impl Jumping {
    fn set(&self, seconds: u64) {
        self.0.store(seconds, Ordering::Release);
    }
}

impl Clock for Jumping {
    fn start(&self) -> Timestamp {
        Timestamp::from_nanos(1_795_230_002_000_000_000)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Acquire))
    }
}

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_clock_that_was_set_back_does_not_stretch_the_window_of_dedup() {
    let clock = Arc::new(Jumping::default());
    let dedup = Dedup::by_content(100, Duration::from_secs(10));
    let bus = Bus::builder().clock(Arc::clone(&clock)).dedup(dedup).build();
    let metrics = Arc::new(Metrics::new());
    bus.subscribe(Arc::clone(&metrics)).detach();
    let case = bus.raw_emitter("case", "t1");
    let say = |seconds| {
        clock.set(seconds);
        case.emit("case.noted", json!({})).expect("a type")
    };
    assert!(say(3_600).delivered() == 1 && say(3_601) == Receipt::Duplicate);
    assert_eq!(say(3_599), Receipt::Duplicate, "a little out of order is what threads are");
    assert_eq!(say(0).delivered(), 1, "an hour ago is not within ten seconds");
    assert_eq!(say(9), Receipt::Duplicate);
    assert_eq!(say(10).delivered(), 1);
    assert_eq!(metrics.snapshot().total(), 3);
}

#[test]
fn a_clock_that_jumps_to_and_fro_loses_no_event_and_no_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    server.inject_times(3, Fault::status(503));
    let http = delivery(&format!("{}/events", server.url()), &folder.path().join("spool"));
    let (clock, page) = (Arc::new(Jumping::default()), Page::default());
    let (path, report_path) = (folder.path().join("run.jsonl"), folder.path().join("report.xml"));
    let bus = Bus::builder().clock(Arc::clone(&clock)).build();
    bus.subscribe(Journal::create(&path).expect("a file")).detach();
    bus.subscribe(Junit::to(&report_path)).detach();
    let console = Console::to(page.clone()).mode(Mode::Tree).clock(Arc::clone(&clock));
    bus.subscribe(console.build()).detach();
    bus.subscribe(http.start().expect("a folder")).detach();

    clock.set(86_400);
    let run = RunEmitter::start(&bus, "run");
    for number in 0..50 {
        clock.set(if number % 2 == 0 { 86_400 } else { 1 });
        let case = run.case(&format!("case-{number}"));
        clock.set(if number % 2 == 0 { 1 } else { 2 });
        case.success();
    }
    clock.set(0);
    run.success();
    let report = bus.close(PATIENCE).expect("it is not strict");
    assert!(report.complete, "{report}");
    assert_eq!(in_journal(&path, "test.case.finished"), 50);
    assert_eq!(cases_in(&report_path), 50);
    assert_eq!(server.accepted_ids().len() as u64, report.observers[3].counts.accepted);
    let xml = fs::read_to_string(&report_path).expect("a report");
    let page = page.0.lock().expect("no panic").clone();
    let page = String::from_utf8(page).expect("text");
    for text in [&xml, &page] {
        assert!(
            !text.contains("86400") && !text.contains("24 h") && !text.contains("1844"),
            "{text}"
        );
        assert!(!text.contains("\"-") && text.contains("case-49"), "{text}");
    }
}
