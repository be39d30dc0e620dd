//! The parent: starts children one after the other, kills them, and keeps the ledger.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fastrand::Rng;
use tempfile::TempDir;
use tidings::Bus;
use tidings_delivery::{Batch, Delivery, Outcome, Sink, SpoolSettings};
use tidings_fault_server::{CloudEvents, FaultServer};

use crate::child::{MARK, Order};
use crate::ledger::Ledger;
use crate::weather;

/// How long a server that is to see more posts is waited for before the kill.
const POSTS_WITHIN: Duration = Duration::from_millis(40);
/// The exit code of a test binary in which something panicked.
const PANICKED: i32 = 101;

/// All children, one at a time, and the server they talk to.
#[derive(Debug)]
pub(crate) struct Parent {
    test: &'static str,
    program: PathBuf,
    server: FaultServer,
    folder: TempDir,
    chance: Rng,
    ledger: Ledger,
    children: u32,
    kills: usize,
}

/// Counts what a spool had left.
struct Left(Arc<AtomicUsize>);

/// When a child is killed.
enum Moment {
    /// Once it has said so many lines.
    Lines(usize),
    /// Once the server has seen so many more requests.
    Posts(usize),
    /// As soon as it begins to close.
    Closing,
}

/// What a child says.
struct Voice {
    child: u32,
    lines: BufReader<ChildStdout>,
}

impl Parent {
    /// `test` is the name of the test that a child is to run.
    pub(crate) fn new(test: &'static str, seed: u64) -> Self {
        Self {
            test,
            program: std::env::current_exe().expect("this program has a path"),
            server: FaultServer::start(CloudEvents::new()).expect("there is a port"),
            folder: TempDir::new().expect("there is room for a folder"),
            chance: Rng::with_seed(seed),
            ledger: Ledger::default(),
            children: 0,
            kills: 0,
        }
    }

    /// How many children were killed before they ended by themselves.
    pub(crate) fn kills(&self) -> usize {
        self.kills
    }

    /// Starts a child in some weather and kills it at some moment.
    pub(crate) fn start_and_kill(&mut self) {
        let moment = match self.chance.u8(..8) {
            0 => Moment::Closing,
            1..=3 => Moment::Posts(self.chance.usize(1..20)),
            // The first line is said before the spool is opened.
            _ => Moment::Lines(self.chance.usize(1..25)),
        };
        let mut order = self.order();
        if matches!(moment, Moment::Closing) {
            order.bursts = Some(self.chance.u32(1..5));
        }
        weather::change(&self.server, &mut self.chance);
        let (mut child, mut voice) = self.start(&order);
        self.wait_for(&moment, &mut voice);
        // Any point between two lines is as good as another.
        (0..self.chance.u32(..50_000)).for_each(|_| std::hint::spin_loop());
        child.kill().expect("it is ours to kill");
        let status = child.wait().expect("it has ended");
        while let Some(line) = voice.next() {
            self.ledger.note(voice.child, &line);
        }
        assert_ne!(status.code(), Some(PANICKED), "child {} failed", voice.child);
        self.kills += usize::from(status.code() != Some(0));
    }

    /// Starts a last child in fair weather, and lets it end by itself.
    pub(crate) fn start_and_let_finish(&mut self) {
        weather::clear(&self.server);
        let order = Order {
            bursts: Some(10),
            timeout_ms: 30_000,
            flush_ms: 30_000,
            close_ms: 60_000,
            ..self.order()
        };
        let (mut child, mut voice) = self.start(&order);
        let mut last = String::new();
        while let Some(line) = voice.next() {
            self.ledger.note(voice.child, &line);
            last = line;
        }
        let status = child.wait().expect("it has ended");
        assert!(status.success() && last.starts_with("closed complete"), "{status}: {last}");
    }

    /// Compares what was said with what arrived, and looks whether anything is left; answers
    /// what there was, in words.
    pub(crate) fn check(&self) -> String {
        let arrived = self.server.accepted();
        let different = self.ledger.check(&arrived);
        let flushed = self.ledger.flushed();
        assert!(flushed > 1_000, "too little happened to prove anything: {flushed} were flushed");
        self.check_spool_is_empty();
        format!(
            "{} kills, {flushed} events flushed, {different} arrived, {} doubles, {} requests, {} \
             connections",
            self.kills,
            arrived.len() - different,
            self.posts(),
            self.server.connections(),
        )
    }

    fn check_spool_is_empty(&self) {
        let left = Arc::new(AtomicUsize::new(0));
        let delivery =
            Delivery::builder(Left(Arc::clone(&left))).spool(SpoolSettings::new(self.spool()));
        let bus = Bus::new();
        bus.subscribe(delivery.start().expect("the spool opens")).detach();
        let report = bus.close(Duration::from_secs(10)).expect("it is not strict");
        assert!(report.complete, "{report}");
        assert_eq!(left.load(Ordering::Acquire), 0, "events are left in the spool");
        let files = std::fs::read_dir(self.spool()).expect("it is a folder").flatten();
        let mut names: Vec<_> = files.map(|file| file.file_name()).collect();
        names.sort();
        assert_eq!(names, ["acknowledged", "lock"], "an empty spool keeps no events");
    }

    /// How many requests the server has seen.
    fn posts(&self) -> usize {
        let mut posts = 0;
        self.server.wait_for(Duration::ZERO, |observed| {
            posts = observed.requests.len();
            true
        });
        posts
    }

    fn spool(&self) -> PathBuf {
        self.folder.path().join("spool")
    }

    fn order(&mut self) -> Order {
        self.children += 1;
        let chance = &mut self.chance;
        Order {
            child: self.children,
            url: format!("{}/events", self.server.url()),
            spool: self.folder.path().join("spool"),
            bursts: None,
            burst_max: chance.u64(1..60),
            queue_events: chance.usize(10..400),
            batch_events: chance.usize(1..50),
            waits_for_device: chance.u8(..4) == 0,
            timeout_ms: chance.u64(20..100),
            flush_ms: chance.u64(10..60),
            close_ms: chance.u64(10..60),
        }
    }

    fn start(&self, order: &Order) -> (Child, Voice) {
        let (name, value) = order.to_variable();
        let mut child = Command::new(&self.program)
            .args(["--exact", self.test, "--nocapture"])
            .env(name, value)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can be started");
        let lines = BufReader::new(child.stdout.take().expect("it is piped"));
        (child, Voice { child: order.child, lines })
    }

    fn wait_for(&mut self, moment: &Moment, voice: &mut Voice) {
        let posts = match moment {
            Moment::Posts(more) => self.posts() + more,
            _ => 0,
        };
        let mut heard = 0;
        while let Some(line) = voice.next() {
            self.ledger.note(voice.child, &line);
            heard += 1;
            let is_time = match moment {
                Moment::Lines(lines) => heard >= *lines,
                Moment::Posts(_) => true,
                Moment::Closing => line == "closing",
            };
            if is_time {
                break;
            }
            if self.chance.u8(..12) == 0 {
                weather::change(&self.server, &mut self.chance);
            }
        }
        if let Moment::Posts(_) = moment {
            // In bad weather it sees none, and any moment will do.
            self.server.wait_for(POSTS_WITHIN, |observed| observed.requests.len() >= posts);
        }
    }
}

impl Sink for Left {
    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        self.0.fetch_add(batch.len(), Ordering::AcqRel);
        Outcome::delivered()
    }
}

impl Voice {
    /// The next whole line; none when the child has ended.
    fn next(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            let read = self.lines.read_line(&mut line).expect("what it says is text");
            if read == 0 {
                return None;
            }
            let whole = line.strip_suffix('\n').and_then(|line| line.strip_prefix(MARK));
            if let Some(line) = whole {
                return Some(line.to_owned());
            }
        }
    }
}
