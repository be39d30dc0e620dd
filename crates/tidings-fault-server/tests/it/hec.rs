//! The HTTP Event Collector: codes, poisoned events, acknowledgement.

use serde_json::json;
use tidings_fault_server::{Fault, FaultServer, Hec};

use crate::client::{Client, Reply};

const EVENT: &str = "/services/collector/event";
const ACK: &str = "/services/collector/ack?channel=c1";
const CHANNEL: &str = "X-Splunk-Request-Channel: c1\r\n";

fn start(hec: Hec) -> FaultServer {
    FaultServer::start(hec).expect("a port is free")
}

fn envelopes(ids: &[&str]) -> String {
    ids.iter().map(|id| json!({ "event": { "id": id } }).to_string()).collect()
}

fn post(server: &FaultServer, headers: &str, ids: &[&str]) -> Reply {
    Client::connect(server).post(EVENT, headers, &envelopes(ids)).expect("a reply")
}

fn ack(server: &FaultServer, ids: &[u64]) -> Reply {
    let body = json!({ "acks": ids }).to_string();
    Client::connect(server).post(ACK, "", &body).expect("a reply")
}

fn code(reply: &Reply) -> (u16, u64) {
    (reply.status, reply.json()["code"].as_u64().expect("a reply has a code"))
}

#[test]
fn envelopes_are_taken_in_order() {
    let server = start(Hec::new());
    let reply = post(&server, "", &["a", "b"]);
    assert_eq!(reply.json(), json!({ "text": "Success", "code": 0 }));
    assert_eq!(server.accepted_ids(), ["a", "b"]);
}

#[test]
fn the_token_is_checked() {
    let server = start(Hec::new().token("right"));
    assert_eq!(code(&post(&server, "", &["a"])), (401, 2));
    assert_eq!(code(&post(&server, "Authorization: Bearer right\r\n", &["a"])), (401, 3));
    assert_eq!(code(&post(&server, "Authorization: Splunk wrong\r\n", &["a"])), (403, 4));
    assert_eq!(server.accepted(), []);
    assert_eq!(code(&post(&server, "Authorization: Splunk right\r\n", &["a"])), (200, 0));
}

#[test]
fn events_before_a_poisoned_one_are_taken() {
    let server = start(Hec::new().poison(|json| json.contains("bad")));
    let reply = post(&server, "", &["a", "b", "bad", "c"]);
    assert_eq!(code(&reply), (400, 6));
    assert_eq!(reply.json()["invalid-event-number"], 2);
    assert_eq!(server.accepted_ids(), ["a", "b"]);
}

#[test]
fn events_before_what_is_no_envelope_are_taken() {
    let server = start(Hec::new());
    let body = envelopes(&["a"]) + r#"{"fields":{}}"# + &envelopes(&["b"]);
    let reply = Client::connect(&server).post(EVENT, "", &body).expect("a reply");
    assert_eq!(code(&reply), (400, 6));
    assert_eq!(reply.json()["invalid-event-number"], 1);
    assert_eq!(server.accepted_ids(), ["a"]);
}

#[test]
fn busy_after_a_part_names_the_first_that_was_not_taken() {
    let server = start(Hec::new());
    server.inject(Fault::TakeHalf { status: 503 });
    let reply = post(&server, "", &["a", "b", "c", "d"]);
    assert_eq!(code(&reply), (503, 9));
    assert_eq!(reply.json()["invalid-event-number"], 2);
    assert_eq!(server.accepted_ids(), ["a", "b"]);
}

#[test]
fn a_poisoned_event_comes_before_a_part_that_ends_behind_it() {
    let server = start(Hec::new().poison(|json| json.contains("bad")));
    server.inject(Fault::TakeSome { events: 2, status: 503 });
    assert_eq!(code(&post(&server, "", &["bad", "b", "c"])), (400, 6));
    assert_eq!(server.accepted(), []);
}

#[test]
fn a_body_that_is_too_long_or_empty_is_refused() {
    let server = start(Hec::new().body_bytes_max(40));
    assert_eq!(post(&server, "", &["a", "b", "c"]).status, 413);
    assert_eq!(code(&post(&server, "", &[])), (400, 5));
    assert_eq!(server.accepted(), []);
    assert_eq!(post(&server, "", &["a"]).status, 200);
}

#[test]
fn a_post_is_acknowledged_once_at_the_question_that_was_set() {
    let server = start(Hec::new().ack_after(2));
    assert_eq!(post(&server, CHANNEL, &["a"]).json()["ackId"], 0);
    assert_eq!(post(&server, CHANNEL, &["b"]).json()["ackId"], 1);
    assert_eq!(post(&server, "X-Splunk-Request-Channel: c2\r\n", &["c"]).json()["ackId"], 0);
    assert_eq!(ack(&server, &[0]).json(), json!({ "acks": { "0": false } }));
    assert_eq!(ack(&server, &[0, 1]).json(), json!({ "acks": { "0": true, "1": false } }));
    assert_eq!(
        ack(&server, &[0, 1, 9]).json(),
        json!({ "acks": { "0": false, "1": true, "9": false } })
    );
}

#[test]
fn some_or_all_posts_are_never_acknowledged() {
    let server = start(Hec::new().never_ack_first(1));
    post(&server, CHANNEL, &["a"]);
    post(&server, CHANNEL, &["b"]);
    assert_eq!(ack(&server, &[0, 1]).json(), json!({ "acks": { "0": false, "1": true } }));

    let server = start(Hec::new().never_ack());
    post(&server, CHANNEL, &["a"]);
    assert_eq!(ack(&server, &[0]).json(), json!({ "acks": { "0": false } }));
}

#[test]
fn questions_after_acknowledgements_can_fail() {
    let server = start(Hec::new().fail_ack(503));
    assert_eq!(post(&server, CHANNEL, &["a"]).status, 200);
    assert_eq!(ack(&server, &[0]).status, 503);
}

#[test]
fn acknowledgement_wants_a_channel() {
    let server = start(Hec::new().acknowledge());
    assert_eq!(code(&post(&server, "", &["a"])), (400, 10));
    assert_eq!(server.accepted(), []);
}

#[test]
fn without_acknowledgement_there_is_nothing_to_ask() {
    let server = start(Hec::new());
    assert!(post(&server, CHANNEL, &["a"]).json().get("ackId").is_none());
    assert_eq!(code(&ack(&server, &[0])), (400, 14));
}

#[test]
fn health_and_acknowledgements_leave_faults_in_line() {
    let server = start(Hec::new().acknowledge());
    server.inject(Fault::status(503));
    let mut client = Client::connect(&server);
    client.send("GET /services/collector/health HTTP/1.1\r\n\r\n");
    assert_eq!(code(&client.reply().expect("a reply")), (200, 17));
    assert_eq!(ack(&server, &[0]).status, 200);
    assert_eq!(post(&server, CHANNEL, &["a"]).status, 503);
    server.inject_at("/services/collector/ack", 1, Fault::status(500));
    assert_eq!(post(&server, CHANNEL, &["a"]).status, 200);
    assert_eq!(ack(&server, &[0]).status, 500);
    assert_eq!(ack(&server, &[0]).status, 200);
}
