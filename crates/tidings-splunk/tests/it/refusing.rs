//! What becomes of a batch that the collector does not take as it is.

use std::time::Duration;

use tidings_core::Attributes;
use tidings_delivery::{Load, Outcome, Sink, Then};
use tidings_fault_server::{Fault, FaultServer, Hec, Identity};
use tidings_splunk::{INDEX_ATTRIBUTE, SLOW_DOWN_DEFAULT};

use crate::support::{builder, event_with, ids, reason, send, sink};

fn is_retry(outcome: &Outcome) -> bool {
    matches!(outcome.then(), Then::Retry { .. })
}

#[test]
fn a_collector_that_becomes_too_busy_keeps_what_it_took() {
    let server = FaultServer::start(Hec::new()).unwrap();
    let mut sink = sink(&server);
    server.inject(Fault::TakeHalf { status: 503 });
    let outcome = send(&mut sink, 0..11);
    assert!(is_retry(&outcome), "{outcome:?}");
    assert_eq!(outcome.taken(11), 5);
    assert_eq!(server.accepted_ids(), ids(0..5));
    assert_eq!(send(&mut sink, 5..11), Outcome::delivered());
    assert_eq!(server.accepted_ids(), ids(0..11));
}

#[test]
fn a_poisoned_event_is_set_aside_after_those_before_it() {
    let server = FaultServer::start(Hec::new().poison(|json| json.contains("\"n\":7}"))).unwrap();
    let mut sink = sink(&server);
    let outcome = send(&mut sink, 0..10);
    let reason = "splunk answered 400 with code 6, Invalid data format";
    assert_eq!(outcome, Outcome::set_aside(7, reason).after_taking(7));
    assert_eq!(server.accepted_ids(), ids(0..7));
    assert_eq!(send(&mut sink, 8..10), Outcome::delivered());
}

#[test]
fn without_trust_a_poisoned_batch_is_split_and_nothing_counts_as_taken() {
    let server = FaultServer::start(Hec::new().poison(|json| json.contains("\"n\":7}"))).unwrap();
    let mut sink = builder(&server).trust_event_number(false).build().unwrap();
    let outcome = send(&mut sink, 0..10);
    assert_eq!(outcome, Outcome::split("splunk answered 400 with code 6, Invalid data format"));
    server.inject(Fault::TakeHalf { status: 503 });
    assert_eq!(send(&mut sink, 0..4).taken(4), 0);
}

#[test]
fn a_body_that_is_too_large_is_split() {
    let server = FaultServer::start(Hec::new().body_bytes_max(2_000)).unwrap();
    let outcome = send(&mut sink(&server), 0..10);
    assert!(matches!(outcome.then(), Then::Split { .. }), "{outcome:?}");
    assert_eq!(outcome.taken(10), 0);
}

#[test]
fn an_index_that_an_event_names_itself_is_its_own_fault() {
    let server = FaultServer::start(Hec::new()).unwrap();
    let mut sink = builder(&server).index("tests").build().unwrap();
    let mut load = Load::new();
    for number in 0..5 {
        let attributes = Attributes::new();
        let theirs = attributes.clone().with(INDEX_ATTRIBUTE, "theirs");
        let event = event_with(number, if number == 3 { theirs } else { attributes });
        load.push(&mut sink, event, number).expect("it has a form");
    }
    // Splunk counts from 1 with this code.
    let refusal = r#"{"text":"Incorrect index","code":7,"invalid-event-number":4}"#;
    server.inject(Fault::refusal(400, refusal));
    let outcome = sink.send(&load.batch(1, 1));
    assert!(matches!(outcome.then(), Then::SetAside { index: 3, .. }), "{outcome:?}");
    assert_eq!(outcome.taken(5), 3);
    assert!(reason(&outcome).contains("`theirs`"), "{outcome:?}");
}

#[test]
fn a_configured_index_that_is_refused_is_held_and_named() {
    let server = FaultServer::start(Hec::new()).unwrap();
    let mut sink = builder(&server).index("tests").build().unwrap();
    let refusal = r#"{"text":"Incorrect index","code":7,"invalid-event-number":1}"#;
    server.inject(Fault::refusal(400, refusal));
    let outcome = send(&mut sink, 0..5);
    let reason = "splunk answered 400 with code 7, Incorrect index: let the token write to the \
                  index `tests`, or set another `index`";
    assert_eq!(outcome, Outcome::hold(reason));
}

#[test]
fn servers_that_are_ill_for_a_while_are_tried_again() {
    let server = FaultServer::start(Hec::new()).unwrap();
    let mut sink = sink(&server);
    server.inject_times(3, Fault::status(503));
    server.inject(Fault::GarbageReply);
    server.inject(Fault::ResetBefore);
    for attempt in 0..5 {
        let outcome = send(&mut sink, 0..3);
        assert!(is_retry(&outcome) && outcome.taken(3) == 0, "attempt {attempt}: {outcome:?}");
    }
    assert_eq!(send(&mut sink, 0..3), Outcome::delivered());
    assert_eq!(server.accepted_ids(), ids(0..3));
}

#[test]
fn the_pause_that_the_server_asks_for_is_the_least() {
    let server = FaultServer::start(Hec::new()).unwrap();
    server.inject(Fault::retry_after(429, 4));
    let outcome = send(&mut sink(&server), 0..3);
    assert_eq!(outcome, Outcome::retry_after(Duration::from_secs(4), "splunk answered 429"));
}

#[test]
fn a_queue_that_is_nearly_full_slows_down_what_comes_next() {
    let server = FaultServer::start(Hec::new()).unwrap();
    server.inject(Fault::hec(200, 24, "Queue is approaching capacity"));
    let outcome = send(&mut sink(&server), 0..3);
    assert_eq!(outcome, Outcome::delivered().slow_down(SLOW_DOWN_DEFAULT));
}

#[test]
fn a_server_that_hangs_is_given_up_when_the_time_is_over() {
    let server = FaultServer::start(Hec::new()).unwrap();
    server.inject(Fault::HangBefore);
    let mut sink = builder(&server).timeout(Duration::from_millis(100)).build().unwrap();
    let outcome = send(&mut sink, 0..3);
    assert!(is_retry(&outcome) && reason(&outcome).contains("in time"), "{outcome:?}");
    server.release();
}

#[test]
fn a_server_that_is_away_is_tried_again() {
    let server = FaultServer::start(Hec::new()).unwrap();
    let mut sink = sink(&server);
    server.stop();
    assert!(is_retry(&send(&mut sink, 0..3)));
    server.restart().unwrap();
    assert_eq!(send(&mut sink, 0..3), Outcome::delivered());
}

#[test]
fn a_redirect_is_held_and_nobody_else_sees_the_token() {
    let other = FaultServer::start(Hec::new()).unwrap();
    let server = FaultServer::start(Hec::new()).unwrap();
    for status in [301, 302, 307, 308] {
        let headers = vec![("location".to_owned(), other.url())];
        server.inject(Fault::Status { status, headers, body: String::new() });
        let outcome = send(&mut sink(&server), 0..3);
        assert!(matches!(outcome.then(), Then::Hold { .. }), "{status}: {outcome:?}");
        assert!(reason(&outcome).contains("redirect"), "{outcome:?}");
    }
    assert_eq!(other.connections(), 0);
}

#[test]
fn a_certificate_that_nobody_trusts_is_held_until_its_authority_is_named() {
    let identity = Identity::generate().unwrap();
    let server = FaultServer::builder(Hec::new()).tls(&identity).start().unwrap();
    let outcome = send(&mut sink(&server), 0..3);
    assert!(matches!(outcome.then(), Then::Hold { .. }), "{outcome:?}");
    assert!(reason(&outcome).contains("`ca_file`"), "{outcome:?}");
    assert!(server.requests().is_empty(), "the token was not sent");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, identity.ca_pem()).unwrap();
    let mut trusting = builder(&server).ca_file(&path).build().unwrap();
    assert_eq!(send(&mut trusting, 0..3), Outcome::delivered());
    let mut careless = builder(&server).danger_accept_invalid_certificates(true).build().unwrap();
    assert_eq!(send(&mut careless, 3..6), Outcome::delivered());
}
