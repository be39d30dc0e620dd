//! What the collector is sent.

use tidings_delivery::{Outcome, Sink};
use tidings_fault_server::{Fault, FaultServer, Hec};
use tidings_splunk::{Compression, SplunkSink, TokenSource};

use crate::support::{TOKEN, builder, id, ids, send, sink};

#[test]
fn a_batch_is_one_post_of_envelopes_with_token_and_user_agent() {
    let server = FaultServer::start(Hec::new().token(TOKEN)).unwrap();
    let mut sink = sink(&server);
    assert_eq!(send(&mut sink, 0..3), Outcome::delivered());
    assert_eq!(server.accepted_ids(), ids(0..3));

    let [request] = &server.requests()[..] else { panic!("one request is expected") };
    assert_eq!((&*request.method, &*request.path), ("POST", "/services/collector/event"));
    assert_eq!(request.header("authorization"), Some(&*format!("Splunk {TOKEN}")));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("x-splunk-request-channel"), None);
    let user_agent = request.header("user-agent").expect("there is one");
    assert_eq!(user_agent, concat!("tidings-splunk/", env!("CARGO_PKG_VERSION")));
    let event = &server.accepted()[1].json;
    assert!(event.starts_with(r#"{"time":1795230202.119948123,"host":"lab-3","#), "{event}");
}

#[test]
fn batches_go_over_one_connection() {
    let server = FaultServer::start(Hec::new()).unwrap();
    let mut sink = sink(&server);
    for first in [0, 5, 10] {
        assert_eq!(send(&mut sink, first..first + 5), Outcome::delivered());
    }
    assert_eq!(server.accepted_ids(), ids(0..15));
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_compressed_batch_arrives_whole() {
    let server = FaultServer::start(Hec::new()).unwrap();
    let mut sink = builder(&server).compression(Compression::GZIP).build().unwrap();
    assert_eq!(send(&mut sink, 0..100), Outcome::delivered());
    assert_eq!(server.accepted_ids(), ids(0..100));
    assert_eq!(server.requests()[0].header("content-encoding"), Some("gzip"));
}

#[test]
fn labels_and_headers_are_sent_as_configured() {
    let server = FaultServer::start(Hec::new()).unwrap();
    let builder = builder(&server).index("tests").source("nightly").sourcetype("_json").host("h1");
    let mut sink = builder.header("X-Tenant", "blue").build().unwrap();
    assert_eq!(send(&mut sink, 0..1), Outcome::delivered());
    assert_eq!(server.requests()[0].header("x-tenant"), Some("blue"));
    let event = &server.accepted()[0].json;
    let labels = r#""host":"h1","source":"nightly","sourcetype":"_json","index":"tests","#;
    assert!(event.contains(labels), "{event}");
}

#[test]
fn blank_labels_are_the_defaults() {
    let server = FaultServer::start(Hec::new()).unwrap();
    let builder = builder(&server).index("").source(" ").sourcetype("").host("");
    assert_eq!(send(&mut builder.build().unwrap(), 0..1), Outcome::delivered());
    let event = &server.accepted()[0].json;
    let labels = r#""host":"lab-3","source":"/run-7/lab-3/suite/a/case/t0","sourcetype":"tidings:event","event""#;
    assert!(event.contains(labels), "{event}");
}

#[test]
fn the_health_check_asks_without_sending_anything() {
    let server = FaultServer::start(Hec::new()).unwrap();
    let mut sink = sink(&server);
    assert_eq!(sink.check(), Ok(()));
    assert_eq!(server.requests()[0].path, "/services/collector/health");

    let ill = Fault::hec(503, 18, "HEC is unhealthy, queues are full");
    server.inject_at("/services/collector/health", 1, ill);
    let fault = sink.check().unwrap_err();
    assert_eq!(
        fault,
        "the health check failed: splunk answered 503 with code 18, HEC is unhealthy, queues are full"
    );
    server.stop();
    assert!(sink.check().unwrap_err().starts_with("the health check failed: "));
}

#[test]
fn a_token_that_was_replaced_is_read_again_and_the_batch_sent_once_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "the-old-token\n").unwrap();
    let server = FaultServer::start(Hec::new().token(TOKEN)).unwrap();
    let builder = builder(&server).token(TokenSource::File(path.clone()));
    let mut sink = builder.build().unwrap();
    std::fs::write(&path, format!("{TOKEN}\n")).unwrap();
    assert_eq!(send(&mut sink, 0..3), Outcome::delivered());
    assert_eq!(server.accepted_ids(), ids(0..3));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_token_that_is_refused_and_unchanged_is_not_tried_again_at_once() {
    let server = FaultServer::start(Hec::new().token("another")).unwrap();
    let outcome = send(&mut sink(&server), 0..3);
    let reason = "splunk answered 403 with code 4, Invalid token: Splunk does not know the token: \
                  check where it is read from";
    assert_eq!(outcome, Outcome::hold(reason));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn settings_that_cannot_be_used_are_named_by_their_key() {
    let key = |builder: tidings_splunk::SplunkSinkBuilder| {
        builder.environment(|_| None).build().unwrap_err().key()
    };
    assert_eq!(key(SplunkSink::builder("")), "url");
    assert_eq!(key(SplunkSink::builder("splunk.example:8088")), "url");
    let missing = TokenSource::Env("NO_SUCH_TOKEN".to_owned());
    assert_eq!(key(SplunkSink::builder("http://splunk.example").token(missing)), "token_env");
}

#[test]
fn an_event_is_known_by_its_id_when_it_arrives_twice() {
    let server = FaultServer::start(Hec::new()).unwrap();
    let mut sink = sink(&server);
    server.inject(Fault::ResetAfter);
    let outcome = send(&mut sink, 4..5);
    assert_eq!(outcome.taken(1), 0, "{outcome:?}");
    assert_eq!(send(&mut sink, 4..5), Outcome::delivered());
    assert_eq!(server.accepted_ids(), [id(4), id(4)]);
    assert_eq!(server.accepted()[0], server.accepted()[1]);
}
