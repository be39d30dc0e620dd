//! No text shows the token, whatever the server repeats.

use std::time::Duration;

use tidings_delivery::Sink;
use tidings_fault_server::{Fault, FaultServer, Hec};

use crate::support::{TOKEN, builder, reason, send};

const ACK: &str = "/services/collector/ack";

#[track_caller]
fn assert_hidden(text: &str) {
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_reply_that_repeats_the_token_is_told_without_it() {
    let server = FaultServer::start(Hec::new()).unwrap();
    let mut sink = builder(&server).build().unwrap();
    let bodies = [
        format!(r#"{{"text":"Invalid token {TOKEN}","code":4}}"#),
        format!(r#"{{"text":"{}{TOKEN}","code":6,"invalid-event-number":1}}"#, "x".repeat(110)),
        format!(r#"{{"text":"{}","code":9}}"#, TOKEN.replace('h', "\\u0068")),
        format!("<html>Authorization: Splunk {TOKEN}</html>"),
        format!("{}{TOKEN}", "x".repeat(190)),
    ];
    for body in bodies {
        for status in [200, 302, 400, 403, 413, 503] {
            let headers = vec![("location".to_owned(), format!("/login?token={TOKEN}"))];
            server.inject(Fault::Status { status, headers, body: body.clone() });
            let outcome = send(&mut sink, 0..3);
            assert!(reason(&outcome).starts_with("splunk answered"), "{outcome:?}");
            assert_hidden(&format!("{outcome:?} {sink:?}"));
        }
        server.inject_at("/services/collector/health", 1, Fault::refusal(503, body.clone()));
        assert_hidden(&sink.check().unwrap_err());
    }
}

#[test]
fn a_question_for_acknowledgement_hides_it_too() {
    let server = FaultServer::start(Hec::new().acknowledge()).unwrap();
    let builder = builder(&server).acknowledge(true).ack_timeout(Duration::ZERO);
    assert_hidden(&format!("{builder:?}"));
    let mut sink = builder.build().unwrap();
    for body in [TOKEN.to_owned(), format!(r#"{{"text":"{TOKEN}","code":4}}"#)] {
        assert!(send(&mut sink, 0..3).warning().is_none());
        server.inject_at(ACK, 1, Fault::refusal(403, body));
        let confirmations = sink.confirm();
        assert!(reason(&confirmations[0].outcome).contains("[redacted]"), "{confirmations:?}");
        assert_hidden(&format!("{confirmations:?} {sink:?}"));
    }
}

#[test]
fn failures_without_a_reply_hide_token_headers_and_url() {
    let server = FaultServer::start(Hec::new()).unwrap();
    let builder = builder(&server).header("X-Api-Key", "hunter2-key");
    assert_hidden(&format!("{builder:?}"));
    let mut sink = builder.build().unwrap();
    server.stop();
    assert_hidden(&format!("{:?} {:?} {sink:?}", send(&mut sink, 0..3), sink.check()));
}
