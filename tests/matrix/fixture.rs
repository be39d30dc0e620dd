//! One run: a bus, a delivery with a spool and dead letters, a sink, a server.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use tidings::{Bus, CloseReport, Counts, wire};
use tidings_delivery::{Delivery, Retry, SinkDiagnostic, SpoolSettings};
use tidings_fault_server::{FaultServer, Identity};

use crate::leaks::Leaks;
use crate::place::{Arrivals, Place, Trust};

/// How many events a row emits.
pub(crate) const EVENTS: usize = 1_000;
/// How many of them a batch has.
pub(crate) const BATCH_EVENTS: usize = 100;
/// Nothing takes this long unless it hangs.
pub(crate) const LONG: Duration = Duration::from_mins(1);
/// How long a sink waits for an answer where none is to come.
pub(crate) const TIMEOUT_SHORT: Duration = Duration::from_secs(2);
/// The event that a server may refuse for good, by its number and by its text.
pub(crate) const POISONED: usize = 437;
pub(crate) const POISON: &str = "arsenic";

/// A server, and all that a test knows of what is sent there.
pub(crate) struct Site {
    pub(crate) place: Place,
    pub(crate) server: FaultServer,
    pub(crate) arrivals: Arrivals,
    pub(crate) leaks: Leaks,
    folder: TempDir,
    token: String,
}

/// A bus with a delivery to a site.
pub(crate) struct Run {
    pub(crate) bus: Bus,
    ids: Arc<Mutex<Vec<String>>>,
    diagnostics: Arc<Mutex<Vec<SinkDiagnostic>>>,
}

/// What arrived.
#[derive(Debug)]
pub(crate) struct Arrived {
    /// The ids in order, doubles dropped.
    pub(crate) ids: Vec<String>,
    pub(crate) doubled: usize,
}

impl Site {
    pub(crate) fn new(place: Place, tls: Option<&Identity>) -> Self {
        let token: String = std::iter::repeat_with(fastrand::alphanumeric).take(32).collect();
        let (server, arrivals) = place.server(&token, tls);
        let leaks = Leaks::new(&token);
        let folder = TempDir::new().expect("there is room for a folder");
        Self { place, server, arrivals, leaks, folder, token }
    }

    /// The token, for a server that repeats it in its answers.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) fn spool(&self) -> PathBuf {
        self.folder.path().join("spool")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The lines of the dead letters.
    pub(crate) fn dead_letters(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.file("dead.jsonl")).expect("the file is made");
        text.lines().map(str::to_owned).collect()
    }

    /// Starts a bus with a delivery.
    pub(crate) fn run(&self, timeout: Duration, trust: &Trust) -> Run {
        let built = self.place.sink(&self.server, &self.token, timeout, trust);
        self.leaks.look_at("the sink's Debug text", &built.debug);
        let retry = Retry::default().first(Duration::from_millis(1)).cap(Duration::from_millis(20));
        let delivery = Delivery::builder(built.sink)
            .name("place")
            .batch_events(BATCH_EVENTS)
            // Every batch is full, so that the faults meet the same ones each time.
            .linger(LONG)
            .retry(retry)
            .spool(SpoolSettings::new(self.spool()))
            .dead_letter(self.file("dead.jsonl"))
            .start()
            .expect("the spool opens");
        self.leaks.look_at("the delivery's Debug text", &format!("{delivery:?} {delivery:#?}"));
        Run::new(delivery, &self.leaks)
    }

    /// What the server took, in order.
    pub(crate) fn arrived(&self) -> Arrived {
        let mut known = HashSet::new();
        let all = self.server.accepted_ids();
        let total = all.len();
        let ids: Vec<String> = all.into_iter().filter(|id| known.insert(id.clone())).collect();
        Arrived { doubled: total - ids.len(), ids }
    }

    /// Looks for the token wherever it must not be, and for nothing else where it must.
    pub(crate) fn check_for_leaks(&self) {
        let leaks = &self.leaks;
        leaks.look_into("the spool", &self.spool());
        leaks.look_into("the dead letters", &self.file("dead.jsonl"));
        for event in self.server.accepted() {
            leaks.look_at("an event that arrived", &event.json);
        }
        let authorization = self.place.authorization(&self.token);
        for request in self.server.requests() {
            let mut given = Vec::new();
            for (name, value) in &request.headers {
                if name == "authorization" {
                    given.push(value.as_str());
                } else {
                    leaks.look_at("a header", &format!("{name}: {value}"));
                }
            }
            assert_eq!(given, [authorization.as_str()]);
            leaks.look_at("a path", &request.path);
            leaks.look_at("a body", &request.text());
        }
    }
}

impl Arrived {
    /// Nothing is missing, nothing is too much, and the order is that of `expected`.
    #[track_caller]
    pub(crate) fn assert_are(&self, expected: &[String]) {
        let pairs = self.ids.iter().zip(expected);
        let same = pairs.take_while(|(arrived, emitted)| arrived == emitted).count();
        let (arrived, emitted) = (self.ids.get(same), expected.get(same));
        assert_eq!(arrived, emitted, "number {same} of {} and {}", self.ids.len(), expected.len());
    }
}

impl Run {
    fn new(delivery: Delivery, leaks: &Leaks) -> Self {
        let bus = Bus::new();
        let (ids, diagnostics) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<Mutex<Vec<_>>>::default());
        let noted = Arc::clone(&ids);
        let note_id = move |id: String| noted.lock().expect("nobody panics with it").push(id);
        bus.observe("matrix", move |envelope| note_id(envelope.id().to_string()))
            .expect("it is a prefix")
            .detach();
        let seen = leaks.clone();
        bus.observe("tidings", move |envelope| {
            let mut text = format!("{envelope:?}");
            wire::write_event(envelope, None, &mut text).expect("diagnostics have a JSON form");
            seen.look_at("a diagnostic event", &text);
        })
        .expect("it is a prefix")
        .detach();
        let noted = Arc::clone(&diagnostics);
        bus.on::<SinkDiagnostic>(move |event, _| {
            noted.lock().expect("nobody panics with it").push(event.clone());
        })
        .detach();
        bus.subscribe(delivery).detach();
        Self { bus, ids, diagnostics }
    }

    /// Emits so many events; each is taken at once, whatever the server does.
    pub(crate) fn emit(&self, events: usize) {
        let emitter = self.bus.raw_emitter("case", "t1");
        for _event in 0..events {
            let n = self.ids.lock().expect("nobody panics with it").len();
            let text = if n == POISONED { POISON } else { "wholesome" };
            let receipt = emitter.emit("matrix.noted", json!({ "n": n, "text": text }));
            let receipt = receipt.expect("the type is valid");
            assert_eq!((receipt.enqueued(), receipt.dropped()), (1, 0), "event {n}");
        }
    }

    /// The ids of the events that were emitted, in order.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.ids.lock().expect("nobody panics with it").clone()
    }

    /// What was told so far.
    pub(crate) fn diagnostics(&self) -> Vec<SinkDiagnostic> {
        self.diagnostics.lock().expect("nobody panics with it").clone()
    }

    /// The counts of the delivery, which must add up.
    pub(crate) fn counts(&self) -> Counts {
        accounted(&self.bus.report())
    }

    /// Closes the bus, and looks at the report from all sides.
    pub(crate) fn close(&self, within: Duration, leaks: &Leaks) -> CloseReport {
        let report = self.bus.close(within).expect("it is not strict");
        accounted(&report);
        let json = serde_json::to_string(&report).expect("a report has a JSON form");
        leaks.look_at("the report", &format!("{report} {report:?} {json}"));
        report
    }
}

/// The counts of the delivery; those of every observer must add up.
pub(crate) fn accounted(report: &CloseReport) -> Counts {
    for observer in &report.observers {
        let counts = observer.counts;
        let sum = counts.delivered
            + counts.failed
            + counts.rejected
            + counts.dropped
            + counts.suppressed
            + counts.spooled
            + counts.pending;
        assert_eq!(counts.accepted, sum, "{report}");
    }
    report.observer("place").expect("it is registered").counts
}

/// Whether a file in this folder, or the file itself, has this text.
pub(crate) fn holds_text(path: &Path, text: &str) -> bool {
    let files = match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(_) => vec![path.to_owned()],
    };
    let holds = |file: &PathBuf| {
        let bytes = std::fs::read(file).unwrap_or_default();
        String::from_utf8_lossy(&bytes).contains(text)
    };
    files.iter().any(holds)
}
