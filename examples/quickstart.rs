//! A tiny protocol test framework on the public API of Tidings alone.
//!
//! ```text
//! cargo run --example quickstart
//! cargo run --example quickstart -- --target 192.0.2.7:7 --journal run.jsonl
//! ```
//!
//! Its one test sends 100 numbered datagrams to a UDP echo server: its own on loopback,
//! which loses 2 % of them, or yours. From top to bottom: who hears what, the framework
//! (events, states, runner), the work that is tested, the command line.
//!
//! Exit code: 0 when the test completed, 1 when it failed, 2 for usage and configuration.

use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::OsString;
use std::fmt::Display;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, ErrorKind, Write};
use std::net::{SocketAddr, ToSocketAddrs as _, UdpSocket};
use std::ops::RangeInclusive;
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tidings::assert::{Recorder, check_events};
use tidings::console::{Console, Mode};
use tidings::journal::{Journal, JournalError};
use tidings::state::StateMachine;
use tidings::{Bus, Dedup, EmitTransitionError, Emitter, Event, Metrics, State, Timestamp};

fn main() -> ExitCode {
    let outcome = match parse(std::env::args_os().skip(1)) {
        Ok(Some(given)) => quick_test(&given),
        Ok(None) => {
            say(io::stdout(), HELP);
            Ok(true)
        }
        Err(message) => Err(message.into()),
    };
    match outcome {
        Ok(is_good) => ExitCode::from(u8::from(!is_good)),
        Err(fault) => {
            say(io::stderr(), &format!("quickstart: {fault}\n"));
            ExitCode::from(2)
        }
    }
}

/// Prints; a reader that has gone away is no reason to fail.
fn say(mut out: impl Write, text: &str) {
    out.write_all(text.as_bytes()).ok();
}

/// Runs the test, says what became of it and returns whether all is well.
fn quick_test(given: &Given) -> Result<bool, Box<dyn Error>> {
    let (config, mode) = (config(given)?, mode(given)?);
    let bus = Bus::new();

    // Observers know nothing of each other, and the test knows none of them.
    let mut journal = String::new();
    if let Some(path) = given.get("--journal") {
        let header = Journal::builder().run(bus.run()).node(bus.node());
        bus.subscribe(header.create(path).map_err(|fault| advise(&fault))?).detach();
        journal = format!("journal: {0} (`jq . {0}` shows it)\n", path.display());
    }
    bus.subscribe(Console::stdout().mode(mode).build()).detach();
    let metrics = Arc::new(Metrics::new());
    bus.subscribe(Arc::clone(&metrics)).detach();
    let heard = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&heard);
    let counting = bus.observe("quick_test.", move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    })?;
    let recorder = Recorder::on(&bus);

    let runner = Runner::create(&bus, "test-001", &config);
    let (ending, results) = runner.run(&config, probe_all)?;
    let (probes, rate, Results { sent, received }) = (config.probes, results.rate(), results);
    counting.cancel();
    let report = bus.close(Duration::from_secs(10))?;
    let asserted = check(&recorder, sent - received);

    let last = ending.event_type();
    let (outcome, is_completed) = match &ending {
        QuickTest::Failed { error_message, .. } => (format!("failed: {error_message}"), false),
        _ => ("completed".to_owned(), true),
    };
    let verdict = match &asserted {
        Ok(()) => format!("asserted: quick_test.created, quick_test.started, {last}"),
        Err(mismatch) => format!("not as asserted: {mismatch}"),
    };
    let (heard, metrics) = (heard.load(Ordering::Relaxed), metrics.snapshot());
    let dedup = show_dedup(&recorder.events()[0])?;
    let text = format!(
        "\n{outcome}\n{received} of {probes} probes answered, {sent} datagrams sent: \
         rate {rate:.4}\n{metrics}prefix quick_test. heard {heard} events\n{dedup}\n{verdict}\n\
         report: {report}\n{journal}"
    );
    match mode {
        Mode::Json => say(io::stderr(), &text), // Events alone go to standard output.
        _ => say(io::stdout(), &text),
    }
    if !report.complete {
        // Standard output may be the very thing that takes nothing.
        say(io::stderr(), &format!("quickstart: not every event arrived; report: {report}\n"));
    }
    Ok(is_completed && asserted.is_ok() && report.complete)
}

/// Checks the recorded sequence as a unit test would, where it is `assert_events!`.
fn check(recorder: &Recorder, unanswered: u32) -> Result<(), tidings::assert::Mismatch> {
    let lost = usize::try_from(unanswered).unwrap_or(usize::MAX);
    check_events!(
        recorder,
        in_order: [
            QuickTest::Created { .. },
            QuickTest::Started { .. },
            QuickTest::Completed { .. } | QuickTest::Failed { .. },
        ],
        // When a test breaks off, one probe may be neither answered nor lost.
        count: { QuickTest::ProbeLost { .. } => lost.saturating_sub(1)..=lost },
        starts_before_finish,
    )
}

/// The same words about the same test are a repeat; about another test they are news.
fn show_dedup(created: &QuickTest) -> Result<String, Box<dyn Error>> {
    let dedup = Dedup::by_content(1_000, Duration::from_mins(1));
    let bus = Bus::builder().dedup(dedup).build();
    let _listener = bus.observe("quick_test.created", |_| ())?;
    let say = |id| bus.emitter("quick_test", id).emit(created.clone());
    let (first, again, other) = (say("test-001"), say("test-001"), say("test-002"));
    let (delivered, other) = (first.delivered() + again.delivered(), other.delivered());
    let suppressed = bus.close(Duration::from_secs(10))?.suppressed;
    Ok(format!(
        "dedup, shown on a second bus: of the same event said twice, {delivered} was delivered \
         and {suppressed} suppressed; about another test it is news: {other} delivered"
    ))
}

// ---- the framework ----

/// Its words. One variant is one event type: `quick_test.created`, …
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "quick_test")]
enum QuickTest {
    Created {
        test_name: String,
        config: Config,
    },
    #[event(begin)] // For consoles, metrics and assertions: the test runs from here on.
    Started {
        test_name: String,
        #[event(volatile)] // Differs from run to run, so it is no part of what was said.
        start_time: Timestamp,
    },
    ProbeLost {
        number: u32,
        attempt: u32,
    },
    #[event(end(success))]
    Completed {
        sent: u32,
        received: u32,
        rate: f64,
        #[event(volatile)]
        seconds: f64,
    },
    #[event(end(failure))]
    Failed {
        error_message: String,
        error_type: String,
    },
}

/// Which event may follow which. A state that cannot be reached, or left, does not compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
enum TestState {
    #[state(initial)]
    #[to(Started)]
    Created,
    #[to(Completed, Failed)]
    Started,
    #[terminal]
    Completed,
    #[terminal]
    Failed,
}

/// What is to be done, as the first event says it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Config {
    /// `HOST:PORT`; none: a server of our own.
    target: Option<String>,
    probes: u32,
    timeout_ms: u64,
    retries: u32,
    run_timeout_s: u64,
    min_rate: f64,
    loss: f64,
    seed: u64,
}

/// What a test counts as it goes.
#[derive(Clone, Copy, Default)]
struct Results {
    /// Datagrams, repeated ones too.
    sent: u32,
    /// Probes answered, each once.
    received: u32,
}

impl Results {
    /// Answers per datagram: a loss costs, even when a retry makes it good.
    fn rate(self) -> f64 {
        if self.sent == 0 { 0.0 } else { f64::from(self.received) / f64::from(self.sent) }
    }
}

/// Takes one test through its states: event and state change come together or not at all.
struct Runner {
    emitter: Emitter<QuickTest>,
    machine: StateMachine<TestState>,
}

impl Runner {
    fn create(bus: &Bus, id: &str, config: &Config) -> Self {
        let emitter = bus.emitter("suite", "udp").child("quick_test", id);
        emitter.emit(QuickTest::Created { test_name: "udp_echo".into(), config: config.clone() });
        let machine = StateMachine::new(id);
        Self { emitter, machine }
    }

    /// Runs `test`, which counts and emits as it likes, and returns the event that ended it.
    fn run(
        &self,
        config: &Config,
        test: impl FnOnce(&Config, &Emitter<QuickTest>, &mut Results) -> Result<(), QuickTest>,
    ) -> Result<(QuickTest, Results), EmitTransitionError<TestState>> {
        let Self { emitter, machine } = self;
        let started =
            QuickTest::Started { test_name: "udp_echo".into(), start_time: Timestamp::now() };
        emitter.transition(machine, TestState::Started, started)?;
        let (start, mut results) = (Instant::now(), Results::default());
        let outcome = test(config, emitter, &mut results);
        let Results { sent, received } = results;
        let (rate, min_rate) = (results.rate(), config.min_rate);
        let (state, event) = match outcome {
            Err(failed) => (TestState::Failed, failed),
            Ok(()) if rate < min_rate => {
                let why = format!("success rate {rate} is below {min_rate}");
                (TestState::Failed, failed("rate", why))
            }
            Ok(()) => {
                let seconds = start.elapsed().as_secs_f64();
                (TestState::Completed, QuickTest::Completed { sent, received, rate, seconds })
            }
        };
        emitter.transition(machine, state, event.clone())?;
        Ok((event, results))
    }
}

fn failed(error_type: &str, error_message: String) -> QuickTest {
    QuickTest::Failed { error_message, error_type: error_type.into() }
}

// ---- the work that is tested ----

/// Sends every probe, each again until it is answered or its retries are used up.
///
/// A datagram is the text `<nonce of this run> <number> <attempt>`.
fn probe_all(
    config: &Config,
    emitter: &Emitter<QuickTest>,
    results: &mut Results,
) -> Result<(), QuickTest> {
    let target = match &config.target {
        Some(target) => resolve(target)
            .map_err(|fault| failed("unreachable", format!("cannot resolve {target}: {fault}")))?,
        None => echo_server(config.loss, config.seed)
            .map_err(|fault| failed("io", format!("no echo server: {fault}")))?,
    };
    let explain = |fault: io::Error| match fault.kind() {
        ErrorKind::ConnectionRefused => {
            failed("refused", format!("connection refused by {target}"))
        }
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            failed("unreachable", format!("cannot reach {target}: {fault}"))
        }
        _ => failed("io", format!("failed to probe {target}: {fault}")),
    };
    let end = Instant::now() + Duration::from_secs(config.run_timeout_s);
    let timeout = Duration::from_millis(config.timeout_ms);
    let nonce = RandomState::new().hash_one(target);
    let socket = connect(target).map_err(explain)?;
    for number in 0..config.probes {
        for attempt in 0..=config.retries {
            let now = Instant::now();
            if now >= end {
                let (received, seconds) = (results.received, config.run_timeout_s);
                let why = format!("timed out after {seconds} s, {received} probes answered");
                return Err(failed("timeout", why));
            }
            results.sent += 1;
            let question = format!("{nonce} {number} ");
            if probe(&socket, &question, attempt, end.min(now + timeout)).map_err(explain)? {
                results.received += 1;
                break;
            }
            emitter.emit(QuickTest::ProbeLost { number, attempt });
        }
    }
    Ok(())
}

fn resolve(target: &str) -> io::Result<SocketAddr> {
    let found: Vec<_> = target.to_socket_addrs()?.collect();
    // Echo servers seldom listen on both; IPv6 can be asked for as `[::1]:7`.
    let first = found.iter().find(|one| one.is_ipv4()).or(found.first());
    first.copied().ok_or_else(|| io::Error::other("it has no address"))
}

fn connect(target: SocketAddr) -> io::Result<UdpSocket> {
    let any = ["[::]:0", "0.0.0.0:0"][usize::from(target.is_ipv4())];
    let socket = UdpSocket::bind(any)?;
    socket.connect(target)?; // So that the system tells us when nobody listens there.
    Ok(socket)
}

/// Sends one datagram and returns whether its probe was answered in time.
fn probe(socket: &UdpSocket, question: &str, attempt: u32, until: Instant) -> io::Result<bool> {
    use ErrorKind::{Interrupted, TimedOut, WouldBlock};
    socket.send(format!("{question}{attempt}").as_bytes())?;
    let mut answer = [0; 64];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(false);
        }
        socket.set_read_timeout(Some(left))?;
        match socket.recv(&mut answer) {
            // The late answer to an earlier attempt is an answer all the same.
            Ok(length) if answer[..length].starts_with(question.as_bytes()) => return Ok(true),
            Ok(_) => {}
            Err(fault) if matches!(fault.kind(), Interrupted | TimedOut | WouldBlock) => {}
            Err(fault) => return Err(fault),
        }
    }
}

/// Starts an echo server on loopback, which ends with the process.
fn echo_server(loss: f64, seed: u64) -> io::Result<SocketAddr> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let address = socket.local_addr()?;
    std::thread::Builder::new().spawn(move || {
        let mut datagram = [0; 64];
        while let Ok((length, sender)) = socket.recv_from(&mut datagram) {
            let datagram = &datagram[..length];
            if !is_lost(datagram, loss, seed) {
                socket.send_to(datagram, sender).ok(); // What fails is one more loss.
            }
        }
    })?;
    Ok(address)
}

/// Decides by a hash of seed, number and attempt, so a slow machine loses the same ones.
fn is_lost(datagram: &[u8], loss: f64, seed: u64) -> bool {
    let numbers = datagram.iter().skip_while(|byte| **byte != b' ');
    let hash = numbers.fold(seed, |hash, byte| {
        let hash = (hash ^ u64::from(*byte)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash ^ (hash >> 29)
    });
    let share = u32::try_from(hash >> 32).expect("32 bits are left");
    f64::from(share) < loss * 2_f64.powi(32)
}

// ---- the command line ----

/// The names in it are the options there are.
const HELP: &str = "Usage: quickstart [OPTION VALUE | OPTION=VALUE]…

  --target HOST:PORT  echo server at this UDP port (default: our own, on loopback)
  --probes N          how many probes (100)
  --timeout-ms N      how long to wait for each answer (250)
  --retries N         how often to send a lost probe again (3)
  --run-timeout-s N   how long the whole test may take (60)
  --min-rate RATE     answers per datagram sent; below it the test fails (0.95)
  --loss RATE         share of the datagrams that our own server loses (0.02)
  --seed N            seed of these losses (1)
  --journal FILE      write every event to this new file
  --console MODE      auto, tree, lines or json (auto)
  --help              this text

Exit code: 0 the test completed, 1 it failed, 2 usage or configuration
";

/// The options that were given.
type Given = BTreeMap<&'static str, OsString>;

/// Sorts the arguments; none for `--help`.
fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Option<Given>, String> {
    let words = HELP.split_whitespace();
    let names: Vec<_> = words.filter(|word| word.starts_with("--")).collect();
    let mut given = Given::new();
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        // A value that is not Unicode has to be an argument of its own.
        let pair = argument.to_str().and_then(|text| text.split_once('='));
        let (option, value) = pair.map_or((&*text, None), |(name, value)| (name, Some(value)));
        if option == "--help" || option == "-h" {
            return Ok(None);
        }
        let Some(name) = names.iter().find(|name| **name == option) else {
            let is_near = |name: &&&str| text.get(..4).is_some_and(|begin| name.starts_with(begin));
            let near = names.iter().find(is_near).unwrap_or(&"--help");
            return Err(format!("unknown option `{option}`: try `{near}`"));
        };
        let value = value.map(OsString::from).or_else(|| arguments.next());
        given.insert(
            name,
            value.filter(|it| !it.is_empty()).ok_or(format!("{name} needs a value"))?,
        );
    }
    Ok(Some(given))
}

fn config(given: &Given) -> Result<Config, String> {
    Ok(Config {
        target: target(given)?,
        probes: number(given, "--probes", 100, 1..=100_000)?,
        timeout_ms: number(given, "--timeout-ms", 250, 1..=60_000)?,
        retries: number(given, "--retries", 3, 0..=100)?,
        run_timeout_s: number(given, "--run-timeout-s", 60, 1..=86_400)?,
        min_rate: number(given, "--min-rate", 0.95, 0.0..=1.0)?,
        loss: number(given, "--loss", 0.02, 0.0..=1.0)?,
        seed: number(given, "--seed", 1, 0..=u64::MAX)?,
    })
}

fn mode(given: &Given) -> Result<Mode, String> {
    let text = given.get("--console").map(|text| text.to_string_lossy());
    match text.as_deref().unwrap_or("auto") {
        "auto" => Ok(Mode::Auto),
        "tree" => Ok(Mode::Tree),
        "lines" => Ok(Mode::Lines),
        "json" => Ok(Mode::Json),
        other => Err(format!("--console: expected auto, tree, lines or json, got `{other}`")),
    }
}

/// A number in a range; NaN is in none.
fn number<T>(given: &Given, name: &str, default: T, range: RangeInclusive<T>) -> Result<T, String>
where
    T: FromStr + PartialOrd + Display,
{
    let Some(text) = given.get(name).map(|text| text.to_string_lossy()) else {
        return Ok(default);
    };
    let number = text.parse().ok().filter(|number| range.contains(number));
    let (low, high) = range.into_inner();
    number.ok_or_else(|| format!("{name}: expected a number {low} to {high}, got `{text}`"))
}

/// Checks the form alone: whether there is such a host is for the test to find out.
fn target(given: &Given) -> Result<Option<String>, String> {
    let Some(text) = given.get("--target").map(|text| text.to_string_lossy()) else {
        return Ok(None);
    };
    if given.contains_key("--loss") || given.contains_key("--seed") {
        return Err("--loss and --seed are for our own server: leave out --target".into());
    }
    let is_host = |host: &str| !host.is_empty() && !host.contains(char::is_whitespace);
    match text.rsplit_once(':').map(|(host, port)| (host, port.parse::<u16>())) {
        Some((host, Ok(1..))) if is_host(host) => Ok(Some(text.into_owned())),
        _ => Err(format!("--target: expected HOST:PORT, got `{text}` (a port is 1 to 65535)")),
    }
}

/// What to do about a journal that cannot be begun.
fn advise(fault: &JournalError) -> String {
    use JournalError::{Locked, NotEmpty, Open, Write};
    match fault {
        NotEmpty { path, .. } => format!("{path} is not empty: remove it or name another file"),
        Locked { path, .. } => format!("{path} is taken by another run: name another file"),
        Open { path, source, .. } if source.kind() == ErrorKind::NotFound => {
            format!("{path} is in a folder that does not exist: create the folder")
        }
        Open { path, source, .. } | Write { path, source, .. } => {
            format!("{path} cannot be written ({source}): name another file")
        }
        other => other.to_string(),
    }
}
