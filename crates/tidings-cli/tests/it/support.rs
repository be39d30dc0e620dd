//! Folders with journals and configurations, and the command run on them.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tidings_journal::Journal;
use tidings_registry::Bus;

/// Longer than anything takes on a slow machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A folder of its own for each test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn arg(&self, name: &str) -> String {
        self.path(name).to_str().expect("a path in UTF-8").to_owned()
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).expect("a file");
        self.arg(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file")
    }

    /// A journal that a bus wrote, with so many events.
    pub(crate) fn record(&self, name: &str, events: u64) -> String {
        let bus = Bus::new();
        let journal = Journal::builder().buffered(1 << 20).bus(&bus).create(self.path(name));
        bus.subscribe(journal.expect("a new file")).detach();
        let emitter = bus.raw_emitter("suite", "a_SUITE").child("case", "t1");
        for seed in 0..events {
            let data = serde_json::json!({ "seed": seed, "text": "ü \"quoted\"" });
            emitter.emit("case.started", data).expect("a good type");
        }
        assert!(bus.close(PATIENCE).expect("not strict").complete);
        self.arg(name)
    }

    /// A configuration with a journal as its only observer.
    pub(crate) fn config_to_journal(&self, journal: &str) -> String {
        let path = self.arg(journal);
        self.write("config.toml", &format!("[[observer]]\nkind = \"journal\"\npath = \"{path}\"\n"))
    }

    /// A configuration with an HTTP endpoint as its only observer.
    pub(crate) fn config_to_http(&self, url: &str, more: &str) -> String {
        self.write(
            "config.toml",
            &format!("[[observer]]\nkind = \"http\"\nname = \"place\"\nurl = \"{url}\"\n{more}\n"),
        )
    }

    /// The lines of a journal without its headers.
    pub(crate) fn events(&self, name: &str) -> Vec<String> {
        let text = self.read(name);
        let is_event = |line: &&str| !line.contains("\"type\":\"tidings.journal.opened\"");
        text.lines().filter(is_event).map(str::to_owned).collect()
    }
}

/// How a run of the command ended.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Says what the run printed when it ended in another way.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "out: {}\nerr: {}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "`{text}` is not in: {}", self.err);
        self
    }
}

/// Runs the command with these arguments and nothing to read.
pub(crate) fn tidings(args: &[&str]) -> Run {
    let output = command(args).stdin(Stdio::null()).output();
    Run::of(output.expect("the command is built"))
}

/// Runs the command with this on its standard input.
pub(crate) fn tidings_fed(args: &[&str], input: &str) -> Run {
    let mut child = start(args);
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.as_bytes()).expect("the command reads to the end");
    drop(stdin);
    end(child)
}

/// Starts the command with pipes.
pub(crate) fn start(args: &[&str]) -> Child {
    let mut command = command(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the command is built")
}

pub(crate) fn end(child: Child) -> Run {
    Run::of(child.wait_with_output().expect("the command ends"))
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    command.args(args);
    command
}

/// Waits until `condition` holds.
#[track_caller]
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::yield_now();
    }
}

/// An address where nobody listens.
pub(crate) fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    format!("http://{}/events", listener.local_addr().expect("an address"))
}

pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// What there is in a folder.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
