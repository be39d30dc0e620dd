//! What arrives at the server.

use tidings_core::Envelope;
use tidings_delivery::{Outcome, Sink as _, Then, Unencodable};
use tidings_fault_server::{Fault, FaultServer, JsonArray};
use tidings_http::{Compression, Encoder, Encoding, Frame, Optics};

use crate::support::{event, ids, load, send, server, sink};

#[test]
fn a_batch_is_one_post_of_cloud_events_over_one_connection() {
    let server = server();
    let url = format!("{}/events?source=tests", server.url());
    let mut sink = sink(&url).build().expect("valid settings");
    assert_eq!(send(&mut sink, 0..3), Outcome::delivered());
    assert_eq!(send(&mut sink, 3..4), Outcome::delivered());

    assert_eq!(server.accepted_ids(), ids(0..4));
    assert_eq!((server.requests().len(), server.connections()), (2, 1));
    let first = &server.requests()[0];
    assert_eq!((&*first.method, &*first.path), ("POST", "/events?source=tests"));
    let content_type = "application/cloudevents-batch+json; charset=UTF-8";
    assert_eq!(first.header("content-type"), Some(content_type));
}

#[test]
fn every_event_arrives_byte_for_byte_in_its_brackets() {
    let server = server();
    let mut expected = String::new();
    for number in 0..3 {
        expected.push_str(if number == 0 { "[" } else { "," });
        tidings_core::wire::write_event(&event(number), Some(number), &mut expected)
            .expect("it has a form");
    }
    expected.push(']');
    for compression in [Compression::None, Compression::GZIP] {
        let mut sink = sink(&server.url()).compression(compression).build().expect("valid");
        assert_eq!(send(&mut sink, 0..3), Outcome::delivered());
        let seen = server.requests().pop().expect("it was just sent");
        assert_eq!(seen.text(), expected, "{compression:?}");
    }
}

#[test]
fn the_key_of_a_batch_is_the_same_for_each_attempt_at_the_same_events() {
    let server = server();
    let mut sink = sink(&server.url()).build().expect("valid settings");
    let (one, other) = (load(&mut sink, 0..3), load(&mut sink, 0..2));
    server.inject(Fault::status(503));
    let batches = [one.batch(1, 1), one.batch(2, 2), other.batch(3, 1)];
    let taken = batches.each_ref().map(|batch| sink.send(batch).taken(batch.len()));
    assert_eq!(taken, [0, 3, 2]);
    let keys: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.header("idempotency-key").expect("there is one").to_owned())
        .collect();
    assert_eq!(keys[0], one.batch(1, 1).idempotency_key());
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[1], keys[2]);
}

#[test]
fn optics_gets_an_array_of_its_own_objects() {
    let server = FaultServer::start(JsonArray::new().id_pointer("/eventName")).expect("a port");
    let url = format!("{}/v1/event/batchevent", server.url());
    let mut sink = sink(&url).encoding(Encoding::Optics(Optics::new())).build().expect("valid");
    assert_eq!(send(&mut sink, 0..2), Outcome::delivered());
    assert_eq!(server.accepted_ids(), ["started", "started"]);
    let seen = server.requests().pop().expect("it was just sent");
    assert_eq!(seen.path, "/v1/event/batchevent");
    assert_eq!(seen.header("content-type"), Some("application/json"));
}

/// The data of each event on a line of its own.
struct Lines(Frame);

impl Encoder for Lines {
    fn content_type(&self) -> &'static str {
        "application/x-ndjson"
    }

    fn frame(&self) -> Frame {
        self.0
    }

    fn encode(&mut self, event: &Envelope, _: u64, out: &mut String) -> Result<(), Unencodable> {
        match event.data() {
            Ok(r#"{"n":1}"#) => Err(Unencodable::new("nobody wants number one")),
            Ok(data) => {
                out.push_str(data);
                Ok(())
            }
            Err(fault) => Err(Unencodable::new(fault.to_string())),
        }
    }
}

#[test]
fn an_encoder_of_ones_own_makes_the_whole_body() {
    let server = server();
    for (frame, body) in [
        (Frame::new("", "\n", "\n"), "{\"n\":2}\n{\"n\":3}\n"),
        (Frame::new("<", "", ">"), "<{\"n\":2}{\"n\":3}>"),
        (Frame::new("", ", ", ""), "{\"n\":2}, {\"n\":3}"),
    ] {
        let mut sink = sink(&server.url()).encoder(Lines(frame)).build().expect("valid settings");
        assert!(matches!(send(&mut sink, 2..4).then(), Then::Split { .. }), "no JSON array");
        let seen = server.requests().pop().expect("it was just sent");
        assert_eq!(seen.text(), body);
        assert_eq!(seen.header("content-type"), Some("application/x-ndjson"));
    }
}

#[test]
fn an_event_without_a_form_leaves_no_trace_in_the_body() {
    let server = server();
    let lines = Lines(Frame::JSON_ARRAY);
    let mut sink = sink(&server.url()).encoder(lines).build().expect("valid settings");
    let mut load = load(&mut sink, 0..1);
    let fault = load.push(&mut sink, event(1), 1).unwrap_err();
    assert_eq!(fault.to_string(), "nobody wants number one");
    load.push(&mut sink, event(2), 2).expect("it has a form");
    assert_eq!(sink.send(&load.batch(1, 1)), Outcome::delivered());
    assert_eq!(server.requests()[0].text(), "[{\"n\":0},{\"n\":2}]");
}
