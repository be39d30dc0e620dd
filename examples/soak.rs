//! A soak: millions of events from many threads to a journal, a server that flaps and two queued
//! observers, with no console. Every one is accounted for, and memory stays within a bound.
//!
//! `cargo run --release --example soak -- --events 10000000`; the accounts go to standard output.
//! Read on: options, events, the run, its accounts, the order, the receiver, its weather, memory.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use clap::{Parser, value_parser};
use serde::{Deserialize, Serialize};
use tidings::delivery::{Delivery, Retry, SpoolFull, SpoolSettings};
use tidings::http::HttpSink;
use tidings::journal::{Journal, Reader, verify};
use tidings::{Bus, Envelope, Event, EventId, Lane, Metrics, Observer, Overflow, Prefix};
use tidings_fault_server::{Fault, FaultServer, Protocol, ProtocolReply, Recorded, Taking};

/// Emits many events from many threads, and accounts for every one of them
///
/// Exit code: 0 all of it held, 1 something did not, 2 usage or a fault before the end.
#[rustfmt::skip] // A table: what --help says of an option, and the option.
#[derive(Debug, Parser)]
struct Config {
    /** How many events, of all threads */ #[arg(long, default_value = "200000")] events: u64,
    /** How many threads emit */ #[arg(long, default_value = "8", value_parser = value_parser!(u16).range(1..=256))] threads: u16,
    /** How many MiB of memory it may take beyond those at the begin */ #[arg(long, default_value = "192")] memory_mib: u64,
    /** Seed of what goes wrong with the server */ #[arg(long, default_value = "4")] seed: u64,
    /** Where to write journal and spool, 1 KiB an event; removed in the end */ #[arg(long)] folder: Option<PathBuf>,
}

/// What is emitted: by each thread, numbered from 0 on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "soak")]
#[rustfmt::skip]
enum Soak { Stepped { number: u64, text: String } }

/// How long anybody waits for room, and for the end: so long that only a fault outlasts it.
const PATIENCE: Duration = Duration::from_mins(30);

fn main() -> ExitCode {
    run(&Config::parse()).unwrap_or_else(|fault| {
        writeln!(io::stderr(), "soak: {fault}").ok();
        ExitCode::from(2)
    })
}

/// Subscribes everybody, emits, closes, and compares what each of them counted.
fn run(config: &Config) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let parent = config.folder.clone().unwrap_or_else(std::env::temp_dir);
    let folder = tempfile::Builder::new().prefix("tidings-soak-").tempdir_in(parent)?;
    let (path, ledger) = (folder.path().join("soak.jsonl"), Arc::new(Mutex::default()));
    let server = FaultServer::start(Receiver(Arc::clone(&ledger)))?;
    let mut weather = Weather { server, ledger, chance: fastrand::Rng::with_seed(config.seed) };
    let (bus, begin_kib, begin) = (Bus::new(), resident_kib(), Instant::now());
    bus.subscribe(Journal::builder().bus(&bus).create(&path)?).detach();
    bus.subscribe(delivery(&weather.server.url(), folder.path())?).detach();
    let (metrics, order) = (Arc::new(Metrics::new()), Arc::new(Order::default()));
    let soak: Prefix = "soak.".parse()?;
    let queued = bus.register(Arc::clone(&metrics)).interest(soak.clone().into());
    queued.queued(10_000, Overflow::Block).block_timeout(PATIENCE).start()?.detach();
    let queued = bus.register(Arc::clone(&order)).interest(soak.into());
    queued.queued(1_000, Overflow::Block).block_timeout(PATIENCE).start()?.detach();
    let (taken, most_kib) = emit_all(config, &bus, &mut weather);
    weather.server.clear_faults();
    weather.server.restart()?;
    let report = bus.close(PATIENCE)?;
    let grown_mib = most_kib.max(resident_kib()).saturating_sub(begin_kib) >> 10;
    let (took, verified) = (begin.elapsed(), verify(Reader::open(&path)?)?);
    let ledger = lock(&weather.ledger);
    let mut accounts = vec![("emitted, and taken by all", taken, config.events)];
    for it in &report.observers {
        // The journal alone hears of the server's faults, too.
        let expected = if it.kind == "journal" { verified.events } else { config.events };
        accounts.push((&it.kind, it.counts.delivered, expected));
    }
    accounts.push(("observers that lack some", report.incomplete().map(|_| 1).sum(), 0));
    accounts.push(("lines in the journal", lines_of_soak(&path)?, config.events));
    accounts.push(("faults of the journal", verified.fault_count(), 0));
    accounts.push(("counted by metrics", metrics.snapshot().total(), config.events));
    accounts.push(("in order without a gap", lock(&order.0).0, config.events));
    accounts.push(("arrived at the server", ledger.arrived, config.events));
    accounts.push(("doubles without a cause", ledger.unexplained, 0));
    accounts.push(("MiB beyond the bound", grown_mib.saturating_sub(config.memory_mib), 0));
    let mut out = io::stdout();
    for (what, count, expected) in &accounts {
        let wrong = if count == expected { "" } else { " <- WRONG" };
        writeln!(out, "{what:26} {count:>12} of {expected:>12}{wrong}")?;
    }
    let holds = accounts.iter().all(|(_, count, expected)| count == expected);
    let verdict = if holds { "it held" } else { "IT DID NOT HOLD" };
    let (doubles, posts, seconds) = (ledger.doubles, ledger.posts, took.as_secs_f64());
    let (journal_mib, at_begin) = (fs::metadata(&path)?.len() >> 20, begin_kib >> 10);
    let rate = u128::from(config.events) * 1_000 / took.as_millis().max(1);
    writeln!(out, "{report}\n{doubles} doubles with a cause, {posts} posts")?;
    writeln!(out, "memory: {at_begin} MiB at the begin, at most {grown_mib} MiB more")?;
    writeln!(out, "{seconds:.1} s, {rate} events/s, journal of {journal_mib} MiB: {verdict}")?;
    Ok(ExitCode::from(u8::from(!holds)))
}

/// Batches by HTTP; what there is no room for goes to a spool of 64 MiB, then emitters wait.
fn delivery(url: &str, folder: &Path) -> Result<Delivery, Box<dyn std::error::Error>> {
    let retry = Retry::default().first(Duration::from_millis(1)).cap(Duration::from_millis(20));
    let spool = SpoolSettings::new(folder.join("spool")).bytes_max(64 << 20).full(SpoolFull::Block);
    let delivery = Delivery::builder(HttpSink::builder(url).proxy(Some("")).build()?).retry(retry);
    Ok(delivery.spool(spool).block_timeout(PATIENCE).start()?)
}

/// Emits while the server flaps: how many events all took, and the most memory there was.
fn emit_all(config: &Config, bus: &Bus, weather: &mut Weather) -> (u64, u64) {
    std::thread::scope(|scope| {
        let (ended, ends) = sync_channel(config.threads.into());
        for thread in 0..config.threads.into() {
            let (threads, ended) = (u64::from(config.threads), ended.clone());
            let share = config.events / threads + u64::from(thread < config.events % threads);
            scope.spawn(move || ended.send(emit(bus, thread, share)).is_ok());
        }
        drop(ended);
        let (mut taken, mut most_kib) = (0, 0);
        loop {
            match ends.recv_timeout(Duration::from_millis(20)) {
                Ok(more) => taken += more,
                Err(RecvTimeoutError::Timeout) => weather.change(),
                Err(RecvTimeoutError::Disconnected) => break (taken, most_kib),
            }
            most_kib = most_kib.max(resident_kib());
        }
    })
}

fn emit(bus: &Bus, thread: u64, share: u64) -> u64 {
    let emitter = bus.emitter::<Soak>("thread", &thread.to_string());
    let step = |number| Soak::Stepped { number, text: format!("step {number} of thread {thread}") };
    let receipts = (0..share).map(|number| emitter.emit(step(number)));
    receipts.map(|it| u64::from(it.delivered() == 1 && it.enqueued() == 3)).sum()
}

/// Looks at the text alone, without Tidings.
fn lines_of_soak(path: &Path) -> io::Result<u64> {
    let mut lines = BufReader::new(File::open(path)?).lines();
    lines.try_fold(0, |count, line| Ok(count + u64::from(line?.contains("\"type\":\"soak."))))
}

#[rustfmt::skip]
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> { mutex.lock().unwrap_or_else(PoisonError::into_inner) }

/// Counts the events that are the next of their thread, and has each thread's next number.
#[derive(Default)]
struct Order(Mutex<(u64, HashMap<String, u64>)>);

impl Observer for Order {
    #[rustfmt::skip]
    fn kind(&self) -> &'static str { "order" }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), tidings::ObserverError> {
        let Some(event) = envelope.event::<Soak>()? else { return Ok(()) };
        let Soak::Stepped { number, .. } = *event;
        let (count, threads) = &mut *lock(&self.0);
        let next = threads.entry(envelope.entity().id().to_owned()).or_default();
        *count += u64::from(*next == number);
        *next = number + 1;
        Ok(())
    }
}

/// Which events arrived, a bit each, and which may again: their answer was lost, or was no.
#[derive(Default)]
#[rustfmt::skip] // All of it is counts.
struct Ledger { lanes: HashMap<Lane, Vec<[u64; 2]>>, last: Vec<EventId>, posts: u64, arrived: u64, doubles: u64, unexplained: u64 }

impl Ledger {
    fn bits_of(&mut self, id: EventId) -> (&mut [u64; 2], u64) {
        let words = self.lanes.entry(id.lane()).or_default();
        let word = usize::try_from(id.sequence() / 64).expect("no more than were emitted");
        words.resize(words.len().max(word + 1), [0; 2]);
        (&mut words[word], 1 << (id.sequence() % 64))
    }

    fn take(&mut self, id: EventId) {
        let ([arrived, again], bit) = self.bits_of(id);
        let (is_double, is_allowed) = (*arrived & bit != 0, *again & bit != 0);
        *arrived |= bit;
        self.arrived += u64::from(!is_double);
        self.doubles += u64::from(is_double && is_allowed);
        self.unexplained += u64::from(is_double && !is_allowed);
    }

    fn allow_last_again(&mut self) {
        for id in std::mem::take(&mut self.last) {
            let ([_, again], bit) = self.bits_of(id);
            *again |= bit;
        }
    }
}

/// What the server does with a post that no fault kept from it.
struct Receiver(Arc<Mutex<Ledger>>);

impl Protocol for Receiver {
    fn handle(&mut self, request: &Recorded, taking: Taking) -> ProtocolReply {
        #[rustfmt::skip] #[derive(Deserialize)] struct Arrived { id: EventId }
        let Ok(batch) = serde_json::from_slice::<Vec<Arrived>>(&request.body) else {
            return ProtocolReply::new(400);
        };
        let (taken, status) = taking.limit(batch.len()).unwrap_or((batch.len(), 200));
        let mut ledger = lock(&self.0);
        ledger.posts += 1;
        ledger.last = batch[..taken].iter().map(|event| event.id).collect();
        batch[..taken].iter().for_each(|event| ledger.take(event.id));
        if status != 200 {
            ledger.allow_last_again();
        }
        ProtocolReply::new(status)
    }
}

#[rustfmt::skip] // The server, and what goes wrong with it.
struct Weather { server: FaultServer, ledger: Arc<Mutex<Ledger>>, chance: fastrand::Rng }

impl Weather {
    fn change(&mut self) {
        self.server.forget(); // It keeps all requests, for tests that look at them.
        match self.chance.u8(..16) {
            0 => self.server.inject_times(3, Fault::status(503)),
            1 => self.server.inject(Fault::TakeHalf { status: 503 }),
            2 => self.server.inject(Fault::ResetBefore),
            3 => self.server.inject(Fault::GarbageReply),
            4 => self.server.inject(Fault::CloseIdle),
            5 => {
                self.server.stop();
                lock(&self.ledger).allow_last_again(); // Its answer may have been on its way.
            }
            // Somebody else may have the port for a moment; the next change tries again.
            _ => drop(self.server.restart()),
        }
    }
}

/// The memory that this process has, as Linux says it; 0 elsewhere.
fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
