//! Everything of all nodes arrives once, in order, also after a restart of the master.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tidings_core::{Envelope, EventId, Interest};
use tidings_fault_server::broker::{Broker, BrokerVersion};
use tidings_nats::{NatsSource, Relay, RelayDiagnostic};
use tidings_registry::{Bus, Observer, ObserverError, Overflow};

use crate::relay_support::{
    Heard, Node, WITHIN, assert_exactly_once, assert_gapless, is_soon, publish, relay, server,
    settings, source,
};
use crate::support::event_with;

#[test]
fn the_events_of_three_nodes_arrive_once_and_in_order() {
    for version in BrokerVersion::ALL {
        let broker = Broker::start(version).expect("a server");
        let url = broker.url();
        let master = Bus::builder().run("nightly").node("master").build();
        let heard = Heard::on(&master);
        let relay = relay(&url, &master);
        let nodes: Vec<Node> =
            ["a", "b", "c"].iter().map(|name| Node::start(&url, "nightly", name)).collect();
        std::thread::scope(|scope| {
            for node in &nodes {
                scope.spawn(|| node.emit(10_000));
            }
        });
        let sent: Vec<EventId> = nodes.iter().flat_map(|node| node.sent.ids()).collect();
        assert_eq!(sent.len(), 30_000);
        nodes.into_iter().for_each(Node::close);
        assert!(is_soon(|| heard.len() >= 30_000), "{:?}", relay.report());
        let report = relay.stop(WITHIN);
        assert_exactly_once(&heard.ids(), &sent);
        assert_gapless(&report, 10_000);
        assert_eq!((report.relayed, report.late, report.held), (30_000, 0, 0), "{report:?}");
        assert_eq!(report.acknowledged, 30_000, "{report:?}");
        let all = heard.all();
        assert!(
            all.iter().all(|envelope| envelope.run() == "nightly" && envelope.node() != "master")
        );
    }
}

#[test]
fn a_restarted_master_relays_nothing_twice_and_loses_nothing() {
    let broker = Broker::start(BrokerVersion::New).expect("a server");
    let url = broker.url();
    let node = Node::start(&url, "nightly", "a");
    node.emit(2_000);
    let mut journal: Vec<EventId> = Vec::new();
    // The first dies without a word while it relays: what it has acknowledged lags behind.
    for round in 1..=3 {
        let master = Bus::new();
        let heard = Heard::on(&master);
        let settings = settings().seen_from(journal.iter().copied());
        let relay = Relay::start(source(&url), &master, settings).expect("a thread");
        node.emit(1_000);
        assert!(is_soon(|| heard.len() > 300), "{:?}", relay.report());
        if round < 3 {
            // A bus that is closed ends the relay at once, with nothing acknowledged after.
            master.close(WITHIN).expect("not strict");
        } else {
            assert!(is_soon(|| journal.len() + heard.len() >= 5_000), "{:?}", relay.report());
        }
        drop(relay);
        journal.extend(heard.ids());
    }
    assert_exactly_once(&journal, &node.sent.ids());
    node.close();
}

#[test]
fn nothing_is_acknowledged_before_it_is_safe() {
    let broker = Broker::start(BrokerVersion::Old).expect("a server");
    let url = broker.url();
    let node = Node::start(&url, "nightly", "a");
    node.emit(1_000);
    let sent = node.sent.ids();
    node.close();
    let master = Bus::new();
    let told = told(&master);
    let heard = Heard::on(&master);
    let is_safe = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&is_safe);
    let unsafe_settings = settings().when_safe(move |_| {
        if asked.load(Ordering::Acquire) { Ok(()) } else { Err("the disk is full".to_owned()) }
    });
    let first = Relay::start(source(&url), &master, unsafe_settings).expect("a thread");
    assert!(is_soon(|| first.report().not_safe.is_some() && heard.len() == 1_000));
    assert_eq!(first.report().acknowledged, 0);
    drop(first);
    assert!(told.lock()[0].message().contains("the disk is full"));

    // It comes again, and now it is safe.
    let again = Heard::on(&master);
    is_safe.store(true, Ordering::Release);
    let relay = relay(&url, &master);
    assert!(is_soon(|| relay.report().acknowledged == 1_000), "{:?}", relay.report());
    assert_exactly_once(&again.ids(), &sent);
    let report = relay.stop(WITHIN);
    assert_eq!((report.relayed, report.repeated), (1_000, 0));

    // And then it does not come any more.
    let last_relay = Relay::start(source(&url), &master, settings()).expect("a thread");
    let last = Node::start(&url, "nightly", "b");
    last.emit(2);
    assert!(is_soon(|| again.len() >= 1_002));
    assert_eq!(last_relay.stop(WITHIN).relayed, 2);
    last.close();
}

#[test]
fn an_observer_that_hangs_does_not_stop_the_relay() {
    let broker = Broker::start(BrokerVersion::New).expect("a server");
    let url = broker.url();
    let master = Bus::new();
    let heard = Heard::on(&master);
    let (let_go, hangs) = sync_channel(0);
    let hanging = Hanging(Mutex::new(hangs));
    let _slow = master.register(hanging).queued(10_000, Overflow::Block).start().expect("no past");
    let settings = settings().safe_within(Duration::from_millis(50));
    let relay = Relay::start(source(&url), &master, settings).expect("a thread");
    let node = Node::start(&url, "nightly", "a");
    node.emit(1_000);
    assert!(is_soon(|| heard.len() == 1_000), "{:?}", relay.report());
    assert!(is_soon(|| relay.report().not_safe.is_some()), "{:?}", relay.report());
    assert_eq!(relay.report().acknowledged, 0);
    node.close();
    drop(let_go);
    // Nobody hangs any more.
    assert!(is_soon(|| relay.report().acknowledged == 1_000), "{:?}", relay.report());
    assert_eq!(relay.stop(WITHIN).not_safe, None);
}

/// What a relay tells about itself.
fn told(master: &Bus) -> Arc<Mutex<Vec<RelayDiagnostic>>> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&told);
    master.on::<RelayDiagnostic>(move |event, _| kept.lock().push(event.clone())).detach();
    told
}

/// Hangs in each event until it is let go.
struct Hanging(Mutex<Receiver<()>>);

impl Observer for Hanging {
    fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
        // Whoever lets it go drops the other end.
        let _gone = self.0.lock().recv();
        Ok(())
    }
}

#[test]
fn what_is_filtered_is_the_same_on_all_servers() {
    let interest = ["lab.warm", "case.*.started", "=other"];
    let mut results = Vec::new();
    for version in BrokerVersion::ALL {
        let broker = Broker::start(version).expect("a server");
        let url = broker.url();
        let master = Bus::new();
        let heard = Heard::on(&master);
        let node = Node::start(&url, "nightly", "a");
        let other = Node::start(&url, "weekly", "a");
        let types = [
            "lab.warm",
            "lab.cold",
            "lab.warmer",
            "case.a.started",
            "case.a.done",
            "other",
            "other.x",
        ];
        for number in 0..700 {
            let name = types[number % types.len()];
            for bus in [&node.bus, &other.bus] {
                let emitter = bus.raw_emitter("case", "t1");
                emitter.emit(name, serde_json::json!({"number": number})).expect("an event");
            }
        }
        node.close();
        other.close();
        let source = NatsSource::builder(server(&url))
            .interest(&interest)
            .expect("prefixes")
            .run("nightly")
            .durable("master")
            .open()
            .expect("a source");
        let relay = Relay::start(source, &master, settings()).expect("a thread");
        assert!(is_soon(|| heard.len() >= 300), "{:?}", relay.report());
        let report = relay.stop(WITHIN);
        assert_eq!((report.relayed, report.late, report.missing), (300, 0, 0), "{report:?}");
        let names: Vec<(String, String)> = heard
            .all()
            .iter()
            .map(|envelope| {
                (envelope.event_type().to_string(), envelope.data().unwrap().to_owned())
            })
            .collect();
        let expected = Interest::parse(interest).expect("prefixes");
        assert!(heard.all().iter().all(|envelope| expected.matches(envelope.event_type())));
        results.push(names);
    }
    assert_eq!(results[0], results[1]);
}

#[test]
fn what_is_no_event_is_told_and_never_comes_again() {
    let broker = Broker::start(BrokerVersion::New).expect("a server");
    let url = broker.url();
    let master = Bus::new();
    let heard = Heard::on(&master);
    let told = told(&master);
    let relay = relay(&url, &master);
    for body in ["{", "\u{1b}[31m", "[]", "{\"specversion\":\"1.0\"}"] {
        publish(&url, "tidings.r.n.quick_test.started", body.as_bytes());
    }
    publish(&url, "tidings.r.n.quick_test.started", b"\xff\xfe");
    let node = Node::start(&url, "nightly", "a");
    node.emit(10);
    assert!(is_soon(|| heard.len() == 10 && relay.report().acknowledged == 15));
    let report = relay.stop(WITHIN);
    assert_eq!((report.unreadable, report.relayed), (5, 10), "{report:?}");
    let told: Vec<String> = told.lock().iter().map(RelayDiagnostic::message).collect();
    assert_eq!(told.len(), 5, "{told:?}");
    assert!(told.iter().all(|text| !text.contains(char::is_control)), "{told:?}");
    assert!(told[0].contains("message 1 on `tidings.r.n.quick_test.started`"), "{}", told[0]);
    node.close();
    let relay = crate::relay_support::relay(&url, &master);
    assert!(is_soon(|| relay.report().sessions == 1));
    assert_eq!(relay.stop(WITHIN).unreadable, 0);
}

#[test]
fn an_event_whose_predecessor_never_came_is_let_through_and_the_gap_is_named() {
    let broker = Broker::start(BrokerVersion::New).expect("a server");
    let url = broker.url();
    let master = Bus::new();
    let heard = Heard::on(&master);
    let told = told(&master);
    let hold = settings().hold(Duration::from_millis(300), 100);
    let relay = Relay::start(source(&url), &master, hold).expect("a thread");
    for position in [0, 2, 1, 5, 6] {
        let event = event_with(position, ("r", "n"), "");
        let mut text = String::new();
        tidings_core::wire::write_event(&event, Some(position), &mut text).expect("JSON");
        publish(&url, "tidings.r.n.quick_test.started", text.as_bytes());
    }
    assert!(is_soon(|| heard.len() == 5), "{:?}", relay.report());
    let sequences: Vec<u64> = heard.ids().iter().map(|id| id.sequence()).collect();
    assert_eq!(sequences, [0, 1, 2, 5, 6]);
    assert_eq!(relay.stop(WITHIN).missing, 2);
    let told = told.lock();
    let [RelayDiagnostic::Gap { node, from: 3, to: 5, .. }] = &told[..] else {
        unreachable!("{told:?}")
    };
    assert_eq!(node, "n");
}

#[test]
fn a_relay_ends_in_time_although_an_observer_does_not() {
    let broker = Broker::start(BrokerVersion::New).expect("a server");
    let url = broker.url();
    let master = Bus::new();
    let (let_go, hangs) = sync_channel(0);
    let inline = master.subscribe(Hanging(Mutex::new(hangs)));
    let relay = relay(&url, &master);
    let node = Node::start(&url, "nightly", "a");
    node.emit(10);
    node.close();
    let before = Instant::now();
    drop(relay.stop(Duration::from_millis(200)));
    assert!(before.elapsed() < Duration::from_secs(10), "{:?}", before.elapsed());
    drop(let_go);
    inline.detach();
}
