//! Requests without an answer, and answers that come late or not at all.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use tidings_delivery::{Outcome, Then};
use tidings_fault_server::Fault;
use tidings_http_client::{Request, outcome_of_failure};

use crate::support::{client, post, server};

/// Far less than a test may take, far more than a request on this machine does.
const SHORT: Duration = Duration::from_millis(300);

fn is_retry(outcome: &Outcome) -> bool {
    matches!(outcome.then(), Then::Retry { .. })
}

#[test]
fn a_server_that_hangs_is_left_when_the_time_is_over() {
    let server = server();
    let mut client = client(&server.url()).timeout(SHORT).build().expect("valid settings");
    for fault in [Fault::HangBefore, Fault::HangAfter] {
        server.inject(fault);
        let begin = Instant::now();
        let failure = post(&mut client).unwrap_err();
        assert!(failure.is_timeout(), "{failure}");
        assert!(begin.elapsed() >= SHORT, "{:?}", begin.elapsed());
        assert!(is_retry(&outcome_of_failure(&failure)));
        server.release();
    }
    assert!(post(&mut client).expect("an answer").is_success(), "the next one has a new time");
}

#[test]
fn a_server_that_reads_slowly_is_left_when_the_time_is_over() {
    // It takes connections, and never reads.
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let mut client = client(&url).timeout(SHORT).build().expect("valid settings");
    let body = vec![b'x'; 64 * 1024 * 1024];
    let failure = client.post(Request::new("text/plain", &[b"[", &body])).unwrap_err();
    assert!(failure.is_timeout(), "{failure}");
}

#[test]
fn a_server_that_is_not_there_is_named_by_its_place() {
    let server = server();
    let url = server.url();
    server.stop();
    let mut client = client(&format!("{url}/path?secret=1")).build().expect("valid settings");
    let failure = post(&mut client).unwrap_err();
    assert!(failure.is_connection(), "{failure:?}");
    assert_eq!(failure.to_string(), format!("no connection to {url}: connection refused"));
    assert!(is_retry(&outcome_of_failure(&failure)));
}

#[test]
fn a_name_that_is_not_found_is_a_failure_that_may_pass() {
    let mut client = client("http://no-such-host.invalid/").build().expect("valid settings");
    let failure = post(&mut client).unwrap_err();
    assert!(failure.is_name() || failure.is_timeout(), "{failure:?}");
    assert!(is_retry(&outcome_of_failure(&failure)));
}

#[test]
fn a_reset_is_a_failure_of_the_connection() {
    let server = server();
    let mut client = client(&server.url()).build().expect("valid settings");
    server.inject(Fault::ResetBefore);
    let failure = post(&mut client).unwrap_err();
    assert!(failure.is_connection(), "{failure:?}");
    assert!(is_retry(&outcome_of_failure(&failure)));
}

#[test]
fn an_answer_that_is_not_http_is_said_to_be_none() {
    let server = server();
    let mut client = client(&server.url()).build().expect("valid settings");
    server.inject(Fault::GarbageReply);
    let failure = post(&mut client).unwrap_err();
    assert!(failure.is_protocol(), "{failure:?}");
    assert!(is_retry(&outcome_of_failure(&failure)));
}

#[test]
fn a_status_is_an_answer_with_the_pause_it_asks_for() {
    let server = server();
    let mut client = client(&server.url()).build().expect("valid settings");
    server.inject(Fault::retry_after(429, 4));
    let reply = post(&mut client).expect("an answer");
    assert_eq!((reply.status(), reply.retry_after()), (429, Some(Duration::from_secs(4))));
}

#[test]
fn a_status_counts_even_when_the_rest_of_the_answer_never_comes() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let mut client = client(&url).timeout(SHORT).build().expect("valid settings");
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the client comes");
        let head = b"HTTP/1.1 202 Accepted\r\ncontent-length: 100\r\n\r\nso far";
        stream.write_all(head).map(|()| stream)
    });
    let reply = post(&mut client).expect("an answer");
    assert_eq!((reply.status(), reply.is_complete(), reply.body()), (202, false, &b"so far"[..]));
    drop(server.join());
}

/// Reads the beginning of one request, answers, and closes the connection.
fn answer_early(answer: &'static [u8]) -> (String, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the client comes");
        let mut beginning = [0; 512];
        stream.read_exact(&mut beginning).expect("there is more than that");
        stream.write_all(answer).expect("the client is there");
    });
    (url, server)
}

#[test]
fn a_refusal_that_comes_before_the_end_of_a_request_is_an_answer() {
    let (url, server) = answer_early(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno");
    let mut client = client(&url).build().expect("valid settings");
    let body = vec![b'x'; 64 * 1024 * 1024];
    let reply = client.post(Request::new("text/plain", &[b"[", &body])).expect("an answer");
    assert_eq!((reply.status(), reply.body()), (413, &b"no"[..]));
    server.join().expect("the server is well");
}

#[test]
fn a_success_that_comes_before_the_end_of_a_request_is_none() {
    let (url, server) = answer_early(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let mut client = client(&url).build().expect("valid settings");
    let body = vec![b'x'; 64 * 1024 * 1024];
    let failure = client.post(Request::new("text/plain", &[b"[", &body])).unwrap_err();
    assert!(failure.is_connection(), "{failure:?}");
    assert!(failure.to_string().contains("before it had all of the request"), "{failure}");
    server.join().expect("the server is well");
}
