//! One connection, used again and again, and bodies that arrive as they were.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::sync_channel;
use std::thread;

use tidings_fault_server::Fault;
use tidings_http_client::{Compression, REPLY_BYTES_MAX, Request};

use crate::support::{client, post, server};

#[test]
fn a_connection_is_used_for_all_requests() {
    let server = server();
    let mut client = client(&server.url()).build().expect("valid settings");
    for _ in 0..20 {
        assert!(post(&mut client).expect("an answer").is_success());
    }
    assert_eq!((server.requests().len(), server.connections()), (20, 1));
}

#[test]
fn a_connection_that_was_closed_meanwhile_is_replaced_without_a_double() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let (closed, is_closed) = sync_channel(0);
    let server = thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let request = answer_and_close(stream).expect("the client comes to an end");
            // When this is received, the end of the connection has been sent.
            if closed.send(request).is_err() {
                break;
            }
        }
    });
    let mut client = client(&url).build().expect("valid settings");
    for _ in 0..5 {
        assert!(post(&mut client).expect("an answer").is_success());
        assert!(is_closed.recv().expect("the server goes on").ends_with("[1]"));
    }
    drop(is_closed);
    assert!(post(&mut client).expect("an answer").is_success());
    server.join().expect("no double, no panic");
}

/// Answers one request, and closes the connection without having said so.
fn answer_and_close(mut stream: TcpStream) -> io::Result<String> {
    let mut request = String::new();
    let mut buffer = [0; 4096];
    while !request.ends_with("[1]") {
        let len = stream.read(&mut buffer)?;
        if len == 0 {
            break;
        }
        request.push_str(&String::from_utf8_lossy(&buffer[..len]));
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
    Ok(request)
}

#[test]
fn a_request_whose_connection_breaks_is_not_sent_again() {
    let server = server();
    let mut client = client(&server.url()).build().expect("valid settings");
    for fault in [Fault::ResetBefore, Fault::ResetAfter, Fault::GarbageReply] {
        server.inject(fault);
        assert!(post(&mut client).is_err());
    }
    assert_eq!(server.requests().len(), 3);
    assert!(post(&mut client).expect("an answer").is_success(), "the next one finds its way");
}

#[test]
fn a_body_of_any_number_of_pieces_arrives_as_one() {
    let server = server();
    let text = format!("\"{}\"", "x".repeat(300_000));
    for compression in [Compression::None, Compression::GZIP, Compression::Gzip { level: 9 }] {
        let builder = client(&server.url()).compression(compression);
        let mut client = builder.build().expect("valid settings");
        let whole = format!("[{text}]");
        let cases: [&[&[u8]]; 4] = [
            &[whole.as_bytes()],
            &[b"[", text.as_bytes(), b"]"],
            &[b"", b"[", b"", text.as_bytes(), b"]", b""],
            &[],
        ];
        for pieces in cases {
            let request = Request::new("application/json", pieces);
            client.post(request).expect("an answer");
            let seen = server.requests().pop().expect("it was just sent");
            assert_eq!(seen.body, pieces.concat(), "{compression:?}");
            let is_gzip = compression != Compression::None && !pieces.is_empty();
            assert_eq!(seen.header("content-encoding"), is_gzip.then_some("gzip"));
            assert_eq!(seen.header("transfer-encoding"), None);
            assert!(seen.header("content-length").is_some());
        }
    }
}

#[test]
fn headers_of_a_request_go_before_those_of_the_client() {
    let server = server();
    let mut client = client(&server.url())
        .user_agent("tests/1")
        .header("x-one", "client")
        .header("x-two", "client")
        .build()
        .expect("valid settings");
    let request =
        Request::new("text/plain", &[b"[]"]).headers(&[("x-two", "request")]).to("/a?b=c");
    client.post(request).expect("an answer");
    let seen = server.requests().pop().expect("it was just sent");
    assert_eq!(seen.path, "/a?b=c");
    for (name, value) in [
        ("user-agent", "tests/1"),
        ("content-type", "text/plain"),
        ("x-one", "client"),
        ("x-two", "request"),
    ] {
        assert_eq!(seen.header(name), Some(value), "{name}");
    }
}

#[test]
fn an_answer_that_is_too_long_is_cut_off_and_its_connection_given_up() {
    let server = server();
    let mut client = client(&server.url()).build().expect("valid settings");
    server.inject(Fault::refusal(400, "x".repeat(1_000_000)));
    let reply = post(&mut client).expect("an answer");
    assert_eq!((reply.status(), reply.is_complete()), (400, false));
    assert_eq!(reply.body().len(), REPLY_BYTES_MAX);
    assert!(post(&mut client).expect("an answer").is_success());
    assert_eq!(server.connections(), 2);
}
