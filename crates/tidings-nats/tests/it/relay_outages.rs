//! Brokers that die and networks that break, in the midst of a relay.

use std::time::Duration;

use tidings_core::EventId;
use tidings_fault_server::broker::{Broker, BrokerVersion, Proxy};
use tidings_registry::Bus;

use crate::relay_support::{
    Heard, Node, WITHIN, assert_exactly_once, assert_gapless, is_soon, relay,
};

#[test]
fn a_broker_that_is_killed_twice_costs_no_event() {
    for version in BrokerVersion::ALL {
        let broker = Broker::start(version).expect("a server");
        let url = broker.url();
        let master = Bus::new();
        let heard = Heard::on(&master);
        let relay = relay(&url, &master);
        let nodes = [Node::start(&url, "r", "a"), Node::start(&url, "r", "b")];
        for _ in 0..2 {
            let before = heard.len();
            std::thread::scope(|scope| {
                for node in &nodes {
                    scope.spawn(|| node.emit(2_000));
                }
                assert!(is_soon(|| heard.len() > before + 200), "{:?}", relay.report());
                broker.kill();
            });
            broker.restart().expect("the same port");
        }
        let sent: Vec<EventId> = nodes.iter().flat_map(|node| node.sent.ids()).collect();
        nodes.into_iter().for_each(Node::close);
        assert!(is_soon(|| heard.len() >= sent.len()), "{:?}", relay.report());
        let report = relay.stop(WITHIN);
        assert_exactly_once(&heard.ids(), &sent);
        assert_gapless(&report, 4_000);
        assert!(report.sessions >= 2, "{report:?}");
    }
}

#[test]
fn a_network_that_stalls_and_breaks_costs_no_event() {
    let broker = Broker::start(BrokerVersion::New).expect("a server");
    let (to_node, to_master) = (
        Proxy::to(broker.address()).expect("a port"),
        Proxy::to(broker.address()).expect("a port"),
    );
    let master = Bus::new();
    let heard = Heard::on(&master);
    let relay = relay(&to_master.url(), &master);
    let node = Node::start(&to_node.url(), "r", "a");
    std::thread::scope(|scope| {
        scope.spawn(|| node.emit(6_000));
        for round in 1..=3 {
            assert!(is_soon(|| heard.len() > round * 400), "{:?}", relay.report());
            to_master.stall();
            to_master.drop_connections();
            to_master.resume();
            assert!(is_soon(|| heard.len() > round * 400 + 200), "{:?}", relay.report());
            to_node.drop_connections();
            to_master.cut();
            to_master.mend();
        }
    });
    let sent = node.sent.ids();
    node.close();
    assert!(is_soon(|| heard.len() >= sent.len()), "{:?}", relay.report());
    let report = relay.stop(WITHIN);
    assert_exactly_once(&heard.ids(), &sent);
    assert_gapless(&report, 6_000);
}

#[test]
fn a_broker_that_lost_its_stream_is_read_from_its_new_beginning() {
    let broker = Broker::start(BrokerVersion::New).expect("a server");
    let url = broker.url();
    let master = Bus::new();
    let heard = Heard::on(&master);
    let relay = relay(&url, &master);
    let node = Node::start(&url, "r", "a");
    node.emit(100);
    assert!(is_soon(|| relay.report().acknowledged == 100), "{:?}", relay.report());
    crate::support::View::of(&url).delete("tidings");
    node.emit(10);
    assert!(is_soon(|| heard.len() == 110), "{:?}", relay.report());
    assert_exactly_once(&heard.ids(), &node.sent.ids());
    node.close();
    drop(relay.stop(Duration::from_secs(5)));
}
