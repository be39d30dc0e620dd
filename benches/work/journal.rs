//! What does a journal cost, written and replayed?
//!
//! Ours makes each event, its ids and times and content id, and writes it. The peers write
//! members that were made beforehand, or make them as anybody would have to.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tidings::journal::{Journal, Reader, replay};
use tidings::{Bus, Event, Interest};

use crate::bus::Glance;
use crate::row::{Aim, Row, Spent};

/// Events of one round.
const EVENTS: u32 = 20_000;
const PREPARED: &str = "BufWriter + serde_json, prepared members";
const LINES: &str = "read_line";

/// Writing held back and at once, and replaying.
///
/// # Panics
///
/// When there is no room for files.
pub fn rows() -> Vec<Row> {
    let path = || tempfile::tempdir().expect("a folder for files");
    vec![
        Row::new("journal write, held back up to 64 KiB")
            .calls(EVENTS)
            .peer(PREPARED, write_lines(path(), BufWriter::new, Line::set))
            .peer("BufWriter + serde_json, made members", {
                write_lines(path(), BufWriter::new, Line::make)
            })
            .ours("Journal", write_journal(path(), 64 * 1024))
            .aim(Aim::SpeedOf(PREPARED, 0.7)),
        Row::new("journal write, each event with the system before emit returns")
            .calls(EVENTS)
            .peer("File + serde_json, prepared members", {
                write_lines(path(), |file| file, Line::set)
            })
            .ours("Journal", write_journal(path(), 0))
            .aim(Aim::SpeedOf("File + serde_json, prepared members", 0.7)),
        replaying(),
    ]
}

fn replaying() -> Row {
    let folder = tempfile::tempdir().expect("a folder for files");
    write_journal_to(&folder, 64 * 1024, EVENTS);
    let path = folder.path().join("run.jsonl");
    let (lines, parsed) = (path.clone(), path.clone());
    Row::new("journal replay, 1 observer interested")
        .calls(EVENTS)
        .floor(LINES, move |events| each_line(&lines, events, |line| _ = black_box(line.len())))
        .peer("serde_json, tagged enum", move |events| {
            each_line(&parsed, events, |line| {
                black_box(serde_json::from_str::<Tagged>(line).is_ok());
            })
        })
        .ours("replay", move |events| {
            let _stays = &folder;
            let bus = Bus::new();
            bus.subscribe(Glance(Interest::parse(["case"]).expect("a good prefix"))).detach();
            let begin = Instant::now();
            let reader = Reader::open(&path).expect("it was written");
            let report = replay(reader, &bus).expect("it is sound");
            let spent = begin.elapsed();
            // A try-out asks for fewer than there are.
            let share = f64::from(events) / f64::from(EVENTS);
            assert_eq!(report.events, u64::from(EVENTS));
            spent.mul_f64(share).into()
        })
        .aim(Aim::PerSecondMin(500_000.0))
}

fn each_line(path: &std::path::Path, events: u32, look: impl Fn(&str)) -> Spent {
    let begin = Instant::now();
    let mut reader = BufReader::new(File::open(path).expect("it was written"));
    let mut line = String::new();
    for _ in 0..events {
        line.clear();
        reader.read_line(&mut line).expect("it is text");
        look(&line);
    }
    begin.elapsed().into()
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespace = "case")]
enum Case {
    Finished(Finished),
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", content = "data")]
enum Tagged {
    #[serde(rename = "case.finished")]
    Finished(#[expect(dead_code, reason = "read and let go")] Finished),
}

#[derive(Debug, Serialize, Deserialize)]
struct Finished {
    line: u32,
    message: String,
    name: String,
    seconds: f64,
}

fn finished(line: u32) -> Finished {
    Finished {
        line,
        message: "expected 4, got 5".to_owned(),
        name: "renders_the_summary_of_an_empty_run".to_owned(),
        seconds: 0.125_731,
    }
}

fn write_journal(folder: TempDir, buffered_bytes: usize) -> impl FnMut(u32) -> Spent {
    move |events| write_journal_to(&folder, buffered_bytes, events)
}

fn write_journal_to(folder: &TempDir, buffered_bytes: usize, events: u32) -> Spent {
    let bus = Bus::builder().run("run-7").node("lab-3").build();
    let journal = Journal::builder().buffered(buffered_bytes).bus(&bus);
    let path = folder.path().join("run.jsonl");
    // Of the round before; the first has none.
    drop(fs::remove_file(&path));
    bus.subscribe(journal.create(path).expect("a new file")).detach();
    let emitter = bus.emitter("suite", "a_SUITE").child("case", "t1");
    let begin = Instant::now();
    for number in 0..events {
        emitter.emit(Case::Finished(finished(number)));
    }
    bus.barrier(Duration::from_mins(1)).expect("it is written");
    begin.elapsed().into()
}

fn write_lines<W: Write>(
    folder: TempDir,
    wrapped: fn(File) -> W,
    renew: fn(&mut Line, u32),
) -> impl FnMut(u32) -> Spent {
    move |events| {
        let file = File::create(folder.path().join("run.jsonl")).expect("a new file");
        let (mut writer, mut line, mut text) = (wrapped(file), Line::new(), Vec::new());
        let begin = Instant::now();
        for number in 0..events {
            renew(&mut line, number);
            write_line(&mut writer, &mut text, &line).expect("there is room");
        }
        writer.flush().expect("there is room");
        begin.elapsed().into()
    }
}

/// One event, one write, as ours; a buffer makes fewer of them.
fn write_line(writer: &mut impl Write, text: &mut Vec<u8>, line: &Line) -> io::Result<()> {
    text.clear();
    serde_json::to_writer(&mut *text, line)?;
    text.push(b'\n');
    writer.write_all(text)
}

/// The members of a line of a journal.
#[derive(Serialize)]
struct Line {
    specversion: &'static str,
    id: String,
    source: &'static str,
    #[serde(rename = "type")]
    event_type: &'static str,
    time: String,
    subject: &'static str,
    datacontenttype: &'static str,
    contentid: String,
    busid: &'static str,
    lane: u32,
    sequence: String,
    position: String,
    runid: &'static str,
    node: &'static str,
    elapsedns: String,
    entity: &'static str,
    data: Finished,
}

impl Line {
    fn new() -> Self {
        let mut line = Self {
            specversion: "1.0",
            id: String::new(),
            source: "/run-7/lab-3/suite/a_SUITE/case/t1",
            event_type: "case.finished",
            time: String::new(),
            subject: "t1",
            datacontenttype: "application/json",
            contentid: String::new(),
            busid: "0193c0de-0000-7000-8000-000000000001",
            lane: 0,
            sequence: String::new(),
            position: String::new(),
            runid: "run-7",
            node: "lab-3",
            elapsedns: String::new(),
            entity: r#"[["suite","a_SUITE"],["case","t1"]]"#,
            data: finished(0),
        };
        line.make(7);
        line
    }

    /// Another event with the same texts.
    fn set(&mut self, number: u32) {
        self.data.line = number;
    }

    /// Another event, with all that differs from event to event.
    fn make(&mut self, number: u32) {
        self.data = finished(number);
        self.id = format!("{}.0.{number}", self.busid);
        self.time = format!("2026-03-21T03:10:02.{number:09}Z");
        self.sequence = format!("{number:020}");
        self.position = format!("{number:020}");
        self.elapsedns = number.to_string();
        let data = serde_json::to_vec(&self.data).expect("it has a JSON form");
        let hash = Sha256::digest(&data);
        let id = u128::from_be_bytes(hash[..16].try_into().expect("16 bytes are 16 bytes"));
        self.contentid = format!("{id:032x}");
    }
}
