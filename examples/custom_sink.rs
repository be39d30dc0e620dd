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
        match file.and_then(|mut file| file.write_all(batch.bytes())) {
            Ok(()) => Outcome::delivered(),
            Err(fault) => Outcome::retry(format!("the shelf is out of reach: {fault}")),
        }
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
    impl Harness for Room {
        type Sink = Shelf;
        fn sink(&self) -> Shelf { Shelf { path: self.0.path().join("shelf.jsonl") } }
        fn receiver(&self) -> &dyn Receiver { self }
        fn timeout(&self) -> std::time::Duration { std::time::Duration::from_millis(100) }
    }
    impl Receiver for Room {
        fn accepted(&self) -> Vec<String> {
            let text = fs::read_to_string(self.sink().path).unwrap_or_default();
            text.lines().map(|line| line.split('"').nth(7).unwrap().to_owned()).collect()
        }
        fn inject(&self, _: Trouble) -> Support { Support::no("a file makes no trouble") }
        fn clear(&self) {}
        fn reset(&self) { drop(fs::remove_file(self.sink().path)) }
    }
    check(&Room(tempfile::tempdir().unwrap())).assert();
}
