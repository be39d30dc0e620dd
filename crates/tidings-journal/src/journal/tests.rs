//! What failing media leave behind.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tidings_core::{
    Attributes, BusId, Context, Entity, Envelope, EventId, EventType, Head, Lane, RawJson,
    RawPayload, Timestamp,
};
use tidings_registry::{Observer as _, ObserverError};

use super::builder::Found;
use super::medium::Medium;
use super::{Journal, JournalBuilder};
use crate::reader::Reader;

#[derive(Clone, Default)]
struct Disk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    /// How many bytes more it takes.
    room: Option<usize>,
    fails_to_cut: bool,
    is_pipe: bool,
    writes: usize,
}

impl Medium for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.lock();
        state.writes += 1;
        let taken = state.room.map_or(bytes.len(), |room| room.min(bytes.len()));
        if taken == 0 {
            return Err(ErrorKind::StorageFull.into());
        }
        state.room = state.room.map(|room| room - taken);
        state.bytes.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn can_cut(&self) -> bool {
        !self.0.lock().is_pipe
    }

    fn cut(&mut self, end: u64) -> io::Result<()> {
        let mut state = self.0.lock();
        if state.fails_to_cut {
            return Err(ErrorKind::ReadOnlyFilesystem.into());
        }
        state.bytes.truncate(usize::try_from(end).expect("small"));
        Ok(())
    }
}

impl Disk {
    fn journal(&self, builder: JournalBuilder) -> Journal {
        builder.start(Box::new(self.clone()), "disk", &Found::default()).expect("room")
    }

    fn room(&self, room: Option<usize>) {
        self.0.lock().room = room;
    }

    /// The sequences and positions that can be read, and how many lines cannot.
    fn read(&self) -> (Vec<(u64, u64)>, usize) {
        let bytes = self.0.lock().bytes.clone();
        let mut reader = Reader::new(&*bytes, "disk");
        let mut bad = 0;
        let mut read = Vec::new();
        for line in &mut reader {
            match line {
                Ok(entry) => read.push((
                    entry.envelope().id().sequence(),
                    entry.position().expect("a journal's line"),
                )),
                Err(_) => bad += 1,
            }
        }
        assert_eq!(reader.torn(), None);
        (read, bad)
    }
}

fn emit(journal: &Journal, sequence: u64) -> Result<(), ObserverError> {
    let context =
        Context::new("run".into(), "node".into(), Entity::new("case", "t1"), Attributes::new());
    let head = Head::new(
        EventId::new(BusId::from_u128(1), Lane::new(0), sequence),
        EventType::from_static("case.started"),
        Arc::new(context),
        Timestamp::from_nanos(0),
        Duration::ZERO,
    );
    let payload = RawPayload::new(RawJson::null());
    journal.on_event(&(Arc::new(Envelope::new(head, payload)) as Arc<Envelope>))
}

fn line_bytes() -> usize {
    let disk = Disk::default();
    let journal = disk.journal(Journal::builder());
    let before = disk.0.lock().bytes.len();
    emit(&journal, 0).expect("room");
    disk.0.lock().bytes.len() - before
}

#[test]
fn an_event_is_written_with_one_call() {
    let disk = Disk::default();
    let journal = disk.journal(Journal::builder());
    let before = disk.0.lock().writes;
    emit(&journal, 0).expect("room");
    assert_eq!(disk.0.lock().writes - before, 1);
}

#[test]
fn a_full_disk_costs_the_events_that_do_not_fit_and_no_position() {
    for room in 0..line_bytes() {
        let disk = Disk::default();
        let journal = disk.journal(Journal::builder());
        emit(&journal, 0).expect("room");
        disk.room(Some(room));
        let fault = emit(&journal, 1).expect_err("no room");
        assert!(!fault.is_rejected());
        let shown = fault.to_string();
        assert!(shown.starts_with("failed to write to the journal `disk`: "), "{shown}");
        disk.room(None);
        emit(&journal, 2).expect("room again");
        assert_eq!(disk.read(), (vec![(0, 0), (2, 1)], 0), "{room} bytes of room");
    }
}

#[test]
fn what_cannot_be_taken_back_at_once_is_taken_back_before_the_next_event() {
    let disk = Disk::default();
    let journal = disk.journal(Journal::builder());
    disk.room(Some(20));
    disk.0.lock().fails_to_cut = true;
    emit(&journal, 0).expect_err("no room");
    disk.room(None);
    let shown = emit(&journal, 1).expect_err("still torn").to_string();
    assert!(shown.contains("read-only"), "{shown}");
    disk.0.lock().fails_to_cut = false;
    emit(&journal, 2).expect("mended");
    assert_eq!(disk.read(), (vec![(2, 0)], 0));
}

#[test]
fn a_torn_line_in_a_pipe_is_ended_before_the_next() {
    let whole = line_bytes();
    for room in 0..whole {
        let disk = Disk::default();
        disk.0.lock().is_pipe = true;
        let journal = disk.journal(Journal::builder());
        disk.room(Some(room));
        emit(&journal, 1).expect_err("no room");
        disk.room(None);
        emit(&journal, 2).expect("room again");
        let expected = match room {
            0 => (vec![(2, 0)], 0),
            // Nothing but the line break was missing, which makes the line whole.
            _ if room == whole - 1 => (vec![(1, 0), (2, 1)], 0),
            _ => (vec![(2, 0)], 1),
        };
        assert_eq!(disk.read(), expected, "{room} bytes of room");
    }
}

#[test]
fn what_is_buffered_survives_a_full_disk() {
    let whole = line_bytes();
    for is_pipe in [false, true] {
        for room in 0..whole * 4 {
            let disk = Disk::default();
            disk.0.lock().is_pipe = is_pipe;
            let journal = disk.journal(Journal::builder().buffered(whole * 3));
            disk.room(Some(room));
            let taken: Vec<u64> = (0..8).filter(|n| emit(&journal, *n).is_ok()).collect();
            disk.room(None);
            journal.flush(std::time::Instant::now()).expect("room again");
            let (read, bad) = disk.read();
            let sequences: Vec<u64> = read.iter().map(|(sequence, _)| *sequence).collect();
            assert!(taken.iter().all(|n| sequences.contains(n)), "{taken:?} in {sequences:?}");
            let positions: Vec<u64> = read.iter().map(|(_, position)| *position).collect();
            assert!(positions.iter().copied().eq(0..positions.len() as u64), "{positions:?}");
            assert!(bad <= usize::from(is_pipe), "{bad} bad lines");
        }
    }
}
