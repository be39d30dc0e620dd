//! Each fault does what it says.

use std::io;
use std::time::{Duration, Instant};

use tidings_fault_server::{CloudEvents, Fault, FaultServer};

use crate::client::{Client, PATIENCE, events, request};

fn server(fault: Fault) -> FaultServer {
    let server = FaultServer::start(CloudEvents::new()).expect("a port is free");
    server.inject(fault);
    server
}

/// After a fault the next request goes well, on a connection of its own.
fn goes_on(server: &FaultServer) {
    let reply = Client::connect(server).post("/", "", &events(&["next"])).expect("a reply");
    assert_eq!(reply.status, 200);
    assert_eq!(server.accepted_ids().last().map(String::as_str), Some("next"));
}

#[test]
fn a_status_takes_nothing() {
    let server = server(Fault::retry_after(429, 4));
    let mut client = Client::connect(&server);
    let reply = client.post("/", "", &events(&["a"])).expect("a reply");
    assert_eq!(reply.status, 429);
    assert!(reply.headers.contains("retry-after: 4\r\n"), "{}", reply.headers);
    assert_eq!(server.accepted(), []);
    assert_eq!(client.post("/", "", &events(&["a"])).expect("a reply").status, 200);
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_refusal_has_its_body() {
    let server = server(Fault::hec(503, 9, "Server is busy"));
    let reply = Client::connect(&server).post("/", "", &events(&["a"])).expect("a reply");
    assert_eq!(reply.json(), serde_json::json!({ "text": "Server is busy", "code": 9 }));
}

#[test]
fn a_reset_before_takes_nothing() {
    let server = server(Fault::ResetBefore);
    let error = Client::connect(&server).post("/", "", &events(&["a"])).expect_err("a reset");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(server.accepted(), []);
    assert_eq!(server.requests().len(), 1);
    goes_on(&server);
}

#[test]
fn a_reset_after_takes_everything() {
    let server = server(Fault::ResetAfter);
    let error = Client::connect(&server).post("/", "", &events(&["a"])).expect_err("a reset");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(server.accepted_ids(), ["a"]);
    goes_on(&server);
}

#[test]
fn a_hang_before_takes_nothing_and_ends_when_released() {
    let server = server(Fault::HangBefore);
    let mut client = Client::connect(&server);
    client.send(&request("/", "", &events(&["a"])));
    assert!(server.wait_for(PATIENCE, |seen| seen.hanging == 1));
    goes_on(&server);
    assert!(client.hears_nothing());
    server.release();
    assert_eq!(client.end().expect("a clean end"), 0);
    assert_eq!(server.accepted_ids(), ["next"]);
    assert!(server.wait_for(PATIENCE, |seen| seen.hanging == 0));
}

#[test]
fn a_hang_after_takes_everything_and_replies_when_released() {
    let server = server(Fault::HangAfter);
    let mut client = Client::connect(&server);
    client.send(&request("/", "", &events(&["a"])));
    assert!(server.wait_for(PATIENCE, |seen| seen.hanging == 1));
    assert_eq!(server.accepted_ids(), ["a"]);
    assert!(client.hears_nothing());
    server.release();
    assert_eq!(client.reply().expect("a reply").status, 200);
    goes_on(&server);
}

#[test]
fn a_hang_ends_when_the_server_stops() {
    let server = server(Fault::HangAfter);
    let mut client = Client::connect(&server);
    client.send(&request("/", "", &events(&["a"])));
    assert!(server.wait_for(PATIENCE, |seen| seen.hanging == 1));
    server.stop();
    assert!(matches!(client.end(), Ok(0) | Err(_)));
}

#[test]
fn a_late_reply_comes_late() {
    let after = Duration::from_millis(30);
    let server = server(Fault::ReplyLate { after });
    let before = Instant::now();
    let reply = Client::connect(&server).post("/", "", &events(&["a"])).expect("a reply");
    assert!(before.elapsed() >= after, "{:?}", before.elapsed());
    assert_eq!(reply.status, 200);
    assert_eq!(server.accepted_ids(), ["a"]);
}

#[test]
fn a_late_reply_can_be_released() {
    let server = server(Fault::ReplyLate { after: Duration::from_hours(1) });
    let mut client = Client::connect(&server);
    client.send(&request("/", "", &events(&["a"])));
    assert!(server.wait_for(PATIENCE, |seen| seen.hanging == 1));
    assert_eq!(server.accepted_ids(), ["a"]);
    server.release();
    assert_eq!(client.reply().expect("a reply").status, 200);
}

#[test]
fn a_slow_read_pauses_before_each_piece_up_to_its_bound() {
    let pause = Duration::from_millis(5);
    let server = server(Fault::SlowRead { piece_bytes: 2, pause, pieces_max: 6 });
    let before = Instant::now();
    let reply = Client::connect(&server).post("/", "", &events(&["a", "b"])).expect("a reply");
    assert!(before.elapsed() >= pause * 6, "{:?}", before.elapsed());
    assert_eq!(reply.status, 200);
    assert_eq!(server.accepted_ids(), ["a", "b"]);
}

#[test]
fn half_of_the_events_is_the_first_half() {
    let server = server(Fault::TakeHalf { status: 503 });
    let reply = Client::connect(&server).post("/", "", &events(&["a", "b", "c"])).expect("a reply");
    assert_eq!(reply.status, 503);
    assert_eq!(server.accepted_ids(), ["a"]);
    goes_on(&server);
}

#[test]
fn some_of_the_events_are_the_first_ones() {
    let server = server(Fault::TakeSome { events: 2, status: 500 });
    let reply = Client::connect(&server).post("/", "", &events(&["a", "b", "c"])).expect("a reply");
    assert_eq!(reply.status, 500);
    assert_eq!(server.accepted_ids(), ["a", "b"]);
}

#[test]
fn a_garbage_reply_is_no_http_and_takes_nothing() {
    let server = server(Fault::GarbageReply);
    let mut client = Client::connect(&server);
    let error = client.post("/", "", &events(&["a"])).expect_err("no reply");
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    assert_eq!(server.accepted(), []);
    goes_on(&server);
}

#[test]
fn an_idle_connection_is_closed_after_a_reply_that_did_not_say_so() {
    let server = server(Fault::CloseIdle);
    let mut client = Client::connect(&server);
    let reply = client.post("/", "", &events(&["a"])).expect("a reply");
    assert_eq!(reply.status, 200);
    assert!(!reply.headers.contains("connection"), "{}", reply.headers);
    assert_eq!(client.end().expect("a clean end"), 0);
    assert_eq!(server.accepted_ids(), ["a"]);
}

#[test]
fn faults_happen_in_line_and_as_often_as_asked() {
    let server = FaultServer::start(CloudEvents::new()).expect("a port is free");
    server.inject_times(2, Fault::status(503));
    server.inject(Fault::status(429));
    assert!(server.wait_for(Duration::ZERO, |seen| seen.faults_left == 3));
    let mut client = Client::connect(&server);
    let mut post = || client.post("/", "", &events(&["a"])).expect("a reply").status;
    assert_eq!([post(), post(), post(), post()], [503, 503, 429, 200]);
    assert!(server.wait_for(Duration::ZERO, |seen| seen.faults_left == 0));
}

#[test]
fn a_fault_without_end_ends_when_it_is_cleared() {
    let server = FaultServer::start(CloudEvents::new()).expect("a port is free");
    server.inject_always(Fault::status(403));
    let mut client = Client::connect(&server);
    let mut post = || client.post("/", "", &events(&["a"])).expect("a reply").status;
    assert_eq!([post(), post(), post()], [403, 403, 403]);
    server.clear_faults();
    assert_eq!(post(), 200);
}

#[test]
fn a_fault_for_a_path_leaves_the_others_alone() {
    let server = FaultServer::start(CloudEvents::new()).expect("a port is free");
    server.inject_at("/there", 1, Fault::status(500));
    let mut client = Client::connect(&server);
    let mut post = |path| client.post(path, "", &events(&["a"])).expect("a reply").status;
    assert_eq!([post("/here"), post("/there?a=b"), post("/there")], [200, 500, 200]);
}
