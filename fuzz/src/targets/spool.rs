//! Spools: whatever stands in the folder, a delivery opens it or says why not, what arrives
//! is what was written, and a second opening finds nothing left.
//!
//! Checksums would keep mutations out, so that the input is a program that makes the files:
//! a byte that says what comes next, and what that needs. See [`Writer::step`].

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tidings_core::Envelope;
use tidings_core::wire::read_event;
use tidings_delivery::{Batch, Delivery, Outcome, Sink, SpoolFsync, SpoolSettings};
use tidings_registry::Bus;

pub(crate) const WORDS: &[&str] = &[
    "s\u{1}",
    "f\u{1}\u{1}a",
    "r\u{8}tidspool",
    "p\u{1}",
    "\u{0}",
    "c",
    "S",
    "F",
    "P",
    "e\u{1}\u{1}x",
    "t",
];

/// Nothing takes this long unless it hangs.
const LONG: Duration = Duration::from_secs(10);

pub(crate) fn run(data: &[u8]) {
    let mut writer =
        Writer { input: data, files: BTreeMap::new(), name: String::new(), texts: Vec::new() };
    while writer.step().is_some() {}
    let folder = folder();
    for (name, bytes) in &writer.files {
        fs::write(folder.path().join(name), bytes).expect("there is room");
    }
    let arrived = Arc::<Mutex<Vec<String>>>::default();
    if !deliver(folder.path(), &arrived) {
        for (name, bytes) in &writer.files {
            assert_eq!(&fs::read(folder.path().join(name)).expect("left alone"), bytes, "{name}");
        }
        return;
    }
    let first = std::mem::take(&mut *arrived.lock().expect("nobody panics with it"));
    for id in first.iter().filter(|id| *id != "own") {
        assert!(writer.texts.contains(id), "{id} was never written");
    }
    assert!(first.contains(&"own".to_owned()), "what is emitted now arrives: {first:?}");
    assert!(deliver(folder.path(), &arrived), "it can be opened again");
    assert_eq!(*arrived.lock().expect("nobody panics with it"), ["own"], "all was done before");
}

/// A folder that is quick to make.
pub(crate) fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    made.expect("there is room for a folder")
}

/// Delivers what is there and one event more; answers whether it could be opened.
fn deliver(folder: &Path, arrived: &Arc<Mutex<Vec<String>>>) -> bool {
    let spool = SpoolSettings::new(folder).fsync(SpoolFsync::Never);
    let builder =
        Delivery::builder(Taking(Arc::clone(arrived))).linger(Duration::ZERO).spool(spool);
    let Ok(delivery) = builder.start() else { return false };
    let bus = Bus::new();
    bus.subscribe(delivery).detach();
    let emitter = bus.raw_emitter("case", "own");
    emitter.emit("case.own", serde_json::Value::Null).expect("a type");
    let began = Instant::now();
    let report = bus.close(LONG).expect("it is not strict");
    assert!(report.complete, "{report} after {:?}", began.elapsed());
    true
}

/// Takes everything.
struct Taking(Arc<Mutex<Vec<String>>>);

impl Sink for Taking {
    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let id = |envelope: &Arc<Envelope>| envelope.entity().id().to_owned();
        let ids = batch.iter().map(|event| id(event.envelope()));
        self.0.lock().expect("nobody panics with it").extend(ids);
        Outcome::delivered()
    }
}

/// Makes files as the input says.
struct Writer<'a> {
    input: &'a [u8],
    files: BTreeMap<String, Vec<u8>>,
    /// The file that is written to.
    name: String,
    /// The subjects of all records that are intact.
    texts: Vec<String>,
}

impl Writer<'_> {
    /// | byte | what it does |
    /// |---|---|
    /// | `s` number, `S` number of 8 | begins a segment with this first number |
    /// | `f` number text, `F` number of 8 text | a record, intact, of an event called so |
    /// | `e` number text | a record, intact, of a text that is no event |
    /// | `p` number, `P` number of 8 | the position; a second one is the other slot |
    /// | `r` length bytes | bytes as they are |
    /// | `c` place | spoils the byte that is so far from the end |
    /// | `t` count | cuts so many bytes off |
    /// | `v` number | a head of another version |
    fn step(&mut self) -> Option<()> {
        match self.byte()? {
            b's' => {
                let number = self.byte()?.into();
                self.begin(number);
            }
            b'S' => {
                let number = self.number()?;
                self.begin(number);
            }
            b'f' => {
                let number = self.byte()?.into();
                self.event(number)?;
            }
            b'F' => {
                let number = self.number()?;
                self.event(number)?;
            }
            b'e' => {
                let number = self.byte()?.into();
                let text = self.text()?;
                self.record(number, &text);
            }
            b'p' => {
                let number = self.byte()?.into();
                self.position(number);
            }
            b'P' => {
                let number = self.number()?;
                self.position(number);
            }
            b'r' => {
                let len = self.byte()?.into();
                let raw = self.take(len)?.to_vec();
                self.file().extend(raw);
            }
            b'c' => {
                let back = usize::from(self.byte()?) + 1;
                let file = self.file();
                if let Some(place) = file.len().checked_sub(back) {
                    file[place] ^= 0x55;
                }
            }
            b't' => {
                let count = usize::from(self.byte()?);
                let file = self.file();
                file.truncate(file.len().saturating_sub(count));
            }
            b'v' => {
                let version = u32::from(self.byte()?);
                let head = head(*b"tidspool", version, 1);
                *self.file() = head;
            }
            _ => {}
        }
        (self.files.len() < 8).then_some(())
    }

    fn begin(&mut self, first: u64) {
        self.name = format!("{first:020}.seg");
        *self.file() = head(*b"tidspool", 1, first);
    }

    fn event(&mut self, number: u64) -> Option<()> {
        let name = self.text()?;
        let text = format!(
            "{{\"specversion\":\"1.0\",\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057.0.0\",\
             \"source\":\"/r/n\",\"type\":\"case.kept\",\"time\":\"2026-01-01T00:00:00Z\",\
             \"runid\":\"r\",\"node\":\"n\",\"entity\":{},\"data\":null}}",
            serde_json::Value::from(serde_json::json!([["case", name]]).to_string()),
        );
        if read_event(&text).is_ok() {
            self.texts.push(name);
        }
        self.record(number, &text);
        Some(())
    }

    fn record(&mut self, number: u64, text: &str) {
        let mut checked = u32::try_from(text.len()).expect("it is short").to_le_bytes().to_vec();
        checked.extend(number.to_le_bytes());
        checked.extend(text.as_bytes());
        let crc = crc32fast::hash(&checked);
        let file = self.file();
        file.extend([0xFF, 0xFA, 0xF5, 0xFE]);
        file.extend(crc.to_le_bytes());
        file.extend(checked);
    }

    fn position(&mut self, number: u64) {
        let file = self.files.entry("acknowledged".to_owned()).or_default();
        if !file.is_empty() {
            file.resize(4_096, 0);
        }
        file.extend(head(*b"tidacked", 1, number));
    }

    /// The file that is written to; the first one begins with record 1.
    fn file(&mut self) -> &mut Vec<u8> {
        if self.name.is_empty() {
            self.name = format!("{:020}.seg", 1);
        }
        self.files.entry(self.name.clone()).or_default()
    }

    fn text(&mut self) -> Option<String> {
        let len = self.byte()?.into();
        Some(String::from_utf8_lossy(self.take(len)?).into_owned())
    }

    fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn byte(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    fn take(&mut self, len: usize) -> Option<&[u8]> {
        let (taken, rest) = self.input.split_at_checked(len)?;
        self.input = rest;
        Some(taken)
    }
}

fn head(magic: [u8; 8], version: u32, number: u64) -> Vec<u8> {
    let mut head = magic.to_vec();
    head.extend(version.to_le_bytes());
    head.extend(number.to_le_bytes());
    let crc = crc32fast::hash(&head);
    head.extend(crc.to_le_bytes());
    head
}
