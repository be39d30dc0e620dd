//! `tidings master`: the events of many nodes, for the observers of one configuration.
//!
//! What is wrong with the server, the log or the configuration is said before anything is
//! shown or delivered. Whatever ends a master, the next one goes on with its log.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use tidings_core::BusId;
use tidings_nats::{
    NatsServer, NatsSource, Presence, PresenceSettings, Relay, RelayReport, RelaySettings,
};
use tidings_registry::Bus;
use tidings_testrun::RunSummary;

use super::delivering::{Delivering, Reading, Task, listen, report_file};
use super::summing::Summing;
use crate::args::{MasterArgs, NatsArgs};
use crate::failure::{Failure, Verdict};
use crate::feed::{Ended, Feeder, Patience};
use crate::interrupt::Interrupt;
use crate::live::{Live, Planned, Views};
use crate::master::{Checkpoint, Followed, Inlet, Log, Past};
use crate::nats;
use crate::output::{Screen, counted, grouped};

/// From one look whether it is over to the next.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long nothing has come when the run is taken to be over.
const QUIET: Duration = Duration::from_secs(1);
/// After how many events, or how long, it is asked whether they are safe: views write their
/// files anew each time.
const CHECKPOINT_EVENTS: u64 = 16_384;
const CHECKPOINT_INTERVAL: Duration = Duration::from_secs(1);

/// Relays events until the run is over.
///
/// # Errors
///
/// [`Failure`] before anything is delivered, or when a report cannot be written.
pub(crate) fn master(
    args: &MasterArgs,
    screen: &Screen,
    interrupt: &Interrupt,
) -> Result<Verdict, Failure> {
    let summing = Summing::at(&args.summary)?;
    let ending = &args.delivering.observers.ending;
    if summing.is_printed() && ending.report.as_deref().is_some_and(|path| path == Path::new("-")) {
        return Err(Failure::OneOutput { first: "the report", second: "the summary" });
    }
    let report_file = report_file(ending)?;
    let checkpoint = Checkpoint::beside(&args.log)?;
    let safe_before = checkpoint.read()?;
    let past = Past::open(&args.log, screen)?;
    let planned = Planned::read(&args.delivering.observers.config, screen)?;
    let server = nats::server(&args.nats)?;
    let source = open(&server, args)?;
    let views = planned.start_views(screen)?;
    listen(screen, interrupt);
    let stall = args.delivering.stalling.stall_timeout;
    let mut restoring = Restoring::new(args, views.bus().clone());
    let live = restoring.run(views, past, safe_before, (stall, screen, interrupt))?;
    let delivering = Delivering::of(live, stall, (ending, report_file), screen, interrupt);
    let log = Log::start(&args.log, checkpoint, delivering.bus())?;
    log.hold_back(safe_before)?;
    screen.say(&beginning(&log, args));
    let mastering = Mastering { args, screen, interrupt, delivering, log, restoring };
    let (verdict, summary) = mastering.run(&server, source)?;
    summing.end(&summary, verdict)
}

fn open(server: &NatsServer, args: &MasterArgs) -> Result<NatsSource, Failure> {
    let NatsArgs { root, run, .. } = &args.nats;
    let stream = nats::stream(&args.nats);
    let mut builder =
        NatsSource::builder(server.clone()).root(root).stream(stream).durable(&args.durable);
    if let Some(run) = run {
        builder = builder.run(run);
    }
    builder.open().map_err(|fault| nats::failure(&fault))
}

/// What is said when everything is in place.
fn beginning(log: &Log, args: &MasterArgs) -> String {
    let events = counted(log.events(), "event");
    let path = args.log.display();
    let cut = match log.truncated_bytes() {
        0 => String::new(),
        bytes => {
            let bytes = counted(bytes, "byte");
            format!(" (a last line was never finished and is cut off: {bytes})")
        }
    };
    format!("relaying into {path}, which has {events}{cut}")
}

/// Has the observers be as they were, and learns what the log has.
struct Restoring {
    bus: Bus,
    log: PathBuf,
    followed: Followed,
    relay: RelaySettings,
    presence: PresenceSettings,
    buses: HashSet<BusId>,
    events: u64,
    bad_lines: u64,
}

impl Restoring {
    fn new(args: &MasterArgs, bus: Bus) -> Self {
        let mut presence = PresenceSettings::default().root(&args.nats.root);
        if let Some(run) = &args.nats.run {
            presence = presence.run(run);
        }
        Self {
            bus,
            log: args.log.clone(),
            followed: Followed::new(),
            relay: RelaySettings::default(),
            presence,
            buses: HashSet::new(),
            events: 0,
            bad_lines: 0,
        }
    }

    /// Hands the log to the views, and what of it may not be safe to the others.
    fn run(
        &mut self,
        views: Views,
        mut past: Past,
        safe_before: u64,
        (stall, screen, interrupt): (Duration, &Screen, &Interrupt),
    ) -> Result<Live, Failure> {
        self.bus.subscribe(self.followed.clone()).detach();
        let patience = Patience { stall, end: stall };
        let mut feeder = Feeder::new(&self.bus, views.window(), patience, screen, interrupt);
        let wanted = Presence::interest();
        let mut started = Observers::Views(views);
        let log = self.log.clone();
        while let Some(entry) = past.next(&log)? {
            if entry.position >= safe_before {
                started = Observers::All(started.all()?);
            }
            let id = entry.envelope.id();
            self.buses.insert(id.bus());
            self.relay = std::mem::take(&mut self.relay).seen_from([id]);
            if wanted.matches(entry.envelope.event_type()) {
                let past = [entry.envelope.clone()];
                self.presence = std::mem::take(&mut self.presence).remember(past);
            }
            self.events += 1;
            if feeder.feed(entry.envelope, entry.bytes) == Err(Ended) {
                let name = log.display().to_string();
                return Err(Failure::Closed { name, line: self.events });
            }
        }
        self.bad_lines = past.bad_lines();
        started.all()
    }
}

/// The observers that run so far.
enum Observers {
    Views(Views),
    All(Live),
}

impl Observers {
    /// Starts those that do not run yet.
    fn all(self) -> Result<Live, Failure> {
        match self {
            Self::Views(views) => views.start_others(),
            Self::All(live) => Ok(live),
        }
    }
}

/// A master at work.
struct Mastering<'a> {
    args: &'a MasterArgs,
    screen: &'a Screen,
    interrupt: &'a Interrupt,
    delivering: Delivering,
    log: Log,
    restoring: Restoring,
}

impl Mastering<'_> {
    fn run(
        mut self,
        server: &NatsServer,
        source: NatsSource,
    ) -> Result<(Verdict, RunSummary), Failure> {
        let settings = std::mem::take(&mut self.restoring.relay)
            .checkpoint(CHECKPOINT_EVENTS, CHECKPOINT_INTERVAL)
            .when_safe(self.log.safety());
        let presence = std::mem::take(&mut self.restoring.presence);
        let presence = Presence::start(server.clone(), self.delivering.bus(), presence)
            .map_err(|fault| nats::failure(&fault))?;
        let close_timeout = self.delivering.close_timeout();
        let patience =
            Patience { stall: self.args.delivering.stalling.stall_timeout, end: close_timeout / 2 };
        let (bus, window) = (self.delivering.bus().clone(), self.delivering.window());
        let feeder = Feeder::new(&bus, window, patience, self.screen, self.interrupt)
            .counting_into(self.delivering.feeder.meter());
        let inlet = Inlet::new(feeder, &bus, self.screen);
        let relay = Relay::start(source, inlet.bus(), settings).map_err(|source| {
            Failure::Read { name: "the stream".to_owned(), source: Box::new(source) }
        })?;
        self.wait(&relay);
        let relayed = relay.stop(close_timeout);
        drop(presence);
        inlet.end();
        self.end(&relayed)
    }

    /// Until the run is over, or a signal comes.
    fn wait(&self, relay: &Relay) {
        let followed = &self.restoring.followed;
        let (mut came, mut since) = (0, Instant::now());
        while !self.interrupt.is_set() {
            let report = relay.report();
            if report.ended {
                return;
            }
            let now_came = report.relayed + report.repeated + report.unreadable;
            if now_came != came || !report.connected || report.held + report.pending > 0 {
                (came, since) = (now_came, Instant::now());
            }
            let is_quiet = since.max(followed.last()).elapsed() >= QUIET;
            if is_quiet && !self.args.stay && followed.is_over(self.args.nodes) {
                return;
            }
            thread::park_timeout(LOOK_EVERY);
        }
    }

    fn end(self, relayed: &RelayReport) -> Result<(Verdict, RunSummary), Failure> {
        let is_confirmed = self.tell_what_is_missing(relayed);
        let followed = &self.restoring.followed;
        let again = match relayed.repeated {
            0 => String::new(),
            repeated => format!(" ({} came again)", grouped(repeated)),
        };
        let (events, nodes) = (relayed.relayed, followed.nodes());
        let (events, nodes) = (counted(events, "event"), counted(nodes, "node"));
        let what = format!("relayed {events} of {nodes}{again}");
        let summary = followed.finish();
        let task = Task::Read(what + &Summing::told(&summary));
        let bad_lines = self.restoring.bad_lines;
        let is_ended_by_signals = self.args.stay;
        let verdict = self.delivering.end(&Reading {
            bad_lines,
            is_ended_by_signals,
            ..Reading::of(task)
        })?;
        let verdict = if is_confirmed { verdict } else { verdict.max(Verdict::Incomplete) };
        Ok((verdict, summary))
    }

    /// Says what was lost or is not confirmed; whether nothing is.
    fn tell_what_is_missing(&self, relayed: &RelayReport) -> bool {
        let mut faults = Vec::new();
        for node in relayed.nodes() {
            let whose = format!("of `{}` in run `{}`", node.node, node.run);
            if node.missing > 0 {
                let events = counted(node.missing, "event");
                faults.push(format!("{events} {whose} never came"));
            }
            let is_known = self.restoring.buses.contains(&node.bus);
            if let Some(first) = node.first_position.filter(|first| *first > 0 && !is_known) {
                let events = counted(first, "event");
                faults.push(format!(
                    "the first {events} {whose} are neither in the log nor in the stream: they \
                     were acknowledged by another master, or are too old for the stream"
                ));
            }
        }
        if relayed.unreadable > 0 {
            let messages = counted(relayed.unreadable, "message");
            faults.push(format!("{messages} in the stream could not be read as events"));
        }
        if relayed.unacknowledged || !relayed.ended {
            let reason = relayed.not_safe.as_ref().or(relayed.last_error.as_ref());
            let reason = reason.map_or("it was not finished in time", String::as_str);
            faults.push(format!(
                "not everything that came is confirmed, and the next start gets it again: \
                 {reason}"
            ));
        }
        for fault in &faults {
            self.screen.say(&format!("error: {fault}"));
        }
        faults.is_empty()
    }
}
