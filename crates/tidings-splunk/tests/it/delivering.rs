//! A delivery in front of the sink: nothing is lost, and nothing twice without need.

use std::time::{Duration, Instant};

use tidings_core::Attributes;
use tidings_delivery::{Delivery, Retry};
use tidings_fault_server::{Fault, FaultServer, Hec};
use tidings_registry::{Counts, Observer};
use tidings_splunk::SplunkSink;

use crate::support::{TOKEN, builder, event_with, ids, sink};

/// Nothing in these tests takes this long unless it hangs.
const LONG: Duration = Duration::from_secs(30);
const EVENTS: u64 = 1_000;

/// Delivers a thousand events in batches of a hundred, and closes.
fn deliver(sink: SplunkSink) -> Counts {
    let first = Duration::from_millis(5);
    let delivery = Delivery::builder(sink)
        .batch_events(100)
        .retry(Retry::default().first(first).cap(first))
        .start()
        .expect("there is a thread");
    for number in 0..EVENTS {
        let taken = delivery.on_event(&event_with(number, Attributes::new()));
        taken.expect("there is room in the queue");
    }
    // What is left then is told by the counts.
    drop(delivery.close(Instant::now() + LONG));
    delivery.counts().expect("a delivery counts")
}

#[track_caller]
fn assert_all_delivered_once(server: &FaultServer, counts: &Counts) {
    assert_eq!(server.accepted_ids(), ids(0..EVENTS));
    assert_eq!(counts.delivered, EVENTS, "{counts:?}");
}

#[test]
fn a_server_that_is_ill_in_many_ways_gets_every_event_once() {
    let server = FaultServer::start(Hec::new().token(TOKEN)).unwrap();
    server.inject_times(2, Fault::hec(403, 4, "Invalid token"));
    server.inject(Fault::TakeHalf { status: 503 });
    server.inject_times(3, Fault::status(503));
    server.inject(Fault::ResetBefore);
    server.inject(Fault::TakeSome { events: 1, status: 503 });
    server.inject(Fault::retry_after(429, 0));
    assert_all_delivered_once(&server, &deliver(sink(&server)));
}

#[test]
fn a_poisoned_event_is_all_that_is_missing() {
    let server = FaultServer::start(Hec::new().poison(|json| json.contains("\"n\":537}"))).unwrap();
    let counts = deliver(sink(&server));
    assert_eq!(server.accepted_ids(), [ids(0..537), ids(538..EVENTS)].concat());
    assert_eq!((counts.delivered, counts.rejected), (EVENTS - 1, 1), "{counts:?}");
}

#[test]
fn without_trust_a_poisoned_event_is_found_by_splitting() {
    let server = FaultServer::start(Hec::new().poison(|json| json.contains("\"n\":537}"))).unwrap();
    let counts = deliver(builder(&server).trust_event_number(false).build().unwrap());
    let mut arrived = server.accepted_ids();
    arrived.sort_unstable();
    arrived.dedup();
    let mut expected = [ids(0..537), ids(538..EVENTS)].concat();
    expected.sort_unstable();
    assert_eq!(arrived, expected);
    assert_eq!((counts.delivered, counts.rejected), (EVENTS - 1, 1), "{counts:?}");
}

#[test]
fn a_limit_of_bodies_below_that_of_batches_loses_nothing() {
    let server = FaultServer::start(Hec::new().body_bytes_max(20_000)).unwrap();
    assert_all_delivered_once(&server, &deliver(sink(&server)));
}

#[test]
fn what_is_acknowledged_is_delivered_once() {
    let server = FaultServer::start(Hec::new().ack_after(3)).unwrap();
    let builder = builder(&server).acknowledge(true).ack_poll(Duration::from_millis(10));
    assert_all_delivered_once(&server, &deliver(builder.build().unwrap()));
}

#[test]
fn what_is_not_acknowledged_in_time_is_sent_again() {
    let server = FaultServer::start(Hec::new().never_ack_first(2)).unwrap();
    let builder = builder(&server).acknowledge(true).ack_poll(Duration::from_millis(10));
    let counts = deliver(builder.ack_timeout(Duration::from_millis(50)).build().unwrap());
    let mut arrived = server.accepted_ids();
    assert!(arrived.len() > ids(0..EVENTS).len(), "some came twice");
    arrived.sort_unstable();
    arrived.dedup();
    assert_eq!(arrived.len(), ids(0..EVENTS).len());
    assert_eq!(counts.delivered, EVENTS, "{counts:?}");
}
