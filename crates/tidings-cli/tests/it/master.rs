//! `tidings master`: nodes that report over a real server, to a process that is killed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use serde_json::Value;
use tidings_core::EventId;
use tidings_delivery::{Delivery, Overflow, Retry};
use tidings_fault_server::broker::{Broker, BrokerVersion, Proxy};
use tidings_fault_server::{CloudEvents, FaultServer};
use tidings_journal::Reader;
use tidings_nats::{NatsServer, NatsSink};
use tidings_registry::Bus;
use tidings_testrun::{Failure, LiveSummary, RunEmitter};

use crate::support::{Folder, PATIENCE, end, eventually, json, nobody, start, tidings};

/// A node of the run `nightly` that reports to a broker.
struct Node {
    bus: Bus,
    summary: LiveSummary,
}

impl Node {
    fn start(broker: &Broker, name: &str) -> Self {
        Self::at(&broker.url(), name)
    }

    fn at(url: &str, name: &str) -> Self {
        let bus = Bus::builder().run("nightly").node(name).build();
        let summary = LiveSummary::on(&bus);
        let sink = NatsSink::builder(NatsServer::at(url))
            .heartbeat(Duration::from_millis(200))
            .node_of(&bus)
            .build()
            .expect("good settings");
        let delivery = Delivery::builder(sink)
            .overflow(Overflow::Block)
            .linger(Duration::from_millis(2))
            .retry(Retry::default().first(Duration::from_millis(20)));
        bus.subscribe(delivery.start().expect("a thread")).detach();
        Self { bus, summary }
    }

    /// Runs a suite of so many cases, of which one fails.
    fn run_suite(&self, run: &RunEmitter, name: &str, cases: usize) {
        let suite = run.suite(name);
        for number in 0..cases {
            let case = suite.case(&format!("{} {name} {number}", self.bus.node()));
            case.stdout("working\n");
            if number == 1 {
                case.failure(Failure::assertion("differs"));
            } else {
                case.success();
            }
        }
        suite.success();
    }

    /// Runs everything, and waits until it is with the broker.
    fn run_all(&self) {
        let run = RunEmitter::start(&self.bus, "nightly");
        self.run_suite(&run, "first", 5);
        run.success();
        self.close();
    }

    fn close(&self) {
        assert!(self.bus.close(PATIENCE).expect("not strict").complete);
    }

    /// Passed, failed.
    fn totals(&self) -> (u64, u64) {
        self.summary.with(|summary| (summary.counts().passed(), summary.counts().failed()))
    }
}

fn broker() -> Broker {
    Broker::start(BrokerVersion::New).expect("a server")
}

/// Which events a log has, each as often as it has it.
fn ids_in(log: &Path) -> BTreeMap<EventId, u32> {
    let mut ids = BTreeMap::new();
    for entry in Reader::open(log).expect("a log") {
        let entry = entry.expect("an event");
        *ids.entry(entry.envelope().id()).or_default() += 1;
    }
    ids
}

/// Events of nodes in a log, without what the master says of them.
fn of_nodes(log: &Path, nodes: &[&Node]) -> usize {
    let buses: BTreeSet<_> = nodes.iter().map(|node| node.bus.id()).collect();
    ids_in(log).keys().filter(|id| buses.contains(&id.bus())).count()
}

const VIEWS: &str = "[[observer]]\nkind = \"junit\"\npath = \"junit.xml\"\n\
                     [[observer]]\nkind = \"console\"\npath = \"console.txt\"\nmode = \"lines\"\n";

struct Master {
    folder: Folder,
    url: String,
}

impl Master {
    fn new(broker: &Broker, observers: &str) -> Self {
        let folder = Folder::new();
        folder.write("master.toml", &format!("close_timeout_s = 20\n{VIEWS}{observers}"));
        Self { folder, url: broker.url() }
    }

    /// Starts the process, and waits until it relays.
    fn start(&self, more: &[&str]) -> Child {
        let (config, log) = (self.folder.arg("master.toml"), self.folder.arg("log.jsonl"));
        let given = ["master", &self.url, "--config", &config, "--log", &log];
        let mut child = start(&[&given[..], more].concat());
        // What comes later is for others to read.
        let err = BufReader::with_capacity(1, child.stderr.as_mut().expect("a pipe"));
        let mut lines = err.lines().map(|line| line.expect("UTF-8"));
        let is_ready = lines.any(|line| line.starts_with("relaying into "));
        assert!(is_ready, "{:?}", child.wait());
        child
    }

    fn log(&self) -> std::path::PathBuf {
        self.folder.path("log.jsonl")
    }

    fn is_in_log(&self, nodes: &[&Node], events: usize) -> bool {
        self.log().exists() && of_nodes(&self.log(), nodes) >= events
    }
}

/// The totals that a summary and a JUnit file tell: passed, failed.
fn told(folder: &Folder) -> ((u64, u64), (u64, u64)) {
    let summary = json(&folder.read("summary.json"));
    let count = |name: &str| summary["counts"][name].as_u64().or(summary[name].as_u64());
    let of_summary = (count("passed").expect("a number"), count("failed").expect("a number"));
    let junit = folder.read("junit.xml");
    let number = |name: &str| {
        let (_, rest) = junit.split_once(&format!(" {name}=\"")).expect("an attribute");
        rest.split('"').next().expect("a value").parse::<u64>().expect("a number")
    };
    let failed = number("failures") + number("errors");
    (of_summary, (number("tests") - failed, failed))
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
    assert!(sent.expect("there is a `kill`").success());
}

#[test]
fn a_master_gathers_all_nodes_and_ends_when_their_runs_have() {
    for version in BrokerVersion::ALL {
        gathers(&Broker::start(version).expect("a server"));
    }
}

fn gathers(broker: &Broker) {
    let master = Master::new(broker, "");
    let (summary, report) = (master.folder.arg("summary.json"), master.folder.arg("report.json"));
    let child = master.start(&[
        "--run",
        "nightly",
        "--nodes",
        "3",
        "--summary-json",
        &summary,
        "--report",
        &report,
        "--fail-on-failure",
    ]);
    let nodes = ["a", "b", "c"].map(|name| Node::start(broker, name));
    nodes.iter().for_each(Node::run_all);
    // A test of each node fails.
    end(child).ends_with(1).says("of 3 nodes").says("12 passed, 3 failed");
    assert_eq!(told(&master.folder), ((12, 3), (12, 3)));
    let ids = ids_in(&master.log());
    assert!(ids.values().all(|times| *times == 1), "{ids:?}");
    assert_eq!(json(&master.folder.read("report.json"))["complete"], true);
    let verified = tidings(&["verify", master.log().to_str().expect("UTF-8")]);
    verified.ends_with(0);
}

#[test]
fn a_master_that_is_killed_and_restarted_has_each_event_once() {
    let broker = broker();
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    let sinks = format!(
        "[[observer]]\nkind = \"http\"\nurl = \"{}\"\nspool = \"spool\"\n\
         [[observer]]\nkind = \"journal\"\npath = \"copy.jsonl\"\n",
        server.url()
    );
    let master = Master::new(&broker, &sinks);
    let nodes = ["a", "b"].map(|name| Node::start(&broker, name));
    let both = [&nodes[0], &nodes[1]];
    let runs = both.map(|node| RunEmitter::start(&node.bus, "nightly"));
    let mut suites = 0;
    let mut run_suites = || {
        suites += 1;
        for (node, run) in both.iter().zip(&runs) {
            node.run_suite(run, &format!("suite {suites}"), 40);
        }
    };
    let mut events = 0;
    for _kill in 0..3 {
        let mut child = master.start(&["--nodes", "2"]);
        run_suites();
        events += 60;
        // Killed in the midst of what it does, with a checkpoint or without.
        eventually("it has some of it", || master.is_in_log(&both, events));
        child.kill().expect("it runs");
        child.wait().expect("it is gone");
    }
    // A line that was never finished.
    let text = master.folder.read("log.jsonl");
    master.folder.write("log.jsonl", &format!("{text}{{\"specversion\":\"1.0\",\"id\":\"0"));
    let summary = master.folder.arg("summary.json");
    let child = master.start(&["--nodes", "2", "--summary-json", &summary]);
    run_suites();
    for (node, run) in both.iter().zip(runs) {
        run.success();
        node.close();
    }
    end(child).ends_with(0).says("of 2 nodes");
    let ids = ids_in(&master.log());
    let twice: Vec<_> = ids.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    // Per node: the run, and of each suite two events and three of each case.
    let expected = 2 * (2 + 4 * (2 + 40 * 3));
    assert_eq!(of_nodes(&master.log(), &both), expected);
    let here = both.map(Node::totals);
    let totals = (here[0].0 + here[1].0, here[0].1 + here[1].1);
    assert_eq!(totals, (312, 8));
    assert_eq!(told(&master.folder), (totals, totals));
    // Those that keep what they got have all of it, and not all of it again and again.
    let log: BTreeSet<EventId> = ids.into_keys().collect();
    let copy = ids_in(&master.folder.path("copy.jsonl"));
    assert_eq!(copy.keys().copied().collect::<BTreeSet<_>>(), log);
    let copied: u32 = copy.values().sum();
    assert!(copied < 3 * u32::try_from(log.len()).expect("few"), "{copied} of {}", log.len());
    let sent: BTreeSet<String> = server.accepted_ids().iter().map(ToString::to_string).collect();
    assert_eq!(sent, log.iter().map(ToString::to_string).collect());
}

#[test]
fn a_master_that_starts_again_on_a_finished_run_repeats_nothing_to_those_that_have_it() {
    let broker = broker();
    let master = Master::new(&broker, "[[observer]]\nkind = \"journal\"\npath = \"copy.jsonl\"\n");
    let node = Node::start(&broker, "a");
    let child = master.start(&[]);
    node.run_all();
    end(child).ends_with(0);
    let first = master.folder.events("copy.jsonl").len();
    let summary = master.folder.arg("summary.json");
    std::fs::remove_file(master.folder.path("junit.xml")).expect("the first wrote it");
    end(master.start(&["--summary-json", &summary])).ends_with(0).says("relayed 0 events");
    // The page of the run is there again, and the copy is as it was.
    assert_eq!(told(&master.folder), ((4, 1), (4, 1)));
    assert_eq!(master.folder.events("copy.jsonl").len(), first);
    assert!(ids_in(&master.log()).values().all(|times| *times == 1));
}

#[test]
fn a_node_that_dies_is_lost_and_what_ran_there_is_aborted() {
    let broker = broker();
    let master = Master::new(&broker, "");
    let summary = master.folder.arg("summary.json");
    let child = master.start(&["--nodes", "2", "--summary-json", &summary]);
    let network = Proxy::to(broker.address()).expect("a port");
    let (lives, dies) = (Node::start(&broker, "lives"), Node::at(&network.url(), "dies"));
    let run = RunEmitter::start(&dies.bus, "nightly");
    let case = run.suite("suite").case("open");
    eventually("the master has it", || master.is_in_log(&[&dies], 3));
    network.cut();
    lives.run_all();
    end(child).ends_with(0).says("of 2 nodes");
    let log = master.folder.read("log.jsonl");
    for text in ["\"type\":\"node.lost\"", "\"type\":\"node.joined\"", "\"synthetic\":true"] {
        assert!(log.contains(text), "no {text} in {log}");
    }
    assert!(master.folder.read("junit.xml").contains("\"open\""));
    drop((case, run));
    dies.bus.close(Duration::ZERO).expect("not strict");
}

#[test]
fn one_that_stays_ends_by_a_signal_with_everything_safe() {
    let broker = broker();
    let master = Master::new(&broker, "");
    let summary = master.folder.arg("summary.json");
    let child = master.start(&["--stay", "--summary-json", &summary]);
    let node = Node::start(&broker, "a");
    node.run_all();
    // Run, suite, and of each case begin, output and end.
    eventually("the master has it", || master.is_in_log(&[&node], 4 + 5 * 3));
    signal(&child, "INT");
    end(child).ends_with(0).says("4 passed, 1 failed");
    assert_eq!(told(&master.folder), ((4, 1), (4, 1)));
    let checkpoint: Value = json(&master.folder.read("log.jsonl.checkpoint"));
    let events = u64::try_from(master.folder.events("log.jsonl").len()).expect("few");
    assert_eq!(checkpoint["position"], events);
}

#[test]
fn what_an_observer_did_not_get_is_not_confirmed_and_comes_again() {
    let broker = broker();
    let sink = |url: &str| format!("[[observer]]\nkind = \"http\"\nurl = \"{url}\"\n");
    let master = Master::new(&broker, &sink(&nobody()));
    let child = master.start(&["--close-timeout", "1"]);
    let node = Node::start(&broker, "a");
    node.run_all();
    let first = end(child).ends_with(1);
    let first = first.says("error: not everything that came is confirmed, and the next start");
    first.says("not everything was delivered to `http`");
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    let config = format!("close_timeout_s = 20\n{VIEWS}{}", sink(&server.url()));
    master.folder.write("master.toml", &config);
    end(master.start(&[])).ends_with(0).says("came again");
    let ids = ids_in(&master.log());
    assert!(ids.values().all(|times| *times == 1), "{ids:?}");
    let sent: BTreeSet<String> = server.accepted_ids().iter().map(ToString::to_string).collect();
    assert_eq!(sent, ids.keys().map(ToString::to_string).collect());
}

#[test]
fn what_is_wrong_is_told_before_anything_is_shown() {
    let broker = Broker::builder(BrokerVersion::New).user_password("me", "hunter2").start();
    let broker = broker.expect("a server");
    let master = Master::new(&broker, "");
    let (config, log) = (master.folder.arg("master.toml"), master.folder.arg("log.jsonl"));
    let password = master.folder.write("password", "hunter3\n");
    let given = ["master", &master.url, "--config", &config, "--log", &log];
    let run = |more: &[&str]| tidings(&[&given[..], more].concat()).ends_with(2);
    let wrong = run(&["--user", "me", "--password-file", &password]);
    assert!(wrong.err.contains("error: ") && !wrong.err.contains("hunter"), "{}", wrong.err);
    assert!(!wrong.out.contains("hunter") && !master.folder.path("junit.xml").exists());
    run(&["--user", "me", "--password-env", "no such"]).says("takes the name of a variable");
    run(&["--user", "me", "--password-env", "NO_SUCH_VARIABLE"]).says("is not set");
    run(&["--durable", "a.b", "--user", "me", "--password-file", &password]).says("durable name");
    run(&["--user", "me"]).says("--password");
    master.folder.write("log.jsonl.checkpoint", "x");
    run(&[]).says("it is no checkpoint");
    assert!(!master.log().exists());
}

#[test]
fn a_second_master_on_one_log_is_refused() {
    let broker = broker();
    let master = Master::new(&broker, "");
    let child = master.start(&["--stay"]);
    let (config, log) = (master.folder.arg("master.toml"), master.folder.arg("log.jsonl"));
    let second = ["master", &master.url, "--config", &config, "--log", &log, "--durable", "b"];
    tidings(&second).ends_with(2).says("another master, or a journal, writes to it");
    signal(&child, "TERM");
    end(child).ends_with(0);
}
