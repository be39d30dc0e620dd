//! A sink of your own that a configuration can name, and its conformance test.

use std::{fs, io::Write as _, path::PathBuf};

use tidings::config::{Config, ObserverKind, OpenContext, OpenError, Opened, typetag};
use tidings::delivery::{Batch, Outcome, Sink};

/// Appends events to a file. Its fields are its keys in a configuration.
#[derive(serde::Deserialize)]
struct Shelf {
    path: PathBuf,
}

impl Sink for Shelf {
    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let file = fs::File::options().create(true).append(true).open(&self.path);
        let written = file.and_then(|mut file| file.write_all(batch.bytes()));
        written.map_or_else(|fault| Outcome::retry(fault.to_string()), |()| Outcome::delivered())
    }
}

#[typetag::deserialize(name = "shelf")]
impl ObserverKind for Shelf {
    fn open(self: Box<Self>, context: &OpenContext<'_>) -> Result<Opened, OpenError> {
        Ok(Opened::sink(Self { path: context.resolve(self.path) }))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let toml = "[[observer]]\nkind = \"shelf\"\npath = \"shelf.jsonl\"\nbatch = { events = 50 }\n";
    let started = Config::from_toml(toml, std::env::temp_dir())?.start()?;
    started.bus().raw_emitter("case", "t1").emit("case.started", serde_json::json!({}))?;
    Ok(writeln!(std::io::stdout(), "{}", started.close()?)?)
}

#[test]
#[rustfmt::skip] // One line a method, as a table of what has to be said.
fn the_shelf_passes_the_suite_of_all_sinks() {
    use tidings::assert::conformance::{Harness, Receiver, Support, Trouble, check};
    struct Room(tempfile::TempDir);
    fn rename(room: &Room, from: &str, to: &str) -> bool { fs::rename(room.0.path().join(from), room.0.path().join(to)).is_ok() }
    impl Harness for Room {
        type Sink = Shelf;
        fn sink(&self) -> Shelf { Shelf { path: self.0.path().join("here/shelf.jsonl") } }
        fn receiver(&self) -> &dyn Receiver { self }
        fn timeout(&self) -> std::time::Duration { std::time::Duration::from_millis(100) }
    }
    impl Receiver for Room {
        fn accepted(&self) -> Vec<String> {
            fs::read_to_string(self.sink().path).unwrap_or_default().lines().map(|line| line.split('"').nth(7).unwrap().to_owned()).collect()
        }
        fn inject(&self, trouble: Trouble) -> Support {
            if trouble == Trouble::Down && rename(self, "here", "away") { Support::Supported } else { Support::no("no such trouble") }
        }
        fn clear(&self) { rename(self, "away", "here"); }
        fn reset(&self) { self.clear(); drop(fs::remove_file(self.sink().path)) }
    }
    let room = Room(tempfile::tempdir().unwrap()); fs::create_dir(room.0.path().join("here")).unwrap();
    check(&room).assert_with_skipped(13); // What its receiver cannot do to it is not proved.
}
