//! The HTTP that clients may speak.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use tidings_fault_server::{CloudEvents, FaultServer, ProtocolReply, Recorded, Taking};

use crate::client::{Client, events, request};

fn server() -> FaultServer {
    FaultServer::start(CloudEvents::new()).expect("a port is free")
}

#[test]
fn a_connection_carries_one_request_after_the_other() {
    let server = server();
    let mut client = Client::connect(&server);
    for id in ["a", "b", "c"] {
        let reply = client.post("/events?x=1", "X-Mark: one\r\n", &events(&[id])).expect("a reply");
        assert_eq!(reply.status, 200);
    }
    assert_eq!(server.accepted_ids(), ["a", "b", "c"]);
    assert_eq!(server.connections(), 1);
    let requests = server.requests();
    assert!(requests.iter().all(|request| request.connection == 1), "{requests:?}");
    assert_eq!(requests[0].method, "POST");
    assert_eq!(requests[0].path, "/events?x=1");
    assert_eq!(requests[0].path_only(), "/events");
    assert_eq!(requests[0].query("x"), Some("1"));
    assert_eq!(requests[0].header("x-MARK"), Some("one"));
    assert_eq!(requests[0].text(), events(&["a"]));
}

#[test]
fn requests_may_follow_before_the_reply() {
    let server = server();
    let mut client = Client::connect(&server);
    let both = request("/", "", &events(&["a"])) + &request("/", "", &events(&["b"]));
    client.send(&both);
    assert_eq!(client.reply().expect("a reply").status, 200);
    assert_eq!(client.reply().expect("a second reply").status, 200);
    assert_eq!(server.accepted_ids(), ["a", "b"]);
}

#[test]
fn each_connection_has_its_number() {
    let server = server();
    for id in ["a", "b"] {
        Client::connect(&server).post("/", "", &events(&[id])).expect("a reply");
    }
    let numbers: Vec<_> = server.requests().iter().map(|request| request.connection).collect();
    assert_eq!(numbers, [1, 2]);
}

#[test]
fn a_body_may_come_in_chunks() {
    let server = server();
    let mut client = Client::connect(&server);
    client.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send("3\r\n[{\"\r\nA;mark=1\r\nid\":\"one\"}\r\n1\r\n]\r\n0\r\ntrailer: x\r\n\r\n");
    assert_eq!(client.reply().expect("a reply").status, 200);
    assert_eq!(client.post("/", "", &events(&["two"])).expect("a reply").status, 200);
    assert_eq!(server.accepted_ids(), ["one", "two"]);
}

#[test]
fn a_compressed_body_is_recorded_as_it_was_before() {
    let server = server();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(events(&["a", "b"]).as_bytes()).expect("memory takes bytes");
    let body = encoder.finish().expect("memory takes bytes");
    let mut client = Client::connect(&server);
    client.send(&format!(
        "POST / HTTP/1.1\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        body.len()
    ));
    client.send_bytes(&body);
    assert_eq!(client.reply().expect("a reply").status, 200);
    assert_eq!(server.accepted_ids(), ["a", "b"]);
    assert_eq!(server.requests()[0].text(), events(&["a", "b"]));
}

#[test]
fn a_body_is_asked_for_where_the_client_waits_to_be_asked() {
    let server = server();
    let mut client = Client::connect(&server);
    let body = events(&["a"]);
    client.send(&format!(
        "POST / HTTP/1.1\r\nExpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    ));
    assert_eq!(client.reply().expect("the body is asked for").status, 100);
    client.send(&body);
    assert_eq!(client.reply().expect("a reply").status, 200);
}

#[test]
fn a_connection_ends_when_the_client_says_so() {
    let server = server();
    let mut client = Client::connect(&server);
    client.post("/", "connection: close\r\n", &events(&["a"])).expect("a reply");
    assert_eq!(client.end().expect("a clean end"), 0);
}

#[test]
fn what_is_no_http_ends_the_connection_and_is_not_recorded() {
    let server = server();
    let mut client = Client::connect(&server);
    client.send("what is this\r\n\r\n");
    assert!(matches!(client.end(), Ok(0) | Err(_)));
    assert_eq!(server.requests(), []);
}

#[test]
fn a_request_that_breaks_off_brings_nothing() {
    let server = server();
    let mut client = Client::connect(&server);
    client.send("POST / HTTP/1.1\r\ncontent-length: 100\r\n\r\n[{\"id\":");
    drop(client);
    assert!(
        server.wait_for(crate::client::PATIENCE, |seen| seen.connections == 1 && seen.open == 0)
    );
    assert_eq!(server.requests(), []);
    assert_eq!(server.accepted(), []);
}

#[test]
fn a_function_is_a_protocol() {
    let mut count = 0;
    let server = FaultServer::start(move |request: &Recorded, taking: Taking| {
        count += 1;
        let status = if request.path_only() == "/missing" { 404 } else { 200 };
        ProtocolReply::new(status).with_body(format!("{count} {} {taking:?}", request.path))
    });
    let server = server.expect("a port on loopback");
    let mut client = Client::connect(&server);
    let mut get = |path: &str| {
        client.send(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n"));
        let reply = client.reply().expect("a reply");
        (reply.status, reply.body)
    };
    assert_eq!(get("/a?b"), (200, "1 /a?b All".to_owned()));
    assert_eq!(get("/missing"), (404, "2 /missing All".to_owned()));
    assert_eq!(server.requests().len(), 2);
    assert_eq!(server.accepted(), []);
}
