//! A source alone: where it begins, where it goes on, and that it always comes back.

use std::time::{Duration, Instant};

use tidings_core::wire::write_event;
use tidings_fault_server::broker::{Broker, BrokerVersion, Proxy};
use tidings_nats::{NatsError, NatsSource, Start};

use crate::relay_support::{WITHIN, is_soon, publish, server};
use crate::support::event_with;

fn send(url: &str, numbers: std::ops::Range<u64>) {
    for number in numbers {
        let mut text = String::new();
        let event = event_with(number, ("r", "n"), "");
        write_event(&event, Some(number), &mut text).expect("JSON");
        publish(url, "tidings.r.n.quick_test.started", text.as_bytes());
    }
}

/// The numbers of the events that come, until there are this many.
fn numbers(source: &mut NatsSource, count: usize) -> Vec<u64> {
    let mut numbers = Vec::new();
    let deadline = Instant::now() + WITHIN;
    while numbers.len() < count && Instant::now() < deadline {
        // What broke is met again by the next call, or has passed.
        if let Ok(Some(envelope)) = source.next(Duration::from_millis(200)) {
            numbers.push(envelope.id().sequence());
        }
    }
    numbers
}

#[test]
fn a_source_begins_where_it_is_told_and_goes_on_behind_what_is_acknowledged() {
    for version in BrokerVersion::ALL {
        let broker = Broker::start(version).expect("a server");
        let url = broker.url();
        let durable = || NatsSource::builder(server(&url)).durable("reader");
        let mut first = durable().open().expect("a source");
        send(&url, 0..6);
        let mut now = NatsSource::builder(server(&url)).start(Start::Now).open().expect("a source");
        assert_eq!(numbers(&mut first, 3), [0, 1, 2]);
        first.acknowledge().expect("a connection");
        assert_eq!(numbers(&mut first, 2), [3, 4]);
        drop(first);
        let mut second = durable().start(Start::Now).open().expect("a source");
        assert_eq!(numbers(&mut second, 3), [3, 4, 5]);
        send(&url, 6..7);
        assert_eq!(numbers(&mut second, 1), [6]);
        assert_eq!(numbers(&mut now, 1), [6]);
        second.acknowledge().expect("a connection");
        drop(second);
        let mut third = durable().open().expect("a source");
        assert!(third.next(Duration::from_millis(100)).expect("a connection").is_none());
        assert_eq!(third.report().received, 0);
    }
}

#[test]
fn of_two_sources_with_one_name_the_later_one_stays() {
    let broker = Broker::start(BrokerVersion::New).expect("a server");
    let url = broker.url();
    let mut first = NatsSource::builder(server(&url)).durable("reader").open().expect("a source");
    send(&url, 0..2);
    assert_eq!(numbers(&mut first, 2), [0, 1]);
    let mut second = NatsSource::builder(server(&url)).durable("reader").open().expect("a source");
    let mut said = None;
    assert!(is_soon(|| {
        said = first.next(Duration::from_millis(50)).err().filter(NatsError::needs_a_person);
        said.is_some()
    }));
    let said = said.expect("it is there").to_string();
    assert!(said.contains("another receiver has taken over the durable name `reader`"), "{said}");
    assert_eq!(numbers(&mut second, 2), [0, 1]);
    second.acknowledge().expect("it is the one");
}

#[test]
fn a_source_comes_back_in_time_whatever_the_network_does() {
    let broker = Broker::start(BrokerVersion::New).expect("a server");
    let proxy = Proxy::to(broker.address()).expect("a port");
    let (url, direct) = (proxy.url(), broker.url());
    let mut source = NatsSource::builder(server(&url)).open().expect("a source");
    send(&direct, 0..2);
    assert_eq!(numbers(&mut source, 2), [0, 1]);
    proxy.stall();
    send(&direct, 2..4);
    let wait = Duration::from_millis(50);
    let before = Instant::now();
    // The stall is noticed by silence; no call takes longer than it may.
    let mut failed = false;
    while !failed && before.elapsed() < WITHIN {
        let call = Instant::now();
        failed = source.next(wait).is_err();
        assert!(call.elapsed() < wait + Duration::from_millis(1500), "{:?}", call.elapsed());
    }
    assert!(failed, "nobody noticed");
    proxy.cut();
    proxy.resume();
    let call = Instant::now();
    drop(source.next(wait));
    assert!(call.elapsed() < wait + Duration::from_millis(1500), "{:?}", call.elapsed());
    proxy.mend();
    // Without a durable name it goes on behind what it handed out.
    assert_eq!(numbers(&mut source, 2), [2, 3]);
    assert!(source.report().sessions >= 2);
}

#[test]
fn a_broker_that_cannot_be_used_is_told_at_once() {
    let broker = Broker::builder(BrokerVersion::New).without_jetstream().start().expect("a server");
    let fault = NatsSource::builder(server(&broker.url())).open().expect_err("no JetStream");
    assert!(fault.needs_a_person(), "{fault}");
    assert!(fault.to_string().contains("JetStream"), "{fault}");
    let url = broker.url();
    broker.kill();
    let fault = NatsSource::builder(server(&url)).open().expect_err("nobody is there");
    assert!(fault.is_unreachable(), "{fault}");
}
