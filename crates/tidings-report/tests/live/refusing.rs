//! Who is not served, and is told why.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use tidings_report::{Live, LiveError};
use tidings_testrun::RunEmitter;

use crate::support::{Scene, Stream, ask, builder, connect, get};

#[test]
fn a_foreign_name_is_refused_and_own_ones_are_not() {
    let scene = Scene::new();
    let status =
        |host: &str| ask(&scene.live, &format!("GET / HTTP/1.0\r\nHost: {host}\r\n\r\n")).0;
    for host in ["localhost", "LOCALHOST:80", "127.0.0.1:1", "[::1]", "10.9.8.7:7357"] {
        assert_eq!(status(host), 200, "{host}");
    }
    for host in ["evil.example", "localhost.evil.example", "", "a b", "127.0.0.1.nip.example"] {
        assert_eq!(status(host), 403, "{host}");
    }
}

#[test]
fn a_name_must_be_said_once_and_everywhere_the_same() {
    let scene = Scene::new();
    for request in [
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        "GET http://evil.example/ HTTP/1.0\r\nHost: localhost\r\n\r\n",
    ] {
        assert_eq!(ask(&scene.live, request).0, 403, "{request}");
    }
}

#[test]
fn what_is_not_there_and_what_is_not_done_is_told_in_plain_text() {
    let scene = Scene::new();
    let (status, answer) = get(&scene.live, "/../etc/passwd", "");
    assert_eq!(status, 404);
    assert!(answer.contains("content-type: text/plain; charset=utf-8\r\n"), "{answer}");
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "FROB"] {
        let request = format!("{method} / HTTP/1.0\r\nHost: localhost\r\n\r\n");
        let (status, answer) = ask(&scene.live, &request);
        assert_eq!(status, 405, "{method}");
        assert!(answer.contains("allow: GET, HEAD\r\n"), "{answer}");
    }
}

#[test]
fn a_request_with_a_body_is_refused() {
    let scene = Scene::new();
    assert_eq!(get(&scene.live, "/", "Content-Length: 1000000\r\n").0, 413);
    let chunked = "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(ask(&scene.live, chunked).0, 413);
    assert_eq!(get(&scene.live, "/", "Content-Length: 0\r\n").0, 200);
}

#[test]
fn the_page_of_another_origin_gets_no_stream_and_no_numbers() {
    let scene = Scene::new();
    for path in ["/events", "/summary.json"] {
        for site in ["cross-site", "same-site"] {
            let header = format!("Sec-Fetch-Site: {site}\r\n");
            assert_eq!(get(&scene.live, path, &header).0, 403, "{path} {site}");
        }
    }
    assert_eq!(get(&scene.live, "/summary.json", "Sec-Fetch-Site: same-origin\r\n").0, 200);
    // A link on another page may lead here.
    assert_eq!(get(&scene.live, "/", "Sec-Fetch-Site: cross-site\r\n").0, 200);
}

#[test]
fn a_head_that_is_too_long_is_refused() {
    let scene = Scene::new();
    let header = format!("X: {}\r\n", "x".repeat(7_000));
    assert_eq!(get(&scene.live, "/", &header).0, 200);
    assert_eq!(get(&scene.live, "/", &header.repeat(3)).0, 431);
}

#[test]
fn a_head_that_does_not_come_ends_the_connection() {
    let scene = Scene::with(builder().stall_max(Duration::from_millis(50)));
    let mut socket = connect(&scene.live);
    socket.write_all(b"GET / HTTP/1.1\r\nHost: loc").expect("it is written");
    let mut answer = Vec::new();
    let read = socket.read_to_end(&mut answer);
    assert!(read.is_err() || !answer.starts_with(b"HTTP/1.1 200"), "{read:?}");
}

#[test]
fn one_connection_too_many_is_told_so_and_served_when_another_has_gone() {
    let scene = Scene::with(builder().connections_max(2).keep_alive(Duration::from_millis(5)));
    let run = RunEmitter::start(&scene.bus, "nightly");
    let mut streams = [0, 1].map(|_| Stream::open(&scene.live, None));
    for stream in &mut streams {
        assert_eq!(stream.next().expect("a model").name, "model");
    }
    assert_eq!(get(&scene.live, "/", "").0, 503);
    let [kept, gone] = streams;
    drop(gone);
    // The server learns of it when it next writes there.
    let deadline = std::time::Instant::now() + crate::support::PATIENCE;
    while get(&scene.live, "/", "").0 == 503 {
        assert!(std::time::Instant::now() < deadline, "the place is not given back");
    }
    drop(kept);
    run.success();
}

#[test]
fn an_address_that_is_taken_is_told_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address");
    let fault = Live::builder().listen(address.to_string()).start().expect_err("it is taken");
    assert!(matches!(fault, LiveError::Bind { .. }), "{fault:?}");
    let told = fault.to_string();
    let expected = format!(
        "failed to listen on `{address}`: something else listens there, so choose another port, \
         or 0 for any free one"
    );
    assert_eq!(told, expected);
    assert!(std::error::Error::source(&fault).is_some());
}

#[test]
fn an_address_that_is_none_is_told_with_what_to_do() {
    for (listen, expected) in [
        ("http://x", "`http://x` is no address to listen on: write `host:port`"),
        ("192.0.2.1:0", "failed to listen on `192.0.2.1:0`: it is no address of this machine"),
    ] {
        let fault = Live::builder().listen(listen).start().expect_err("it is wrong");
        assert!(fault.to_string().contains(expected), "{fault}");
    }
}
