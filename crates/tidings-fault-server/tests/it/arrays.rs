//! Arrays are taken as a whole or not at all.

use tidings_fault_server::{CloudEvents, FaultServer, JsonArray, Protocol};

use crate::client::{Client, Reply, events};

fn start(protocol: impl Protocol) -> FaultServer {
    FaultServer::start(protocol).expect("a port is free")
}

fn post(server: &FaultServer, body: &str) -> Reply {
    Client::connect(server).post("/", "", body).expect("a reply")
}

#[test]
fn one_poisoned_event_refuses_its_batch() {
    let server = start(CloudEvents::new().poison(|json| json.contains("bad")));
    assert_eq!(post(&server, &events(&["a", "bad", "c"])).status, 400);
    assert_eq!(server.accepted(), []);
    assert_eq!(post(&server, &events(&["a", "c"])).status, 200);
    assert_eq!(server.accepted_ids(), ["a", "c"]);
}

#[test]
fn a_body_that_is_too_long_is_refused() {
    let (short, long) = (events(&["a"]), events(&["a", "b"]));
    let server = start(CloudEvents::new().body_bytes_max(short.len()));
    assert_eq!(post(&server, &long).status, 413);
    assert_eq!(post(&server, &short).status, 200);
    assert_eq!(server.accepted_ids(), ["a"]);
}

#[test]
fn what_is_no_array_is_refused() {
    let server = start(JsonArray::new());
    assert_eq!(post(&server, r#"{"id":"a"}"#).status, 400);
    assert_eq!(post(&server, "[1,").status, 400);
    assert_eq!(server.accepted(), []);
}

#[test]
fn an_id_is_found_where_it_is_said_to_be() {
    let server = start(JsonArray::new().id_pointer("/meta/n"));
    post(&server, r#"[{"meta":{"n":7}}, {"other": 1}]"#);
    assert_eq!(server.accepted_ids(), ["7", r#"{"other": 1}"#]);
    assert_eq!(server.accepted()[0].json, r#"{"meta":{"n":7}}"#);
}

#[test]
fn a_remark_is_in_each_refusal_by_a_rule() {
    let server = start(CloudEvents::new().poison(|json| json.contains("bad")));
    server.rules(|rules| rules.remark("said loudly")).expect("it has rules");
    let reply = post(&server, &events(&["bad"]));
    assert_eq!(reply.json()["error"], "an event is not valid said loudly");
}

#[test]
fn rules_change_while_it_runs() {
    let server = start(CloudEvents::new());
    server.rules(|rules| rules.poison(|json| json.contains("bad"))).expect("it has rules");
    assert_eq!(post(&server, &events(&["bad"])).status, 400);
    server.rules(tidings_fault_server::Rules::clear).expect("it has rules");
    assert_eq!(post(&server, &events(&["bad"])).status, 200);
}

#[test]
fn an_array_is_taken_with_the_token_at_the_path_alone() {
    let server = start(JsonArray::new().path("/batch").token("open sesame"));
    let status = |path: &str, headers: &str| {
        Client::connect(&server).post(path, headers, "[1]").expect("a reply").status
    };
    let right = "authorization: Bearer open sesame\r\n";
    assert_eq!(status("/", right), 404);
    assert_eq!(status("/batch/", right), 404);
    assert_eq!(status("/batch", ""), 401);
    assert_eq!(status("/batch", "authorization: Bearer open\r\n"), 401);
    assert_eq!(server.accepted(), []);
    assert_eq!(status("/batch", right), 200);
    assert_eq!(server.accepted_ids(), ["1"]);
}
