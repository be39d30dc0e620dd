//! Answers with a status of success that the event collector did not give.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use tidings_delivery::{Outcome, Secret, Sink, Then};
use tidings_fault_server::{Fault, FaultServer, Hec};
use tidings_splunk::{SplunkSink, TokenSource};

use crate::support::{TOKEN, builder, ids, reason, send, sink};

const ACK: &str = "/services/collector/ack";
const PORTAL: &str = "<html>Log in to the wireless network</html>";

fn acknowledging(server: &FaultServer) -> SplunkSink {
    builder(server).acknowledge(true).build().expect("the settings are in order")
}

#[track_caller]
fn assert_sent_again(outcome: &Outcome) {
    assert!(matches!(outcome.then(), Then::Retry { .. }), "{outcome:?}");
    assert_eq!((outcome.taken(3), outcome.warning()), (0, None), "{outcome:?}");
}

/// Answers one post with these bytes, and closes the connection.
fn answering(answer: &'static str) -> (String, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the sink comes");
        read_post(&stream);
        stream.write_all(answer.as_bytes()).expect("the sink is there");
    });
    (url, server)
}

fn read_post(stream: &TcpStream) {
    let mut reader = BufReader::new(stream);
    let mut len = 0;
    let mut line = String::new();
    while reader.read_line(&mut line).expect("a head") > "\r\n".len() {
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            len = value.trim().parse().expect("a number");
        }
        line.clear();
    }
    reader.read_exact(&mut vec![0; len]).expect("a body");
}

#[test]
fn a_login_page_in_between_takes_nothing() {
    let server = FaultServer::start(Hec::new().acknowledge()).unwrap();
    for mut sink in [sink(&server), acknowledging(&server)] {
        server.inject(Fault::refusal(200, PORTAL));
        let outcome = send(&mut sink, 0..3);
        assert_sent_again(&outcome);
        assert_eq!(
            reason(&outcome),
            "splunk answered 200 with something that is no answer of the event collector: \
             <html>Log in to the wireless network</html>: check `url`"
        );
    }
    let mut sink = acknowledging(&server);
    server.inject(Fault::refusal(200, PORTAL));
    assert_sent_again(&send(&mut sink, 0..3));
    assert_eq!(send(&mut sink, 0..3), Outcome::unconfirmed(), "acknowledgement goes on");
    assert_eq!(server.accepted_ids(), ids(0..3));
}

#[test]
fn json_that_is_not_the_collectors_takes_nothing() {
    let server = FaultServer::start(Hec::new()).unwrap();
    for body in ["{}", r#"{"status":"ok"}"#, r#"{"code":"0"}"#, r#"{"code":17}"#, "\"OK\"", "[]"] {
        server.inject_times(2, Fault::refusal(200, body));
        assert_sent_again(&send(&mut sink(&server), 0..3));
        assert_sent_again(&send(&mut acknowledging(&server), 0..3));
    }
}

#[test]
fn an_answer_that_is_cut_off_takes_nothing() {
    // The second one has all of the words, and not all of the bytes that it promised.
    for (answer, words) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 27\r\n\r\n{\"text\":\"Succ", "{\"text\":\"Succ"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"text\":\"Success\",\"code\":0}",
            "Success",
        ),
        ("HTTP/1.1 200 OK\r\ncontent-length: 27\r\n\r\n", "missing"),
    ] {
        for acknowledge in [false, true] {
            let (url, server) = answering(answer);
            let mut sink = SplunkSink::builder(&url)
                .token(TokenSource::Fixed(Secret::new(TOKEN)))
                .environment(|_| None)
                .acknowledge(acknowledge)
                .build()
                .expect("the settings are in order");
            let outcome = send(&mut sink, 0..3);
            assert_sent_again(&outcome);
            assert!(reason(&outcome).contains(words), "{outcome:?}");
            server.join().expect("the server is well");
        }
    }
}

#[test]
fn an_empty_answer_takes_all_unless_acknowledgement_was_asked_for() {
    let server = FaultServer::start(Hec::new()).unwrap();
    for status in [200, 204] {
        server.inject_times(2, Fault::status(status));
        assert_eq!(send(&mut sink(&server), 0..3), Outcome::delivered());
        let outcome = send(&mut acknowledging(&server), 0..3);
        assert_sent_again(&outcome);
        assert!(reason(&outcome).contains("`acknowledge = false`"), "{outcome:?}");
    }
}

#[test]
fn a_code_counts_whatever_else_is_wrong_in_the_answer() {
    let server = FaultServer::start(Hec::new()).unwrap();
    for number in ["-1", "\"1\""] {
        let body = format!(r#"{{"text":"No data","code":5,"invalid-event-number":{number}}}"#);
        server.inject(Fault::refusal(503, body));
        let outcome = send(&mut sink(&server), 0..3);
        assert!(matches!(outcome.then(), Then::Hold { .. }), "{outcome:?}");
        let body = format!(r#"{{"text":7,"code":0,"invalid-event-number":{number}}}"#);
        server.inject(Fault::refusal(200, body));
        assert_eq!(send(&mut sink(&server), 0..3), Outcome::delivered());
    }
}

#[test]
fn a_question_for_acknowledgement_that_another_answers_is_told_when_the_time_is_over() {
    let server = FaultServer::start(Hec::new().acknowledge()).unwrap();
    let impatient = builder(&server).acknowledge(true).ack_timeout(Duration::ZERO);
    let mut sink = impatient.build().expect("the settings are in order");
    assert_eq!(send(&mut sink, 0..3), Outcome::unconfirmed());
    server.inject_at(ACK, 1, Fault::refusal(200, PORTAL));
    let confirmations = sink.confirm();
    let told = reason(&confirmations[0].outcome);
    assert!(told.contains("no answer of the event collector: <html>"), "{told}");
}

#[test]
fn a_health_check_that_another_answers_fails() {
    let server = FaultServer::start(Hec::new()).unwrap();
    server.inject_at("/services/collector/health", 1, Fault::refusal(200, PORTAL));
    let fault = sink(&server).check().unwrap_err();
    assert!(fault.contains("no answer of the event collector: <html>"), "{fault}");
    assert!(fault.ends_with("check `url`"), "{fault}");
}
