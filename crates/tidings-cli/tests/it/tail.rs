//! `tidings tail`: events of a real server, printed as they come.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};

use serde_json::json;
use tidings_delivery::Delivery;
use tidings_fault_server::broker::{Broker, BrokerVersion};
use tidings_nats::{NatsServer, NatsSink};
use tidings_registry::Bus;

use crate::support::{Folder, PATIENCE, end, start, tidings};

fn broker() -> Broker {
    Broker::start(BrokerVersion::New).expect("a server")
}

/// Has these events in the stream, each about a case of its own.
fn publish(broker: &Broker, run: &str, types: &[&'static str]) {
    let sink = NatsSink::builder(NatsServer::at(&broker.url())).build().expect("good settings");
    let bus = Bus::builder().run(run).node("lab-3").build();
    bus.subscribe(Delivery::builder(sink).start().expect("a thread")).detach();
    for event_type in types {
        let case = bus.raw_emitter("case", &format!("of {event_type}"));
        case.emit(event_type, json!({"text": "a\u{1b}[31mb"})).expect("a good type");
    }
    assert!(bus.close(PATIENCE).expect("not strict").complete);
}

fn interrupt(child: &Child) {
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill").success());
}

/// The first lines that are printed.
fn lines_of(child: &mut Child, lines: usize) -> Vec<String> {
    // What comes later is for others to read.
    let out = BufReader::with_capacity(1, child.stdout.as_mut().expect("a pipe"));
    out.lines().take(lines).map(|line| line.expect("UTF-8")).collect()
}

#[test]
fn the_past_and_the_present_are_printed_until_ctrl_c() {
    let broker = broker();
    publish(&broker, "r", &["quick_test.started", "quick_test.finished"]);
    let mut child = start(&["tail", &broker.url(), "--from", "start"]);
    let lines = lines_of(&mut child, 2);
    assert!(lines[0].contains("quick_test.started"), "{lines:?}");
    assert!(!lines.concat().contains('\u{1b}'), "{lines:?}");
    publish(&broker, "r", &["quick_test.late"]);
    assert!(lines_of(&mut child, 1)[0].contains("quick_test.late"));
    interrupt(&child);
    end(child).ends_with(0);
}

#[test]
fn a_run_and_prefixes_choose_and_json_is_cloudevents() {
    let broker = broker();
    publish(&broker, "other", &["quick_test.started"]);
    publish(&broker, "r", &["quick_test.started", "slow_test.started", "quick_test.noise"]);
    let mut child = start(&[
        "tail",
        &broker.url(),
        "--from",
        "start",
        "--run",
        "r",
        "--interest",
        "quick_test",
        "--interest",
        "!quick_test.noise",
        "--interest",
        "slow_test",
        "--format",
        "json",
    ]);
    let lines = lines_of(&mut child, 2);
    let events: Vec<serde_json::Value> =
        lines.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let types: Vec<_> = events.iter().map(|event| (&event["type"], &event["runid"])).collect();
    assert_eq!(
        types,
        [(&json!("quick_test.started"), &json!("r")), (&json!("slow_test.started"), &json!("r"))]
    );
    interrupt(&child);
    end(child).ends_with(0);
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let broker = broker();
    publish(&broker, "r", &["quick_test.started"]);
    let mut child = start(&["tail", &broker.url(), "--from", "start"]);
    drop(child.stdout.take());
    publish(&broker, "r", &["quick_test.finished"]);
    let run = end(child).ends_with(0);
    assert_eq!(run.err, "");
}

#[test]
fn an_outage_of_the_server_is_told_and_ends() {
    let broker = broker();
    publish(&broker, "r", &["quick_test.started"]);
    let mut child = start(&["tail", &broker.url(), "--from", "start"]);
    assert!(lines_of(&mut child, 1)[0].contains("quick_test.started"));
    broker.kill();
    let mut err = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let told = err.next().expect("a line").expect("UTF-8");
    assert!(told.starts_with("warning: ") && told.ends_with("it is tried again"), "{told}");
    broker.restart().expect("the same port");
    publish(&broker, "r", &["quick_test.after"]);
    assert!(lines_of(&mut child, 1)[0].contains("quick_test.after"));
    interrupt(&child);
    end(child).ends_with(0);
}

#[test]
fn what_is_wrong_with_the_server_is_told() {
    let folder = Folder::new();
    let empty = broker();
    tidings(&["tail", &empty.url()]).ends_with(2).says("there is no stream `tidings`");
    let bare = Broker::builder(BrokerVersion::New).without_jetstream().start().expect("a server");
    tidings(&["tail", &bare.url()]).ends_with(2).says("JetStream");
    let closed = Broker::builder(BrokerVersion::New).token("hunter2").start().expect("a server");
    let token = folder.write("token", "hunter3\n");
    let refused = tidings(&["tail", &closed.url(), "--token-file", &token]).ends_with(2);
    assert!(
        refused.err.starts_with("error: ") && !refused.err.contains("hunter"),
        "{}",
        refused.err
    );
    let url = closed.url();
    closed.kill();
    tidings(&["tail", &url]).ends_with(2).says("error: ");
    tidings(&["tail", "nats://me:hunter4@h"]).ends_with(2).says("url of the server");
    tidings(&["tail", &empty.url(), "--interest", "a*"]).ends_with(2).says("a*");
    tidings(&["tail", "nats://h", "--token-file", "no"]).ends_with(2).says("cannot be read");
}
