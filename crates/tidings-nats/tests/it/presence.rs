//! Nodes that come, die, return and leave, as the master sees it.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tidings_fault_server::broker::{Broker, BrokerVersion, Proxy};
use tidings_nats::{Presence, PresenceSettings, Relay, RelaySettings};
use tidings_registry::Bus;
use tidings_testrun::{LiveSummary, RunEmitter, Status, TestRun};

use crate::relay_support::{Heard, Node, WITHIN, is_soon, relay, server, source};

const BEAT: Duration = Duration::from_millis(100);

/// What was said of nodes: `joined a`, `lost a`, and ends that were made up.
fn said_on(bus: &Bus) -> Arc<Mutex<Vec<String>>> {
    let said: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&said);
    let keep = move |event: &TestRun, envelope: &Arc<tidings_core::Envelope>| {
        let id = envelope.entity().id();
        match event {
            TestRun::NodeJoined(_) => kept.lock().push(format!("joined {id}")),
            TestRun::NodeLost(_) => kept.lock().push(format!("lost {id}")),
            TestRun::CaseFinished(end) if end.synthetic => {
                kept.lock().push(format!("aborted {id}"));
            }
            _ => {}
        }
    };
    bus.on::<TestRun>(keep).detach();
    said
}

fn settings() -> PresenceSettings {
    PresenceSettings::default().interval(BEAT)
}

#[test]
fn a_node_joins_is_lost_and_returns_with_its_late_result() {
    for version in BrokerVersion::ALL {
        let broker = Broker::start(version).expect("a server");
        let proxy = Proxy::to(broker.address()).expect("a port");
        let master = Bus::builder().run("r").node("master").build();
        let (said, summary, heard) =
            (said_on(&master), LiveSummary::on(&master), Heard::on(&master));
        let relay = relay(&broker.url(), &master);
        let presence = Presence::start(server(&broker.url()), &master, settings()).expect("good");
        let node = Node::with_heartbeat(&proxy.url(), "r", "a", BEAT);
        let run = RunEmitter::start(&node.bus, "nightly");
        let suite = run.suite("s");
        let case = suite.case("open");
        assert!(is_soon(|| *said.lock() == ["joined a"] && heard.len() >= 3), "{said:?}");
        // The wire of the node is cut.
        proxy.cut();
        assert!(is_soon(|| said.lock().len() >= 3), "{:?}", said.lock());
        assert_eq!(*said.lock(), ["joined a", "lost a", "aborted open"]);
        assert!(presence.nodes()[0].is_lost);
        let status = || summary.with(|summary| summary.cases()[0].status);
        assert_eq!(status(), Some(Status::Aborted));
        case.success();
        suite.success();
        run.success();
        proxy.mend();
        assert!(is_soon(|| status() == Some(Status::Success)), "{said:?} {:?}", relay.report());
        assert!(is_soon(|| !presence.nodes()[0].is_lost), "{said:?}");
        let late = summary.with(|summary| summary.cases()[0].late);
        assert!(late, "nobody can see that it came late");
        assert!(is_soon(|| said.lock().len() == 4 && said.lock()[3] == "joined a"), "{said:?}");
        // What was made up speaks for its node, with ids of its own.
        let made_up = heard
            .all()
            .into_iter()
            .find(|envelope| envelope.data().is_ok_and(|data| data.contains("\"synthetic\":true")));
        let made_up = made_up.expect("it was heard");
        assert_eq!((made_up.run(), made_up.node()), ("r", "a"));
        assert!(made_up.caused_by().is_some());
        node.close();
        drop((presence, relay.stop(WITHIN)));
    }
}

#[test]
fn a_node_that_leaves_is_not_lost_and_neither_is_one_while_the_broker_is_away() {
    let broker = Broker::start(BrokerVersion::New).expect("a server");
    let master = Bus::new();
    let said = said_on(&master);
    let presence = Presence::start(server(&broker.url()), &master, settings()).expect("good");
    let (leaving, staying) = (
        Node::with_heartbeat(&broker.url(), "r", "a", BEAT),
        Node::with_heartbeat(&broker.url(), "r", "b", BEAT),
    );
    assert!(is_soon(|| said.lock().len() == 2), "{said:?}");
    leaving.close();
    let late = Node::with_heartbeat(&broker.url(), "r", "c", BEAT);
    // Whoever hears this one has heard the farewell before it.
    assert!(is_soon(|| said.lock().len() == 3), "{said:?}");
    broker.kill();
    // Longer than any node may be silent.
    let pause = std::time::Instant::now();
    assert!(is_soon(|| pause.elapsed() > 6 * BEAT));
    broker.restart().expect("the same port");
    let latest = Node::with_heartbeat(&broker.url(), "r", "d", BEAT);
    staying.emit(2);
    late.emit(2);
    assert!(is_soon(|| said.lock().iter().any(|said| said == "joined d")), "{said:?}");
    let pause = std::time::Instant::now();
    assert!(is_soon(|| pause.elapsed() > 6 * BEAT));
    assert!(said.lock().iter().all(|said| !said.starts_with("lost")), "{said:?}");
    assert!(presence.nodes().iter().all(|node| !node.is_lost));
    staying.close();
    late.close();
    latest.close();
}

#[test]
fn a_master_whose_own_wire_stalls_declares_nobody_lost() {
    let broker = Broker::start(BrokerVersion::New).expect("a server");
    let proxy = Proxy::to(broker.address()).expect("a port");
    let master = Bus::new();
    let said = said_on(&master);
    let presence = Presence::start(server(&proxy.url()), &master, settings()).expect("good");
    let node = Node::with_heartbeat(&broker.url(), "r", "a", BEAT);
    assert!(is_soon(|| said.lock().len() == 1), "{said:?}");
    proxy.stall();
    let pause = std::time::Instant::now();
    assert!(is_soon(|| pause.elapsed() > 10 * BEAT));
    proxy.resume();
    let pause = std::time::Instant::now();
    assert!(is_soon(|| pause.elapsed() > 10 * BEAT));
    assert_eq!(*said.lock(), ["joined a"]);
    assert!(!presence.nodes()[0].is_lost);
    node.close();
}

#[test]
fn a_master_that_restarts_still_knows_what_was_running() {
    let broker = Broker::start(BrokerVersion::New).expect("a server");
    let url = broker.url();
    let first = Bus::new();
    let journal = Heard::on(&first);
    let first_relay = relay(&url, &first);
    let first_presence = Presence::start(server(&url), &first, settings()).expect("good");
    let node = Node::with_heartbeat(&url, "r", "a", BEAT);
    let run = RunEmitter::start(&node.bus, "nightly");
    let case = run.case("open");
    assert!(is_soon(|| journal.len() == 3), "{:?}", journal.ids());
    drop((first_presence, first_relay));
    first.close(WITHIN).expect("not strict");
    // The node dies while no master is there.
    let (bus, past) = (node.bus.clone(), journal.all());
    drop(node);
    let second = Bus::new();
    let said = said_on(&second);
    let known = RelaySettings::default().seen_from(journal.ids());
    let relay = Relay::start(source(&url), &second, known).expect("a thread");
    let remembering = settings().remember(past);
    let presence = Presence::start(server(&url), &second, remembering).expect("good");
    assert!(is_soon(|| said.lock().len() >= 2), "{said:?}");
    assert_eq!(*said.lock(), ["lost a", "aborted open"]);
    drop((presence, relay, case, run, bus));
}
