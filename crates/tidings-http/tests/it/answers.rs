//! What a batch becomes after each sort of answer, and after none.

use std::fs;
use std::time::Duration;

use tidings_delivery::{Outcome, Sink as _, Then};
use tidings_fault_server::{CloudEvents, Fault, FaultServer, Identity};

use crate::support::{hold_reason, ids, load, send, server, sink};

#[test]
fn any_status_of_success_is_one() {
    let server = server();
    let mut sink = sink(&server.url()).build().expect("valid settings");
    for status in [200, 201, 202, 204] {
        server.inject(Fault::status(status));
        assert_eq!(send(&mut sink, 0..2), Outcome::delivered(), "{status}");
    }
}

#[test]
fn what_may_pass_is_sent_again_and_not_before_the_server_says() {
    let server = server();
    let mut sink = sink(&server.url()).build().expect("valid settings");
    for fault in [Fault::status(503), Fault::ResetBefore, Fault::ResetAfter, Fault::GarbageReply] {
        server.inject(fault.clone());
        let outcome = send(&mut sink, 0..2);
        assert!(matches!(outcome.then(), Then::Retry { not_before: None, .. }), "{outcome:?}");
        assert_eq!(outcome.taken(2), 0, "{fault:?}");
    }
    server.inject(Fault::retry_after(429, 4));
    assert_eq!(
        send(&mut sink, 0..2),
        Outcome::retry_after(Duration::from_secs(4), "the server answered 429")
    );
}

#[test]
fn a_server_that_hangs_is_tried_again() {
    let server = server();
    let short = Duration::from_millis(300);
    let mut sink = sink(&server.url()).timeout(short).build().expect("valid settings");
    server.inject(Fault::HangAfter);
    let outcome = send(&mut sink, 0..2);
    let reason = format!("{} gave no answer in time", server.url());
    assert_eq!(outcome, Outcome::retry(reason));
    server.release();
    assert_eq!(send(&mut sink, 0..2), Outcome::delivered());
}

#[test]
fn a_batch_that_is_too_large_is_split() {
    let server = FaultServer::start(CloudEvents::new().body_bytes_max(2_000)).expect("a port");
    let mut sink = sink(&server.url()).build().expect("valid settings");
    let outcome = send(&mut sink, 0..100);
    assert!(matches!(outcome.then(), Then::Split { .. }), "{outcome:?}");
    assert_eq!(send(&mut sink, 0..2), Outcome::delivered());
}

#[test]
fn a_refused_event_is_set_aside_with_the_reason_of_the_server() {
    let server = server();
    let mut sink = sink(&server.url()).build().expect("valid settings");
    server.inject_times(2, Fault::refusal(422, "{\"error\":\n\"no such field\"}"));
    for numbers in [0..2, 0..1] {
        assert_eq!(
            send(&mut sink, numbers),
            Outcome::split(r#"the server answered 422: {"error":\n"no such field"}"#)
        );
    }
}

#[test]
fn a_server_that_refuses_everything_is_not_fed_the_whole_queue() {
    let server = server();
    let mut sink = sink(&server.url()).build().expect("valid settings");
    server.inject_times(11, Fault::refusal(400, "wrong endpoint"));
    for number in 0..10 {
        let outcome = send(&mut sink, number..number + 1);
        assert!(matches!(outcome.then(), Then::Split { .. }), "{outcome:?}");
    }
    let reason = hold_reason(&send(&mut sink, 10..11));
    assert_eq!(reason, "the server refuses every event: the server answered 400: wrong endpoint");
    assert_eq!(send(&mut sink, 10..11), Outcome::delivered(), "it ends with the first success");
}

#[test]
fn what_a_person_has_to_change_is_on_hold_until_it_works() {
    let server = server();
    let mut sink = sink(&server.url()).build().expect("valid settings");
    for status in [402, 403, 404, 405, 407, 410, 415, 451] {
        server.inject(Fault::refusal(status, "no way"));
        let reason = hold_reason(&send(&mut sink, 0..2));
        let start = format!("the server answered {status}: no way: ");
        assert!(reason.starts_with(&start), "{reason}");
    }
    assert_eq!(send(&mut sink, 0..2), Outcome::delivered());
    assert_eq!(server.accepted_ids(), ids(0..2));
}

#[test]
fn a_redirect_is_on_hold_and_names_its_target_without_the_query() {
    let server = server();
    let mut sink = sink(&server.url()).build().expect("valid settings");
    let headers = vec![("location".to_owned(), "https://new.example/events?key=1".to_owned())];
    server.inject(Fault::Status { status: 307, headers, body: String::new() });
    let reason = hold_reason(&send(&mut sink, 0..2));
    assert_eq!(reason, "the server redirects to https://new.example/events: set `url` to it");
}

#[test]
fn a_certificate_that_is_not_trusted_is_on_hold_and_names_the_key() {
    let identity = Identity::generate().expect("an identity");
    let server = FaultServer::builder(CloudEvents::new()).tls(&identity).start().expect("a port");
    let mut stranger = sink(&server.url()).build().expect("valid settings");
    let reason = hold_reason(&send(&mut stranger, 0..2));
    assert!(reason.contains("set `ca_file` to"), "{reason}");

    let folder = tempfile::tempdir().expect("a folder");
    let ca_file = folder.path().join("ca.pem");
    fs::write(&ca_file, identity.ca_pem()).unwrap();
    let mut friend = sink(&server.url()).ca_file(ca_file).build().expect("valid settings");
    assert_eq!(send(&mut friend, 0..2), Outcome::delivered());
}

#[test]
fn an_outage_of_any_length_ends_with_the_first_answer() {
    let server = server();
    let mut sink = sink(&server.url()).build().expect("valid settings");
    assert_eq!(send(&mut sink, 0..2), Outcome::delivered());
    server.stop();
    let rest = load(&mut sink, 2..4);
    for attempt in 1..=20 {
        let outcome = sink.send(&rest.batch(1, attempt));
        assert!(matches!(outcome.then(), Then::Retry { .. }), "{outcome:?}");
    }
    server.restart().expect("the port is free");
    assert_eq!(sink.send(&rest.batch(2, 21)), Outcome::delivered());
    assert_eq!(server.accepted_ids(), ids(0..4));
}
