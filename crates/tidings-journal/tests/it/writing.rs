//! Writing: headers, positions, continuing, locks.

use std::fs;
use std::io::Write as _;
use std::time::{Duration, Instant};

use expect_test::expect;
use serde::{Deserialize, Serialize};
use tidings_core::{BusId, Interest};
use tidings_derive::Event;
use tidings_journal::{Fsync, Journal, JournalBuilder, Reader, verify};
use tidings_registry::{Bus, Observer as _};

use crate::support::{Memory, chain, event, fixed, path, written};

#[test]
fn a_journal_is_a_header_and_a_line_per_event() {
    expect![[r#"
        {"specversion":"1.0","id":"00000000-0000-0000-0000-000000000009.0.0","source":"/run-7/lab-3/journal/writer","type":"tidings.journal.opened","time":"2026-11-21T03:03:22.000000000Z","subject":"writer","datacontenttype":"application/json","contentid":"726c48ac-81e6-85b2-85d7-509127bdd16e","busid":"00000000-0000-0000-0000-000000000009","lane":0,"sequence":"00000000000000000000","runid":"run-7","node":"lab-3","elapsedns":"0","entity":"[[\"journal\",\"writer\"]]","data":{"continues_at":0,"everything":true,"format":1,"interest":["**","tidings"]}}
        {"specversion":"1.0","id":"00000000-0000-0000-0000-000000000001.0.0","source":"/run-7/lab-3/case/t1","type":"case.started","time":"2026-11-21T03:03:22.119948123Z","subject":"t1","datacontenttype":"application/json","contentid":"58c3eea0-1865-8131-8645-8fb2e4510391","busid":"00000000-0000-0000-0000-000000000001","lane":0,"sequence":"00000000000000000000","position":"00000000000000000000","runid":"run-7","node":"lab-3","elapsedns":"77","entity":"[[\"case\",\"t1\"]]","data":{"n":1}}
        {"specversion":"1.0","id":"00000000-0000-0000-0000-000000000001.0.1","source":"/run-7/lab-3/case/t1","type":"case.started","time":"2026-11-21T03:03:22.119948123Z","subject":"t1","datacontenttype":"application/json","contentid":"02c4c65a-798b-8efe-9142-fa2216355f84","busid":"00000000-0000-0000-0000-000000000001","lane":0,"sequence":"00000000000000000001","position":"00000000000000000001","runid":"run-7","node":"lab-3","elapsedns":"77","entity":"[[\"case\",\"t1\"]]","data":null}
    "#]]
    .assert_eq(&written(&[event(0, "{\"n\":1}"), event(1, "null")]));
}

/// The first line of what a journal with these settings writes, as JSON.
fn header_of(settings: JournalBuilder) -> serde_json::Value {
    let memory = Memory::default();
    drop(settings.to_writer(memory.clone()).expect("memory"));
    serde_json::from_str(&memory.text()).expect("one line of JSON")
}

#[test]
fn a_header_has_the_attributes_that_every_line_has_and_no_position() {
    let unnamed = [Journal::builder(), Journal::builder().run("").node("")];
    for header in unnamed.map(|settings| header_of(settings.session(BusId::from_u128(9)))) {
        let session = "00000000-0000-0000-0000-000000000009";
        assert_eq!(header["runid"], session);
        assert_eq!(header["node"], Bus::new().node());
        let source = header["source"].as_str().expect("a text");
        let segments: Vec<&str> = source.split('/').skip(1).collect();
        assert_eq!((segments.len(), segments[0]), (4, session), "{source}");
        assert!(segments.iter().all(|segment| !segment.is_empty()), "{source}");
        assert_eq!(header.get("position"), None);
    }
}

#[test]
fn a_header_names_run_and_node_of_the_bus_that_the_journal_is_for() {
    let bus = Bus::builder().run("run-8").node("lab-4").build();
    let header = header_of(Journal::builder().bus(&bus));
    assert_eq!(header["source"], "/run-8/lab-4/journal/writer");
    assert_eq!((&header["runid"], &header["node"]), (&"run-8".into(), &"lab-4".into()));
    let renamed = header_of(Journal::builder().bus(&bus).node("lab-5"));
    assert_eq!((&renamed["runid"], &renamed["node"]), (&"run-8".into(), &"lab-5".into()));
}

#[test]
fn a_file_with_content_is_not_overwritten() {
    let (folder, path) = path();
    drop(Journal::create(&path).expect("a new file"));
    let before = fs::read(&path).expect("the journal");
    let fault = Journal::create(&path).expect_err("not empty");
    expect!["`run.jsonl` is not empty: continue it with `Journal::append`, remove it, or name another file"].assert_eq(&chain(&fault, &folder));
    assert_eq!(fs::read(&path).expect("the journal"), before);
}

#[test]
fn one_file_has_one_writer_until_it_is_closed() {
    let (folder, path) = path();
    let first = Journal::create(&path).expect("a new file");
    let fault = Journal::append(&path).expect_err("locked");
    expect![
        "`run.jsonl` is being written by another journal: close that one, or name another file"
    ]
    .assert_eq(&chain(&fault, &folder));
    first.close(Instant::now()).expect("a disk");
    Journal::append(&path).expect("free again");
    let fault = first.on_event(&event(0, "1")).expect_err("closed").to_string();
    expect!["the journal `/run.jsonl` is closed: open it again with `Journal::append`"]
        .assert_eq(&fault.replace(&folder.path().display().to_string(), ""));
    assert_eq!(first.next_position(), None);
}

#[test]
fn what_cannot_be_opened_says_why() {
    let (folder, path) = path();
    let fault = Journal::create(path.join("below")).expect_err("no folder");
    expect!["failed to open the journal `run.jsonl/below` for writing: No such file or directory (os error 2)"].assert_eq(&chain(&fault, &folder));
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_without_room_says_so_when_the_journal_is_opened() {
    let (folder, _) = path();
    let fault = Journal::create("/dev/full").expect_err("no room");
    expect!["failed to write the header of the journal `/dev/full`: No space left on device (os error 28)"].assert_eq(&chain(&fault, &folder));
}

#[test]
fn a_file_that_is_no_journal_is_left_alone() {
    let (folder, path) = path();
    for content in ["notes\n", "notes", "{\"specversion\":\"1.0\"}\n", "\n", " "] {
        fs::write(&path, content).expect("a disk");
        let fault = Journal::append(&path).expect_err("no journal");
        let shown = chain(&fault, &folder);
        assert_eq!(
            shown,
            "`run.jsonl` is no journal: its first line is no header; name another file"
        );
        assert_eq!(fs::read_to_string(&path).expect("the file"), content);
    }
}

#[test]
fn appending_goes_on_with_the_next_position() {
    let (_folder, path) = path();
    for session in 0..3 {
        let journal = Journal::append(&path).expect("a journal");
        assert_eq!(journal.next_position(), Some(session * 2));
        for n in 0..2 {
            journal.on_event(&event(session * 2 + n, "{}")).expect("a disk");
        }
    }
    let report = verify(Reader::open(&path).expect("the journal")).expect("a disk");
    assert!(report.is_sound(), "{report}");
    assert_eq!((report.events, report.sessions, report.lanes), (6, 3, 1));
}

#[test]
fn a_torn_line_is_cut_off_and_told_wherever_it_was_torn() {
    let whole = written(&[event(0, "{}"), event(1, "{\"text\":\"ü\"}")]);
    for kept in 1..=whole.len() {
        let (_folder, path) = path();
        fs::write(&path, &whole.as_bytes()[..kept]).expect("a disk");
        let journal = Journal::append(&path).expect("a journal");
        let lines = &whole.as_bytes()[..kept];
        let last = lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        // A line that lacks its line break only is whole.
        let complete = whole.as_bytes().get(kept) == Some(&b'\n');
        let torn = if complete { 0 } else { (kept - last) as u64 };
        assert_eq!(journal.truncated_bytes(), torn, "{kept} bytes");
        let next = journal.next_position().expect("open");
        journal.on_event(&event(next, "{}")).expect("a disk");
        let mut reader = Reader::open(&path).expect("the journal");
        let events: Vec<_> = reader.by_ref().collect::<Result<_, _>>().expect("no bad line");
        assert_eq!(events.len() as u64, next + 1, "{kept} bytes");
        assert_eq!(reader.header().expect("a header").truncated_bytes, torn);
        let report = verify(Reader::open(&path).expect("the journal")).expect("a disk");
        assert!(report.is_sound(), "{kept} bytes: {report}");
    }
}

#[test]
fn appending_passes_bad_lines_by() {
    let (_folder, path) = path();
    let mut text = written(&[event(0, "{}"), event(1, "{}")]);
    text.push_str("no event\n");
    fs::write(&path, text).expect("a disk");
    let journal = Journal::append(&path).expect("a journal");
    assert_eq!(journal.next_position(), Some(2));
}

#[test]
fn buffered_events_are_written_when_the_buffer_is_full_and_at_a_flush() {
    let (_folder, path) = path();
    let events = || Reader::open(&path).expect("the journal").count();
    let journal = fixed().buffered(2000).fsync(Fsync::OnFlush).create(&path).expect("a new file");
    journal.on_event(&event(0, "{}")).expect("memory");
    assert_eq!(events(), 0);
    journal.flush(Instant::now()).expect("a disk");
    assert_eq!(events(), 1);
    for n in 1..8 {
        journal.on_event(&event(n, "{}")).expect("a disk");
    }
    assert!((3..8).contains(&events()), "{}", events());
    drop(journal);
    assert_eq!(events(), 8);
}

#[test]
fn every_write_can_wait_for_the_device() {
    let (_folder, path) = path();
    let journal = fixed().fsync(Fsync::EveryWrite).create(&path).expect("a new file");
    journal.on_event(&event(0, "{}")).expect("a disk");
    assert_eq!(Reader::open(&path).expect("the journal").count(), 1);
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "measured", crate = "tidings_core")]
struct Measured {
    value: f64,
}

#[test]
fn an_event_without_a_json_form_is_rejected_and_its_neighbours_are_not() {
    let memory = Memory::default();
    let bus = Bus::new();
    let interest = Interest::parse(["measured"]).expect("a prefix");
    let journal = fixed().interest(interest).to_writer(memory.clone()).expect("memory");
    bus.subscribe(journal).detach();
    let emitter = bus.emitter::<Measured>("case", "t1");
    let delivered = [1.5, f64::NAN, f64::INFINITY, 2.5]
        .map(|value| emitter.emit(Measured { value }).delivered());
    assert_eq!(delivered, [1, 0, 0, 1]);
    let report = bus.close(Duration::from_secs(20)).expect("not strict");
    let report = &report.observers[0];
    assert_eq!((report.counts.delivered, report.counts.rejected), (2, 2));
    expect!["the event has no JSON form: value: infinity is not a JSON number"]
        .assert_eq(report.last_error.as_deref().unwrap_or_default());
    let text = memory.text();
    let read: Vec<_> = Reader::new(text.as_bytes(), "memory")
        .map(|line| line.expect("no bad line"))
        .map(|entry| (entry.position(), entry.envelope().id().sequence()))
        .collect();
    assert_eq!(read, [(Some(0), 0), (Some(1), 3)]);
}

struct Panics(Memory, bool);

impl std::io::Write for Panics {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // The header passes, the first event does not.
        assert!(!std::mem::replace(&mut self.1, true), "a writer of a user");
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_journal_whose_writer_panicked_takes_no_more_events() {
    let memory = Memory::default();
    let bus = Bus::new();
    let interest = Interest::parse(["case"]).expect("a prefix");
    let writer = Panics(memory.clone(), false);
    let journal = fixed().interest(interest).to_writer(writer).expect("the header passes");
    bus.subscribe(journal).detach();
    let emitter = bus.raw_emitter("case", "t1");
    for _ in 0..2 {
        let receipt = emitter.emit("case.started", serde_json::json!({})).expect("a good name");
        assert_eq!(receipt.failed(), 1);
    }
    let report = bus.report();
    let last_error = report.observers[0].last_error.as_deref().unwrap_or_default();
    assert!(last_error.contains("the journal `writer` is closed"), "{last_error}");
    assert_eq!(memory.text().lines().count(), 1);
}

#[test]
fn a_journal_without_interest_hears_tidings_too_and_says_so() {
    let journal = Journal::to_writer(std::io::sink()).expect("a sink");
    assert!(journal.interest().matches(&tidings_journal::OPENED));
    assert_eq!(journal.kind(), "journal");
    let memory = Memory::default();
    let interest = Interest::parse(["test", "!test.output"]).expect("prefixes");
    drop(fixed().interest(interest).to_writer(memory.clone()).expect("memory"));
    let text = memory.text();
    assert!(text.contains(r#""interest":["test","!test.output"]"#), "{text}");
    assert!(text.contains(r#""everything":false"#), "{text}");
}

#[test]
fn a_line_appended_by_hand_without_a_line_break_is_not_run_into() {
    let (_folder, path) = path();
    let text = written(&[event(0, "{}")]);
    let mut file = fs::File::create(&path).expect("a disk");
    file.write_all(text.trim_end().as_bytes()).expect("a disk");
    drop(file);
    let journal = Journal::append(&path).expect("a journal");
    journal.on_event(&event(1, "{}")).expect("a disk");
    assert_eq!(Reader::open(&path).expect("the journal").flatten().count(), 2);
}
