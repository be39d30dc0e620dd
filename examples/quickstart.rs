//! A tiny protocol test framework on the public API of Tidings alone: its one test sends 100
//! numbered datagrams to a UDP echo server, its own, which loses 2 % of them, or yours.
//!
//! `cargo run --example quickstart -- --journal run.jsonl`; events go to standard output, the
//! result to standard error. Read on: options, events, states, observers, the test, its server.

use std::io::{self, ErrorKind, Write};
use std::net::UdpSocket;
use std::num::NonZeroU32;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use serde::{Deserialize, Serialize};
use tidings::assert::{Recorder, check_events};
use tidings::console::{Console, Mode};
use tidings::journal::Journal;
use tidings::state::{ProtocolMode, StateMachine};
use tidings::{Bus, Dedup, Emitter, Event, Metrics, Monitor, Prefix, RawEmitter, State};

/// Probes a UDP echo server and tells, by events, what becomes of it
///
/// Exit code: 0 the test completed, 1 it failed or an event got lost, 2 usage or configuration.
#[rustfmt::skip] // A table: what --help says of an option, and the option.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Parser)]
struct Config {
    /** Echo server at this HOST:PORT [default: our own, on loopback] */
    #[arg(long, value_parser = host_and_port, conflicts_with_all = ["loss", "seed"])] target: Option<String>,
    /** How many probes */ #[arg(long, default_value = "100")] probes: NonZeroU32,
    /** How long to wait for each answer */ #[arg(long, default_value = "250")] timeout_ms: NonZeroU32,
    /** How often to send a lost probe again */ #[arg(long, default_value = "3")] retries: u8,
    /** How long the whole test may take */ #[arg(long, default_value = "60")] run_timeout_s: NonZeroU32,
    /** Answers per datagram sent; below it the test fails */ #[arg(long, default_value = "0.95", value_parser = rate)] min_rate: f64,
    /** Share of the datagrams that our own server loses */ #[arg(long, default_value = "0.02", value_parser = rate)] loss: f64,
    /** Seed of these losses */ #[arg(long, default_value = "4")] seed: u64,
    /** Write every event to this new file */ #[arg(long)] #[serde(skip)] journal: Option<std::path::PathBuf>,
    /** What to show of the events: auto, tree, lines or json */ #[arg(long, default_value = "auto")] #[serde(skip)] console: Mode,
}

fn rate(text: &str) -> Result<f64, &'static str> {
    text.parse().ok().filter(|rate| (0.0..=1.0).contains(rate)).ok_or("expected a number 0 to 1")
}

/// Checks the form alone: whether there is such a host is for the test to find out.
fn host_and_port(text: &str) -> Result<String, &'static str> {
    let (host, port) = text.rsplit_once(':').unwrap_or_default();
    let is_good = !host.is_empty() && !host.contains(' ') && matches!(port.parse(), Ok(1_u16..));
    is_good.then(|| text.to_owned()).ok_or("expected HOST:PORT with a port 1 to 65535")
}

/// One variant is one event type: `quick_test.created`, … What is volatile differs from run to
/// run, and is no part of what was said; by `begin` and `end` others know how a test goes.
#[rustfmt::skip] // A table: one event a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "quick_test")]
enum QuickTest {
    Created { test_name: String, config: Config },
    #[event(begin)] Started { test_name: String },
    ProbeLost { number: u32, attempt: u8 },
    RoundTrips { #[event(volatile)] micros: Vec<u128> },
    #[event(end(success))] Completed { sent: u32, received: u32, rate: f64 },
    #[event(end(failure))] Failed { error_message: String, error_type: String },
    Error { error_message: String, error_type: String },
}

/// Which event may follow which. A state that cannot be reached, or left, does not compile.
#[rustfmt::skip]
#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
enum TestState {
    #[state(initial)] #[to(Started)] Created, #[to(Completed, Failed)] Started,
    #[terminal] Completed, #[terminal] Failed,
}

fn main() -> ExitCode {
    run(&Config::parse()).unwrap_or_else(|fault| {
        let why = fault.source().map(|why| format!(": {why}")).unwrap_or_default();
        writeln!(io::stderr(), "quickstart: {fault}{why}").ok();
        ExitCode::from(2)
    })
}

/// Subscribes whoever is to hear the test, runs it, and says what became of it.
fn run(config: &Config) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let bus = Bus::new();
    // Observers know nothing of each other, and the test knows none of them.
    if let Some(path) = &config.journal {
        bus.subscribe(Journal::builder().bus(&bus).create(path)?).detach();
    }
    bus.subscribe(Console::stdout().mode(config.console).build()).detach();
    let (metrics, tests) = (Arc::new(Metrics::new()), "quick_test.".parse::<Prefix>()?);
    bus.register(Arc::clone(&metrics)).interest(tests.into()).start()?.detach();
    let recorder = Recorder::on(&bus);
    // Events drive this one: a state machine for every test that is heard of.
    let states = Monitor::<TestState>::new(ProtocolMode::Drive)
        .on(QuickTest::CREATED, TestState::Created)
        .on(QuickTest::STARTED, TestState::Started)
        .on(QuickTest::COMPLETED, TestState::Completed)
        .on(QuickTest::FAILED, TestState::Failed);
    let states = Arc::new(states);
    bus.subscribe(Arc::clone(&states)).detach();

    let emitter = bus.emitter("suite", "udp").child("quick_test", "test-001");
    let ours = || echo_server(config, bus.raw_emitter("server", "echo"));
    let target = config.target.clone().map_or_else(ours, Ok)?;
    let mut test = Test { config, target, emitter, sent: 0, micros: Vec::new() };
    let outcome = test.run();
    let report = bus.close(Duration::from_secs(10))?;
    let asserted = check_events!(
        recorder, // As in a unit test, where it is `assert_events!`.
        in_order: [QuickTest::Created { .. }, QuickTest::Started { .. }, QuickTest::Error { .. }],
        starts_before_finish,
    );
    let is_good = outcome.is_ok() && asserted.is_ok() && report.complete;
    let outcome = outcome.map_or_else(|why| format!("failed: {why}"), |()| "completed".into());
    let asserted = asserted.map_or_else(|why| why.to_string(), |()| "as asserted".into());
    let ((received, rate), sent) = (test.results(), test.sent);
    let (probes, again) = (config.probes, dedup(&recorder.events()[0])?);
    let (metrics, state) = (metrics.snapshot(), states.state(test.emitter.entity()));
    writeln!(
        io::stderr(),
        "\n{outcome}\n{received} of {probes} probes answered, {sent} datagrams sent: rate \
         {rate:.4}\n{metrics}these events drove a machine to {state:?}\nsaid, said again, said \
         of another test: {again:?} delivered, by dedup\n{asserted}\nreport: {report}"
    )
    .ok();
    Ok(ExitCode::from(u8::from(!is_good)))
}

/// The same words about the same test are a repeat; about another test they are news.
fn dedup(created: &QuickTest) -> Result<[u32; 3], Box<dyn std::error::Error>> {
    let bus = Bus::builder().dedup(Dedup::by_content(1_000, Duration::from_mins(1))).build();
    let _listener = bus.observe("*.created", |_| ())?;
    let say = |id| bus.emitter("quick_test", id).emit(created.clone()).delivered();
    Ok(["test-001", "test-001", "test-002"].map(say))
}

/// One test, and what it counts as it goes.
struct Test<'a> {
    config: &'a Config,
    target: String,
    emitter: Emitter<QuickTest>,
    sent: u32,
    micros: Vec<u128>,
}

impl Test<'_> {
    /// Takes the test through its states.
    fn run(&mut self) -> Result<(), String> {
        let machine = StateMachine::new("test-001");
        let (test_name, config) = ("udp_echo".to_owned(), self.config.clone());
        self.emitter.emit(QuickTest::Created { test_name: test_name.clone(), config });
        let started = QuickTest::Started { test_name };
        self.step(&machine, TestState::Started, started.clone());
        self.step(&machine, TestState::Started, started); // A mistake on purpose.
        let outcome = self.probe_all();
        self.emitter.emit(QuickTest::RoundTrips { micros: self.micros.clone() });
        if let Err((error_type, why)) = outcome {
            let (error_message, error_type) = (why.clone(), error_type.into());
            self.step(&machine, TestState::Failed, QuickTest::Failed { error_message, error_type });
            return Err(why);
        }
        let (sent, (received, rate)) = (self.sent, self.results());
        self.step(&machine, TestState::Completed, QuickTest::Completed { sent, received, rate });
        Ok(())
    }

    /// State change and event come together or not at all; what is refused is an event, too.
    fn step(&self, machine: &StateMachine<TestState>, state: TestState, event: QuickTest) {
        if let Err(refused) = self.emitter.transition(machine, state, event) {
            let (error_message, error_type) = (refused.to_string(), "illegal_transition".into());
            self.emitter.emit(QuickTest::Error { error_message, error_type });
        }
    }

    /// How many were answered, and of how many sent: a loss costs, even when a retry helps.
    fn results(&self) -> (u32, f64) {
        let received = u32::try_from(self.micros.len()).unwrap_or(u32::MAX);
        (received, f64::from(received) / f64::from(self.sent.max(1)))
    }

    /// Sends every probe, each again until it is answered or its retries are used up.
    fn probe_all(&mut self) -> Result<(), (&'static str, String)> {
        let (config, target) = (self.config, self.target.clone());
        let explain = |fault: io::Error| match fault.kind() {
            ErrorKind::ConnectionRefused => ("refused", format!("connection refused by {target}")),
            _ => ("unreachable", format!("cannot reach {target}: {fault}")),
        };
        let any = if target.starts_with('[') { "[::]:0" } else { "0.0.0.0:0" };
        let socket = UdpSocket::bind(any).map_err(explain)?;
        socket.connect(&target).map_err(explain)?; // So that we hear of it when nobody listens.
        let end = Instant::now() + Duration::from_secs(config.run_timeout_s.get().into());
        let late = || ("timeout", format!("timed out after {} s", config.run_timeout_s));
        let timeout = Duration::from_millis(config.timeout_ms.get().into());
        for number in 0..config.probes.get() {
            for attempt in 0..=config.retries {
                let start = Instant::now();
                let left = Some(end - start).filter(|left| !left.is_zero()).ok_or_else(late)?;
                self.sent += 1;
                if probe(&socket, number, attempt, timeout.min(left)).map_err(explain)? {
                    self.micros.push(start.elapsed().as_micros());
                    break;
                }
                self.emitter.emit(QuickTest::ProbeLost { number, attempt });
            }
        }
        let (rate, min_rate) = (self.results().1, config.min_rate);
        let is_low = (rate < min_rate).then(|| format!("success rate {rate} is below {min_rate}"));
        is_low.map_or(Ok(()), |why| Err(("rate", why)))
    }
}

/// Sends one datagram and returns whether its probe was answered in time.
fn probe(socket: &UdpSocket, number: u32, attempt: u8, timeout: Duration) -> io::Result<bool> {
    use ErrorKind::{Interrupted, TimedOut, WouldBlock};
    let question = (u64::from(number) << 8 | u64::from(attempt)).to_be_bytes();
    let (mut answer, until) = ([0; 8], Instant::now() + timeout);
    socket.set_read_timeout(Some(timeout))?;
    socket.send(&question)?;
    while Instant::now() < until {
        match socket.recv(&mut answer) {
            // The late answer to an earlier attempt is an answer all the same.
            Ok(_) if answer[..7] == question[..7] => return Ok(true),
            Err(it) if !matches!(it.kind(), Interrupted | TimedOut | WouldBlock) => return Err(it),
            _ => {}
        }
    }
    Ok(false)
}

/// Starts an echo server on loopback, which ends with the process. Its log is raw: an emitter
/// for words that are known at run time only.
fn echo_server(config: &Config, log: RawEmitter) -> io::Result<String> {
    let (socket, loss, seed) = (UdpSocket::bind("127.0.0.1:0")?, config.loss, config.seed);
    let address = socket.local_addr()?.to_string();
    std::thread::Builder::new().spawn(move || {
        let mut datagram = [0; 8];
        while let Ok((_, sender)) = socket.recv_from(&mut datagram) {
            // By number and attempt, so that a slow machine loses the same ones.
            let hash = seed ^ u64::from_be_bytes(datagram).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            if fastrand::Rng::with_seed(hash).f64() < loss {
                log.emit("echo.lost", serde_json::json!({ "datagram": datagram })).ok();
            } else {
                socket.send_to(&datagram, sender).ok(); // What fails is one more loss.
            }
        }
    })?;
    Ok(address)
}
