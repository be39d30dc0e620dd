//! What does it cost to get a typed event back from a line of a journal?
//!
//! Ours reads all of the line into an envelope, its ids, times, entity and attributes
//! checked, and then the event. The lines are of many entities in turn, as tests that run
//! at once write them. The floor takes type and data alone into an enum and skips
//! the rest; beside it all members as they stand, and `typetag`.

use std::hint::black_box;
use std::sync::{Arc, Mutex};
use std::{io, mem};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tidings::journal::Journal;
use tidings::wire::EventReader;
use tidings::{Bus, Event};

use crate::row::{Aim, Row, timed};

const TAGGED: &str = "serde_json, tagged enum";

/// One row.
pub fn rows() -> Vec<Row> {
    let [mut tagged, mut whole, mut boxed, mut ours] = [(); 4].map(|()| Turns::new());
    let mut reader = EventReader::new();
    vec![
        Row::new(format!("decode a journal line ({} bytes) to a typed event", ours.next().len()))
            .floor(TAGGED, timed(move || read::<Tagged>(tagged.next())))
            .peer("serde_json, all members", timed(move || read_whole(whole.next())))
            .peer("typetag", timed(move || read::<Box<dyn Said>>(boxed.next())))
            .ours("EventReader + event", timed(move || read_ours(&mut reader, ours.next())))
            .aim(Aim::CostOf(TAGGED, 1.2)),
    ]
}

fn read<'a, T: Deserialize<'a>>(line: &'a str) -> T {
    serde_json::from_str(black_box(line)).expect("a journal wrote it")
}

fn read_ours(reader: &mut EventReader, line: &str) -> bool {
    let received = reader.read(black_box(line)).expect("a journal wrote it");
    let event = received.envelope.event::<Case>().expect("it is a case");
    black_box(event.as_deref()).is_some()
}

fn read_whole(line: &str) -> (Whole, Case) {
    let whole: Whole = read(line);
    let event = match (&*whole.event_type, whole.data.get()) {
        ("case.finished", data) => data,
        _ => "null",
    };
    let Finished { name, line, seconds, message } =
        serde_json::from_str(event).expect("a journal wrote it");
    (whole, Case::Finished { name, line, seconds, message })
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespace = "case")]
enum Case {
    Started { name: String },
    Finished { name: String, line: u32, seconds: f64, message: String },
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", content = "data")]
#[expect(dead_code, reason = "read and let go")]
enum Tagged {
    #[serde(rename = "case.started")]
    Started { name: String },
    #[serde(rename = "case.finished")]
    Finished { name: String, line: u32, seconds: f64, message: String },
}

#[derive(Debug, Serialize, Deserialize)]
struct Finished {
    name: String,
    line: u32,
    seconds: f64,
    message: String,
}

/// All members, as they stand.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read and let go")]
struct Whole {
    specversion: String,
    id: String,
    source: String,
    #[serde(rename = "type")]
    event_type: String,
    time: String,
    subject: String,
    busid: String,
    lane: u32,
    sequence: String,
    position: String,
    runid: String,
    node: String,
    elapsedns: String,
    entity: String,
    contentid: String,
    data: Box<RawValue>,
}

#[typetag::serde(tag = "type", content = "data")]
trait Said {}

#[typetag::serde(name = "case.finished")]
impl Said for Finished {}

/// Lines of as many entities, in turn.
struct Turns {
    lines: Vec<String>,
    latest: usize,
}

/// How many.
const ENTITIES: usize = 8;

impl Turns {
    /// The lines of events, as a journal writes them.
    fn new() -> Self {
        let text = Text::default();
        let bus = Bus::builder().run("run-7").node("lab-3").build();
        bus.subscribe(Journal::to_writer(text.clone()).expect("memory takes everything")).detach();
        let suite = bus.emitter("suite", "a_SUITE");
        for number in 0..ENTITIES {
            suite.child("case", &format!("t{number}")).emit(Case::Finished {
                name: "renders_the_summary_of_an_empty_run".to_owned(),
                line: 117,
                seconds: 0.125_731,
                message: "expected 4, got 5".to_owned(),
            });
        }
        let text = mem::take(&mut *text.0.lock().expect("nobody panics with it"));
        let text = String::from_utf8(text).expect("a journal is text");
        // Behind its header.
        Self { lines: text.lines().skip(1).map(str::to_owned).collect(), latest: 0 }
    }

    fn next(&mut self) -> &str {
        self.latest = (self.latest + 1) % ENTITIES;
        &self.lines[self.latest]
    }
}

/// A writer whose text can be had.
#[derive(Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics with it").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
