//! Journals: read as they may be, verified, replayed, and written on.

use std::collections::HashSet;
use std::fs;
use std::io::{BufReader, Cursor};
use std::sync::Arc;
use std::time::Duration;

use tidings_console::escape;
use tidings_core::wire::{read_event, write_event};
use tidings_journal::{Journal, OnBadLine, Reader, replay_with, verify};
use tidings_registry::Bus;

use super::console::is_dangerous;

pub(crate) const WORDS: &[&str] = &[
    "\n",
    "\r\n",
    "\"specversion\":\"1.0\"",
    "\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057.0.0\"",
    "\"type\":\"a.b\"",
    "\"type\":\"tidings.journal.opened\"",
    "\"time\":\"2026-01-01T00:00:00Z\"",
    "\"runid\":\"r\"",
    "\"node\":\"n\"",
    "\"entity\":\"[[\\\"case\\\",\\\"t1\\\"]]\"",
    "\"data\":{}",
    "\"lane\":0",
    "\"sequence\":\"00000000000000000000\"",
    "\"position\":\"00000000000000000000\"",
    "\"position\":\"18446744073709551615\"",
    "\"causedby\":",
    "\"attributes\":\"{}\"",
    "\"volatile\":\"a,b\"",
    "\"role\":\"begin\"",
    "\"contentid\":",
    "\"format\":1",
    "\"format\":2",
    "\"everything\":true",
    "\"continues_at\":0",
    "\"truncated_bytes\":18446744073709551615",
    "\"elapsedns\":\"18446744073709551615\"",
    "\0",
    "\u{feff}",
];

/// The most bytes a line may have, so that long lines are met as well.
const LINE_BYTES: usize = 4_096;

pub(crate) fn read(data: &[u8]) {
    let told = entries(Reader::new(data, "j").line_bytes_max(LINE_BYTES));
    // How the bytes come in makes no difference.
    let slow = BufReader::with_capacity(7, data);
    assert_eq!(entries(Reader::new(slow, "j").line_bytes_max(LINE_BYTES)), told);
    let report = verify(Reader::new(Cursor::new(data), "j").line_bytes_max(LINE_BYTES));
    if let Ok(report) = &report {
        check_shown(&report.to_string());
        assert_eq!(report.is_sound(), report.fault_count() == 0);
    }
    replays_all(data, told.iter().filter(|entry| entry.starts_with('+')).count());
}

/// What a reader finds, as texts: `+` for an event, `-` for a bad line.
fn entries<R: std::io::BufRead>(mut reader: Reader<R>) -> Vec<String> {
    let mut told = Vec::new();
    for entry in reader.by_ref() {
        match entry {
            Ok(entry) => {
                let mut text = String::new();
                let received = &entry.received;
                write_event(&*received.envelope, received.position, &mut text)
                    .expect("read as JSON");
                assert!(!text.contains('\n'), "{text:?}");
                let again = read_event(&text).unwrap_or_else(|fault| panic!("{fault}: {text}"));
                let mut second = String::new();
                write_event(&*again.envelope, again.position, &mut second).expect("read as JSON");
                assert_eq!(second, text);
                drop(received.recomputed_content_id());
                told.push(format!("+{} {text}", entry.line));
            }
            Err(fault) => {
                check_shown(&fault.to_string());
                told.push(format!("-{fault}"));
            }
        }
    }
    told.push(format!("{:?} {} {}", reader.torn(), reader.lines(), reader.sessions()));
    told
}

fn replays_all(data: &[u8], events: usize) {
    let bus = Bus::new();
    let reader = Reader::new(data, "j").line_bytes_max(LINE_BYTES);
    match replay_with(reader, &bus, OnBadLine::Skip) {
        Ok(report) => assert_eq!(report.events, u64::try_from(events).expect("it fits")),
        // A journal of a newer format.
        Err(fault) => assert!(fault.report().events <= u64::try_from(events).expect("it fits")),
    }
}

/// Errors may show what was read, and whoever prints them escapes that.
fn check_shown(shown: &str) {
    assert_eq!(escape(shown).chars().find(|&c| is_dangerous(c)), None);
    assert!(shown.len() < 1 << 20);
}

/// Whatever stands in a file, what is written behind it is read again, and what could be
/// read before still can.
pub(crate) fn append(data: &[u8]) {
    let folder = super::spool::folder();
    let path = folder.path().join("j.jsonl");
    fs::write(&path, data).expect("there is room");
    let before = texts(&path);
    let Ok(journal) = Journal::append(&path) else {
        assert_eq!(fs::read(&path).expect("it is there"), data, "a refused file is left alone");
        return;
    };
    let bus = Bus::new();
    bus.subscribe(journal).detach();
    let emitter = bus.raw_emitter("case", "appended");
    emitter.emit("case.appended", serde_json::json!({ "n": 1 })).expect("a type");
    assert!(bus.close(Duration::from_secs(30)).expect("it is not strict").complete);
    let after = texts(&path);
    let kept: HashSet<&String> = after.iter().map(|(text, _)| text).collect();
    for (text, _) in &before {
        assert!(kept.contains(text), "{text} was lost");
    }
    let (last, entity) = after.last().expect("what was appended");
    assert_eq!(entity, "appended", "{last}");
}

fn texts(path: &std::path::Path) -> Vec<(String, String)> {
    let reader = Reader::open(path).expect("it is there");
    let entries = reader.filter_map(Result::ok);
    let text = |envelope: &Arc<tidings_core::Envelope>| {
        let mut text = String::new();
        write_event(&**envelope, None, &mut text).expect("read as JSON");
        (text, envelope.entity().id().to_owned())
    };
    entries.map(|entry| text(entry.envelope())).collect()
}
