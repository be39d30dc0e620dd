//! Sinks that take batches: the neighbours of a payload arrive, and all is accounted for.

use std::time::Duration;

use serde::de::IgnoredAny;
use tidings::Bus;
use tidings_delivery::{Delivery, Retry, Sink, SpoolSettings};
use tidings_fault_server::{CloudEvents, FaultServer, Hec};
use tidings_http::{Encoding, HttpSink};
use tidings_splunk::SplunkSink;

use crate::payload::{PAYLOADS, Payload, between_neighbours};

/// Nothing takes this long unless it hangs.
const LONG: Duration = Duration::from_mins(2);

#[test]
fn the_neighbours_of_every_payload_arrive_over_http() {
    for payload in PAYLOADS {
        let server = FaultServer::start(CloudEvents::new()).expect("there is a port");
        let sink = HttpSink::builder(&format!("{}/events", server.url())).proxy(Some(""));
        deliver(payload, sink.build().expect("the settings are in order"), &server);
    }
}

#[test]
fn the_neighbours_of_every_payload_arrive_as_plain_json() {
    for payload in PAYLOADS {
        let server = FaultServer::start(CloudEvents::new()).expect("there is a port");
        let sink = HttpSink::builder(&format!("{}/events", server.url())).proxy(Some(""));
        let sink = sink.encoding(Encoding::Json);
        deliver(payload, sink.build().expect("the settings are in order"), &server);
    }
}

#[test]
fn the_neighbours_of_every_payload_arrive_at_splunk() {
    for payload in PAYLOADS {
        let server = FaultServer::start(Hec::new()).expect("there is a port");
        let sink = SplunkSink::builder(&server.url()).proxy(Some(""));
        deliver(payload, sink.build().expect("the settings are in order"), &server);
    }
}

fn deliver(payload: &Payload, sink: impl Sink, server: &FaultServer) {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let dead = folder.path().join("dead.jsonl");
    let retry = Retry::default().first(Duration::from_millis(1)).cap(Duration::from_millis(5));
    let delivery = Delivery::builder(sink)
        .name("place")
        // All in one batch, as long as it can be.
        .linger(Duration::from_millis(200))
        .retry(retry)
        .spool(SpoolSettings::new(folder.path().join("spool")))
        .dead_letter(&dead)
        .start()
        .expect("the spool opens");
    let bus = Bus::new();
    bus.subscribe(delivery).detach();
    let neighbours = between_neighbours(&bus, payload);
    let report = bus.close(LONG).expect("it is not strict");
    let name = payload.name;
    let counts = report.observer("place").expect("it is registered").counts;
    assert_eq!((counts.pending, counts.spooled, counts.dropped), (0, 0, 0), "{name}: {report}");
    let sum = counts.delivered + counts.failed + counts.rejected;
    assert_eq!(counts.accepted, sum, "{name}: {report}");
    let arrived = server.accepted_ids();
    for neighbour in &neighbours {
        assert!(arrived.contains(neighbour), "{name}: {arrived:?}");
    }
    assert_eq!(arrived.len() as u64, counts.delivered, "{name}: {report}");
    for event in server.accepted() {
        let read: Result<IgnoredAny, _> = serde_json::from_str(&event.json);
        assert!(read.is_ok(), "{name}");
    }
    let letters = std::fs::read_to_string(&dead).unwrap_or_default();
    assert_eq!(letters.lines().count() as u64, counts.failed + counts.rejected, "{name}: {report}");
    for letter in letters.lines() {
        let read: Result<IgnoredAny, _> = serde_json::from_str(letter);
        assert!(read.is_ok() && !letter.contains(|c: char| c.is_control()), "{name}");
    }
}
