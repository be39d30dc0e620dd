//! The fleet example as real processes: what its master keeps when all goes well, when a node
//! dies and when the broker does.
//!
//! Journal and `JUnit` file are read back as anybody would read them; nothing of the example's
//! own verdict is believed without them.

#[path = "support/example.rs"]
mod example;
#[path = "support/recorded.rs"]
mod recorded;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;

use tempfile::TempDir;
use tidings::assert::{Recorder, assert_events};
use tidings::journal::Reader;
use tidings::testrun::{LiveSummary, RunSummary, Status, TestRun};
use tidings::{Bus, Envelope};

use crate::example::example;
use crate::recorded::replay_whole;

const NODES: [&str; 3] = ["node-0", "node-1", "node-2"];
const CASES_OF_NODE: u64 = 60;
const FAILURES_OF_NODE: u64 = 3;

/// The example, which finds its server from the root of the workspace.
fn fleet() -> Command {
    let mut command = example("fleet");
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn text_of(output: &Output) -> String {
    let [stdout, stderr] =
        [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said));
    format!("stdout: {stdout}\nstderr: {stderr}")
}

/// What a fleet left behind.
struct Past {
    events: Vec<Arc<Envelope>>,
    recorder: Recorder,
    summary: RunSummary,
    junit: String,
    said: String,
    _folder: TempDir,
}

/// Runs a fleet that ends well, and reads what it left.
#[track_caller]
fn run(options: &[&str]) -> Past {
    let folder = TempDir::new().expect("a folder");
    let output = fleet().arg("--folder").arg(folder.path()).args(options).output();
    let output = output.expect("the example starts");
    let said = text_of(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let runs: Vec<PathBuf> =
        folder.path().read_dir().expect("a folder").flatten().map(|entry| entry.path()).collect();
    assert_eq!(runs.len(), 1, "a folder for the run: {runs:?}");
    let of_run = &runs[0];
    let journal = of_run.join("journal.jsonl");
    let bus = Bus::new();
    let (summary, recorder) = (LiveSummary::on(&bus), Recorder::on(&bus));
    replay_whole(&journal, &bus);
    let entries = Reader::open(&journal).expect("a journal");
    let events = entries.map(|entry| Arc::clone(entry.expect("sound").envelope())).collect();
    let junit = std::fs::read_to_string(of_run.join("junit.xml")).expect("a JUnit file");
    let summary = summary.snapshot();
    Past { events, recorder, summary, junit, said, _folder: folder }
}

impl Past {
    /// Every result is there and counted once; each lane is in order, each event there once.
    #[track_caller]
    fn assert_whole(&self) {
        let (nodes, said) = (NODES.len() as u64, &self.said);
        let counts = self.summary.counts();
        let expected = (nodes * CASES_OF_NODE, nodes * FAILURES_OF_NODE, 0, 0);
        let found = (counts.total(), counts.failed(), counts.skipped(), counts.running);
        assert_eq!(found, expected, "{said}");
        assert_eq!((self.summary.never_ran(), self.summary.unreadable()), (0, 0), "{said}");
        let views = self.summary.nodes();
        let of_node = |name: &str| views.iter().find(|view| view.name == name).expect(name).counts;
        for name in NODES {
            let counts = of_node(name);
            assert_eq!((counts.total(), counts.failed()), (CASES_OF_NODE, FAILURES_OF_NODE));
        }
        let totals = format!("tests=\"{}\" ", nodes * CASES_OF_NODE);
        let suites = self.junit.lines().find(|line| line.contains("<testsuites")).expect("a root");
        assert!(suites.contains(&totals), "{totals} in {suites}");
        assert_eq!(self.junit.matches("<testcase ").count() as u64, nodes * CASES_OF_NODE);
        let bad = self.junit.matches("<failure").count() + self.junit.matches("<error").count();
        assert_eq!(bad as u64, nodes * FAILURES_OF_NODE, "{}", self.junit);
        let mut lanes = BTreeMap::new();
        for envelope in &self.events {
            let id = envelope.id();
            let before = lanes.insert((id.bus(), id.lane()), id.sequence());
            assert!(before.is_none_or(|before| before < id.sequence()), "{id} after {before:?}");
        }
        assert!(said.contains("180 cases, 9 failed") && !said.contains("GAPS"), "{said}");
    }

    /// How many buses of a node were heard: one for each of its lives.
    fn lives(&self, node: &str) -> usize {
        let own = |envelope: &&Arc<Envelope>| {
            envelope.node() == node && envelope.event_type().as_str() == "test.run.started"
        };
        self.events.iter().filter(own).count()
    }
}

#[test]
fn three_nodes_are_one_run_at_the_master() {
    let past = run(&[]);
    past.assert_whole();
    assert!(NODES.iter().all(|node| past.lives(node) == 1), "{}", past.said);
    assert_eq!(past.summary.status(), Some(Status::Success));
    let run: Vec<&str> = past.events.iter().map(|envelope| envelope.run()).collect();
    assert!(run.windows(2).all(|pair| pair[0] == pair[1]), "all share the name of the run");
    // The tree of the console has the nodes at its top.
    assert!(NODES.iter().all(|node| past.said.contains(&format!("run/{node}"))), "{}", past.said);
}

#[test]
fn a_killed_node_is_lost_and_its_late_result_replaces_what_was_made_up() {
    let past = run(&["--kill-node"]);
    past.assert_whole();
    assert_eq!(NODES.map(|node| past.lives(node)), [1, 2, 1], "{}", past.said);
    assert_events!(past.recorder, in_order: [
        TestRun::NodeJoined(_),
        TestRun::NodeLost(_),
        TestRun::CaseFinished(end) if end.synthetic && end.status == Status::Aborted,
        TestRun::NodeJoined(_),
    ]);
    let cases = past.summary.cases();
    let late: Vec<_> = cases.iter().filter(|case| case.late).collect();
    let [case] = late.as_slice() else { panic!("one case came late: {}", past.said) };
    assert_eq!((case.node, case.name, case.status), ("node-1", "case 25", Some(Status::Success)));
    assert!(past.said.contains("1 told late: everything arrived, once"), "{}", past.said);
}

#[test]
fn a_killed_broker_costs_nothing() {
    let past = run(&["--kill-broker"]);
    past.assert_whole();
    assert!(past.said.contains("broker: killed with -9"), "{}", past.said);
    assert!(NODES.iter().all(|node| past.lives(node) == 1), "{}", past.said);
    // Nobody takes silence for death while there is no broker.
    assert_events!(past.recorder, never: [TestRun::NodeLost(_)]);
}

#[test]
fn both_may_die_in_one_run() {
    let past = run(&["--kill-broker", "--kill-node"]);
    past.assert_whole();
    assert_eq!(NODES.map(|node| past.lives(node)), [1, 2, 1], "{}", past.said);
}

#[test]
fn without_a_server_it_says_how_to_obtain_one() {
    let folder = TempDir::new().expect("a folder");
    let here = |command: &mut Command| {
        let command = command.current_dir(folder.path()).env("PATH", folder.path());
        command.output().expect("the example starts")
    };
    for output in [
        here(fleet().env_remove("NATS_SERVER")),
        here(fleet().env("NATS_SERVER", folder.path().join("nowhere"))),
    ] {
        let said = text_of(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("fleet: there is no `nats-server`"), "{said}");
        assert!(said.contains("run `crates/tidings-nats/tests/servers.sh`"), "{said}");
    }
}
