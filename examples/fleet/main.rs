//! One test run on three machines, told by one master; and what it survives.
//!
//! ```text
//! cargo run --example fleet -- --kill-broker --kill-node
//! ```
//! This process is the master; `node` is what a test framework has to do.

mod machines;
mod node;

use std::error::Error;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, ExitCode, ExitStatus};
use std::sync::{Arc, atomic::Ordering::SeqCst};
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use machines::{IS_CUT, Process};
use tidings::nats::{NatsServer, NatsSource, Presence, PresenceSettings};
use tidings::nats::{Relay, RelayReport, RelaySettings};
use tidings::testrun::{CaseView, LiveSummary, RunSummary};
use tidings::{Bus, console::Console, journal::Journal, junit::Junit};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// One test run on three machines. Exit code: 0 its master has everything, 1 not so, 2 no run
#[derive(Parser)]
struct Options {
    /// Kill the broker with -9 in the middle, and start it again
    #[arg(long)]
    kill_broker: bool,
    /// Cut the wire of a node in the middle, kill it with -9, and start it again
    #[arg(long)]
    kill_node: bool,
    /// Where the run gets a folder, for journal, `JUnit` file, spools and broker
    #[arg(long, default_value = "target/fleet")]
    folder: PathBuf,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Subcommand)]
enum Role {
    #[command(hide = true)]
    Node { url: String, run: String, name: String },
}

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = match &options.role {
        Some(Role::Node { url, run, name }) => node::run(url, (run, name), &options.folder),
        None => fleet(&options),
    };
    let is_good = outcome.map_err(|fault| writeln!(std::io::stderr(), "fleet: {fault}"));
    ExitCode::from(is_good.map_or(2, |is_good| u8::from(!is_good)))
}

/// Runs it all; whether everything arrived.
fn fleet(options: &Options) -> Fallible<bool> {
    let bus = Bus::builder().node("master").build();
    let folder = options.folder.join(bus.run());
    let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?; // Free, and given free.
    let mut broker = machines::broker(address, &folder)?;
    // Observers work as if all tests ran right here.
    bus.subscribe(Journal::builder().bus(&bus).create(folder.join("journal.jsonl"))?).detach();
    bus.subscribe(Junit::to(folder.join("junit.xml"))).detach();
    let (console, summary) = (Arc::new(Console::stdout().build()), LiveSummary::on(&bus));
    bus.subscribe(Arc::clone(&console)).detach();
    let server = NatsServer::at(&format!("nats://{address}"));
    let source = NatsSource::builder(server.clone()).run(bus.run()).durable("master").open()?;
    let relay = Relay::start(source, &bus, RelaySettings::default())?;
    let presence = Presence::start(server, &bus, PresenceSettings::default().run(bus.run()))?;
    let addresses = [address, machines::wire(address)?, address];
    let start = |number: usize| -> Fallible<Process> {
        let (url, name) = (format!("nats://{}", addresses[number]), format!("node-{number}"));
        let mut node = Command::new(std::env::current_exe()?);
        node.arg("--folder").arg(&folder).args(["node", &url, bus.run(), &name]);
        Ok(Process(node.spawn()?))
    };
    let done = |number: usize| node::cases_done(&folder, &format!("node-{number}"));
    let mut nodes = vec![start(0)?, start(1)?, start(2)?];
    if options.kill_broker {
        wait_for("some cases", || (0..3).all(|number| done(number) > 4))?;
        drop(broker);
        console.print("broker: killed with -9; the tests go on");
        wait_for("cases without a broker", || (0..3).all(|number| done(number) > 8))?;
        broker = machines::broker(address, &folder)?;
        console.print("broker: started again");
    }
    if options.kill_node {
        let is_it = |case: &CaseView<'_>| case.node == "node-1" && case.name == node::LONG_CASE;
        wait_for("its long case", || summary.with(|all| all.running().iter().any(is_it)))?;
        IS_CUT.store(true, SeqCst);
        console.print("node-1: its wire is cut; its tests go on");
        wait_for("cases without a wire", || done(1) > 28)?;
        drop(nodes.remove(1));
        console.print("node-1: killed with -9");
        wait_for("its loss", || presence.nodes().iter().any(|node| node.is_lost))?;
        IS_CUT.store(false, SeqCst);
        nodes.push(start(1)?);
        console.print("node-1: started again, with its spool");
    }
    let statuses: Vec<_> = nodes.iter_mut().map(|node| node.0.wait()).collect::<Result<_, _>>()?;
    let is_all = |all: &RunSummary| all.is_over() && all.counts().total() == 3 * node::CASES;
    wait_for("the last result", || summary.with(is_all)).ok(); // The proof says what is missing.
    let relayed = relay.stop(Duration::from_secs(10));
    let is_complete = bus.close(Duration::from_secs(10))?.complete;
    drop((presence, broker));
    writeln!(std::io::stdout(), "see {0}/journal.jsonl and {0}/junit.xml", folder.display())?;
    let is_good = is_complete && statuses.iter().all(ExitStatus::success);
    Ok(prove(&relayed, &summary.snapshot())? && is_good)
}

/// What a master can prove: of no node is a position missing, and no result.
fn prove(relayed: &RelayReport, summary: &RunSummary) -> std::io::Result<bool> {
    let (mut out, mut is_good) = (std::io::stdout(), true);
    for node in relayed.nodes() {
        let ends = (node.first_position, node.last_position.map(|last| last + 1));
        let is_whole = node.missing == 0 && ends == (Some(0), Some(node.relayed));
        let gaps = if is_whole { "no gap" } else { "GAPS" };
        writeln!(out, "{}: {} events, {gaps}", node.node, node.relayed)?;
        is_good &= is_whole;
    }
    let (counts, cases) = (summary.counts(), summary.cases());
    let (total, failed) = (counts.total(), counts.failed());
    let late = cases.iter().filter(|case| case.late).count();
    is_good &=
        (total, failed) == (3 * node::CASES, 3 * node::CASES / 20) && summary.never_ran() == 0;
    let verdict = if is_good { "everything arrived, once" } else { "NOT as expected" };
    writeln!(out, "{total} cases, {failed} failed, {late} told late: {verdict}")?;
    Ok(is_good)
}

fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) -> Fallible<()> {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_mins(1) {
        if is_so() {
            return Ok(());
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
    Err(format!("{what} did not come within a minute").into())
}
