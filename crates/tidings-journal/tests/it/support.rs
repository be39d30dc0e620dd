//! Events made by hand, and memory to write them to.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use tidings_core::{
    Attributes, BusId, Context, Entity, Envelope, EventId, EventType, Head, Lane, RawJson,
    RawPayload, Timestamp,
};
use tidings_journal::{Journal, JournalBuilder};
use tidings_registry::Observer as _;

/// An event of lane 0 of bus 1.
pub(crate) fn event(sequence: u64, data: &str) -> Arc<Envelope> {
    event_on(1, 0, sequence, data)
}

pub(crate) fn event_on(bus: u128, lane: u32, sequence: u64, data: &str) -> Arc<Envelope> {
    let id = EventId::new(BusId::from_u128(bus), Lane::new(lane), sequence);
    envelope(id, EventType::from_static("case.started"), data)
}

/// What a bus says when an observer fails on event `about` of lane 0 of bus 1; it stands on
/// lane 7 of that bus.
pub(crate) fn failure(sequence: u64, about: u64, rejected: bool) -> Arc<Envelope> {
    let bus = BusId::from_u128(1);
    let data = serde_json::json!({
        "observer": "journal(run.jsonl)",
        "reason": "the event has no JSON form",
        "event": EventId::new(bus, Lane::new(0), about).to_string(),
        "event_type": "case.started",
        "rejected": rejected,
        "removed": false,
        "debug": "NaN",
    });
    let id = EventId::new(bus, Lane::new(7), sequence);
    envelope(id, EventType::reserved("tidings.observer.failed"), &data.to_string())
}

fn envelope(id: EventId, event_type: EventType, data: &str) -> Arc<Envelope> {
    let context =
        Context::new("run-7".into(), "lab-3".into(), Entity::new("case", "t1"), Attributes::new());
    let time = Timestamp::from_nanos(1_795_230_202_119_948_123);
    let head = Head::new(id, event_type, Arc::new(context), time, Duration::from_nanos(77));
    Arc::new(Envelope::new(head, RawPayload::new(RawJson::parse(data).expect("JSON"))))
}

/// A journal whose headers are the same every time.
pub(crate) fn fixed() -> JournalBuilder {
    Journal::builder()
        .session(BusId::from_u128(9))
        .opened_at(Timestamp::from_nanos(1_795_230_202_000_000_000))
        .run("run-7")
        .node("lab-3")
}

/// A journal in memory with these events, as text.
pub(crate) fn written(events: &[Arc<Envelope>]) -> String {
    let memory = Memory::default();
    let journal = fixed().to_writer(memory.clone()).expect("memory");
    for event in events {
        journal.on_event(event).expect("memory");
    }
    memory.text()
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic").clone()).expect("a journal is text")
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A path that nothing is at, and the folder that goes when it is dropped.
pub(crate) fn path() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join("run.jsonl");
    (folder, path)
}

/// The error and what caused it, without the folder that differs from run to run.
pub(crate) fn chain(fault: &dyn std::error::Error, folder: &TempDir) -> String {
    let mut text = fault.to_string();
    let mut next = fault.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text.replace(&format!("{}/", folder.path().display()), "")
}
