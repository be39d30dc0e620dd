//! One run of a check: a bus, a delivery around a watched sink, and what came of it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde_json::json;
use tidings_delivery::{Delivery, Retry, SpoolSettings};
use tidings_registry::{Bus, CloseError, Counts, ObserverReport};

use super::folder::Folder;
use super::harness::Harness;
use super::suite::{Failure, Suite};
use super::verify::{Doubles, Ledger};
use super::watched::{KillAt, Log, Watched};
use crate::Recorder;

/// What the delivery of a run is called.
const NAME: &str = "conformance";
/// Nothing, the most a pause lasts between attempts, and a batch's wait for more events.
const RETRY_FIRST: Duration = Duration::from_millis(1);
const RETRY_CAP: Duration = Duration::from_millis(20);
const LINGER: Duration = Duration::from_millis(1);
/// How many events a batch has where a check counts on it.
pub(super) const BATCH_EVENTS: usize = 10;

/// How the delivery of a run is set up.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Setup<'a> {
    /// Batches are sent when they have all of their events, or at the close.
    pub(super) full_batches: bool,
    pub(super) batch_events: Option<usize>,
    pub(super) batch_bytes: Option<usize>,
    pub(super) spool: Option<&'a Path>,
    pub(super) kill_at: Option<KillAt>,
}

/// A bus, a delivery around a watched sink, and a recorder of what was emitted.
pub(super) struct Run<'a, H: Harness> {
    suite: &'a Suite<'a, H>,
    pub(super) bus: Bus,
    pub(super) log: Arc<Log>,
    recorder: Recorder,
    diagnostics: Arc<Mutex<Vec<String>>>,
    folder: Folder,
}

impl<'a, H: Harness> Run<'a, H> {
    /// Begins with nothing emitted.
    pub(super) fn start(suite: &'a Suite<'a, H>, setup: Setup<'_>) -> Result<Self, Failure> {
        let bus = Bus::new();
        let folder = Folder::new(&bus.id().to_string()).map_err(Failure::own)?;
        let (log, diagnostics) = (Log::killing_at(setup.kill_at), Arc::default());
        let delivery = deliver(suite, setup, &log, &folder)?;
        let said: Arc<Mutex<Vec<String>>> = Arc::clone(&diagnostics);
        let hear = move |envelope: &Arc<tidings_core::Envelope>| {
            said.lock().extend(envelope.data().ok().map(str::to_owned));
        };
        bus.observe("tidings.", hear).map_err(Failure::own)?.detach();
        let recorder = Recorder::on(&bus);
        bus.subscribe(delivery).detach();
        Ok(Self { suite, bus, log, recorder, diagnostics, folder })
    }

    /// Emits all events of a check from this thread.
    pub(super) fn emit_all(&self) {
        emit(&self.bus, 0..self.suite.options.events, plain);
    }

    /// The ids of what was emitted so far, each lane in order.
    pub(super) fn emitted(&self) -> Vec<String> {
        self.recorder.envelopes().iter().map(|envelope| envelope.id().to_string()).collect()
    }

    /// A sink that never said that anything went wrong cannot have met the trouble.
    pub(super) fn had_trouble(&self) -> Result<(), Failure> {
        if self.log.look(|seen| seen.troubles().next().is_some()) {
            return Ok(());
        }
        Err(Failure::seen("no call of `send` said that anything went wrong"))
    }

    /// Waits until this is seen of the sink; otherwise this is what is wrong.
    pub(super) fn wait_for(
        &self,
        otherwise: &str,
        holds: impl Fn(&super::watched::Seen) -> bool,
    ) -> Result<(), Failure> {
        if self.log.wait_for(self.suite.options.patience, holds) {
            return Ok(());
        }
        let last = self.log.look(super::watched::Seen::last_trouble);
        Err(Failure::seen(format!("{otherwise}; {last}")))
    }

    /// Closes the bus and compares what arrived: all of it, each once.
    pub(super) fn finish(&self) -> Result<(), Failure> {
        self.finish_with(Doubles::Forbidden)
    }

    /// Closes the bus and compares what arrived: all of it.
    pub(super) fn finish_with(&self, doubles: Doubles) -> Result<(), Failure> {
        let report = self.close(self.suite.options.patience)?;
        let emitted = self.emitted();
        let ledger = Ledger { emitted: &emitted, must: &emitted, must_not: &[], doubles };
        self.compare(ledger)?;
        let Counts { delivered, .. } = report.counts;
        if delivered == emitted.len() as u64 {
            return Ok(());
        }
        Err(self.blame(&format!("{delivered} of {} events count as delivered", emitted.len())))
    }

    /// Compares what arrived with what should have.
    pub(super) fn compare(&self, ledger: Ledger<'_>) -> Result<(), Failure> {
        ledger.compare(&self.suite.receiver().accepted()).map_err(|reason| self.blame(&reason))
    }

    /// A reason, and what the sink said last.
    pub(super) fn blame(&self, reason: &str) -> Failure {
        let last = self.log.look(super::watched::Seen::last_trouble);
        Failure::seen(format!("{reason}\n{last}"))
    }

    /// Closes the bus; every event must be accounted for.
    pub(super) fn close(&self, within: Duration) -> Result<ObserverReport, Failure> {
        let before = Instant::now();
        let report =
            self.bus.close(within).unwrap_or_else(|error: CloseError| error.report().clone());
        let took = before.elapsed();
        self.suite.witness("the report", report.to_string());
        let report = report.observer(NAME).cloned();
        let report =
            report.ok_or_else(|| Failure::seen("the report does not name the delivery"))?;
        self.suite.witness("the report", json!(report).to_string());
        if took > within + self.suite.options.slack {
            return Err(Failure::seen(format!("a close within {within:?} took {took:?}")));
        }
        let counts = report.counts;
        let fates = [
            counts.delivered,
            counts.failed,
            counts.rejected,
            counts.dropped,
            counts.suppressed,
            counts.spooled,
            counts.pending,
        ];
        if fates.iter().sum::<u64>() == counts.accepted {
            return Ok(report);
        }
        Err(Failure::seen(format!("not every event is accounted for: {counts:?}")))
    }

    /// What is in the file of dead letters.
    pub(super) fn dead_letters(&self) -> String {
        std::fs::read_to_string(dead_letter_path(&self.folder)).unwrap_or_default()
    }
}

impl<H: Harness> Drop for Run<'_, H> {
    /// Leaves all texts for the check of secrets.
    fn drop(&mut self) {
        self.log.kill();
        // Only what was said is of interest any more.
        drop(self.bus.close(Duration::ZERO));
        self.suite.witness("a dead letter", self.dead_letters());
        for text in self.diagnostics.lock().drain(..) {
            self.suite.witness("a diagnostic event", text);
        }
        self.log.look(|seen| {
            for text in &seen.texts {
                self.suite.witness("what the sink said", text.clone());
            }
        });
    }
}

/// Emits events of these numbers from this thread; `text` says what each has as its text.
pub(super) fn emit(bus: &Bus, numbers: std::ops::Range<usize>, text: impl Fn(usize) -> String) {
    for n in numbers {
        let emitter = bus.raw_emitter("case", &format!("t{n}"));
        let data = json!({ "n": n, "text": text(n), "filler": "x".repeat(64) });
        emitter.emit("conformance.event", data).expect("the name is a name of an event");
    }
}

/// The text of an event that nothing is wrong with.
pub(super) fn plain(n: usize) -> String {
    format!("event {n}")
}

fn dead_letter_path(folder: &Folder) -> std::path::PathBuf {
    folder.path().join("dead.jsonl")
}

fn deliver<H: Harness>(
    suite: &Suite<'_, H>,
    setup: Setup<'_>,
    log: &Arc<Log>,
    folder: &Folder,
) -> Result<Delivery, Failure> {
    let sink = Watched::new(suite.harness.sink(), Arc::clone(log));
    suite.witness("the sink's name", tidings_delivery::Sink::name(&sink));
    let events = setup.batch_events.unwrap_or(BATCH_EVENTS).min(suite.harness.batch_events_max());
    // A batch that must be full waits until the close sends what is left.
    let linger = if setup.full_batches { suite.options.patience * 2 } else { LINGER };
    let mut builder = Delivery::builder(sink)
        .name(NAME)
        .batch_events(events)
        .linger(linger)
        .retry(Retry::default().first(RETRY_FIRST).cap(RETRY_CAP))
        .dead_letter(dead_letter_path(folder));
    if let Some(bytes) = setup.batch_bytes {
        builder = builder.batch_bytes(bytes);
    }
    if let Some(spool) = setup.spool {
        builder = builder.spool(SpoolSettings::new(spool));
    }
    builder.start().map_err(Failure::own)
}
