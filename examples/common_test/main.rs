//! A suite runner with the events of Common Test, and event handlers that come and go as there.
//! Read on in `node` (how suites are run, and what is emitted) and `spec.toml` (which suites).
//!
//! `cargo run --example common_test -- --event-handler console --event-handler-init junit ct.xml`

mod node;

use std::io::{self, Write};
use std::{collections::BTreeMap, path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use serde_json::{Value, json};
use tidings::console::{Limits, Style, render_run_summary};
use tidings::{Bus, config::read_file, testrun::LiveSummary};

use crate::node::{Function, Node, Outcome};

/// Runs suites and tells event handlers, as Common Test does
///
/// Exit code: 0 all passed and all handlers took all events, 1 not so, 2 usage or configuration.
#[rustfmt::skip] // A table: one option a line, and what it says in --help.
#[derive(Parser)]
struct Options {
    /// Test specification: event handlers of the master and of nodes, functions (TOML or JSON)
    #[arg(long, value_name = "FILE", default_value = "examples/common_test/spec.toml")] spec: PathBuf,
    /// Event handler of this kind on every node, such as `console`; can be said again
    #[arg(long, value_name = "KIND")] event_handler: Vec<String>,
    /// The same with a file in the log directory of the node, such as `journal run.jsonl`
    #[arg(long, num_args = 2, value_names = ["KIND", "PATH"])] event_handler_init: Vec<String>,
    /// Where each run gets its log directory
    #[arg(long, value_name = "DIR", default_value = "ct_logs")] logdir: PathBuf,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    master: Vec<Value>,
    node: BTreeMap<String, Vec<Value>>,
    function: Vec<Function>,
}

fn main() -> ExitCode {
    run(&Options::parse()).unwrap_or_else(|fault| {
        writeln!(io::stderr(), "common_test: {fault}").ok();
        ExitCode::from(2)
    })
}

fn run(options: &Options) -> Outcome<ExitCode> {
    let Spec { master, node, function: functions } = read_file(&options.spec)?;
    let queued = |kind| json!({ "kind": kind, "deliver": "queued" });
    let mut named: Vec<_> = options.event_handler.iter().map(queued).collect();
    for init in options.event_handler_init.chunks_exact(2) {
        named.push(json!({ "kind": init[0], "path": init[1], "deliver": "queued" }));
    }
    // Each node has a bus of its own; the master has one, too, and hears all of them.
    let bus = Bus::builder().node("master").build();
    let logs = options.logdir.join(format!("ct_run.{}", bus.run()));
    let summary = LiveSummary::on(&bus);
    let master = Node::start(bus, &logs, &master)?;
    let start = |(name, handlers): (&String, &Vec<Value>)| {
        let bus = Bus::builder().run(master.bus.run()).node(name).build();
        bus.relay_to(&master.bus).detach();
        Node::start(bus, &logs, &[&handlers[..], &named].concat())
    };
    let mut nodes = node.iter().map(start).collect::<Outcome<Vec<_>>>()?;
    let outcome = nodes.iter_mut().try_for_each(|node| node.run(&functions));
    let mut is_good = true;
    for bus in nodes.iter().map(|node| &node.bus).chain([&master.bus]) {
        let report = bus.close(Duration::from_secs(5))?;
        is_good &= report.complete;
        report.incomplete().try_for_each(|it| writeln!(io::stderr(), "{}: {it}", bus.node()))?;
    }
    let summary = summary.snapshot();
    let text = render_run_summary(&summary, Limits::default(), 100, Style::plain());
    writeln!(io::stdout(), "{text}\nlogs: {}", logs.display())?;
    outcome.map(|()| ExitCode::from(u8::from(!(is_good && summary.is_success()))))
}
