//! Indexer acknowledgement.

use std::time::Duration;

use tidings_delivery::{Confirmation, Outcome, Sink, Then};
use tidings_fault_server::{Fault, FaultServer, Hec, Recorded};
use tidings_splunk::{ACK_POLL_DEFAULT, ACK_POLL_MIN, SplunkSink, UNCONFIRMED_MAX};

use crate::support::{builder, ids, reason, send, sink};

const ACK: &str = "/services/collector/ack";

fn acknowledging(server: &FaultServer) -> SplunkSink {
    builder(server).acknowledge(true).build().expect("the settings are in order")
}

/// One that has no time to wait for a confirmation.
fn impatient(server: &FaultServer) -> SplunkSink {
    let builder = builder(server).acknowledge(true).ack_timeout(Duration::ZERO);
    builder.build().expect("the settings are in order")
}

fn confirmed(confirmations: &[Confirmation]) -> Vec<(u64, &Outcome)> {
    confirmations.iter().map(|confirmed| (confirmed.batch, &confirmed.outcome)).collect()
}

fn questions(server: &FaultServer) -> Vec<Recorded> {
    server.requests().into_iter().filter(|request| request.path_only() == ACK).collect()
}

fn success(ack: u64) -> Fault {
    Fault::refusal(200, format!(r#"{{"text":"Success","code":0,"ackId":{ack}}}"#))
}

#[test]
fn one_question_confirms_all_batches_that_wait() {
    let server = FaultServer::start(Hec::new().acknowledge()).unwrap();
    let mut sink = acknowledging(&server);
    for first in [0, 5, 10] {
        assert_eq!(send(&mut sink, first..first + 5), Outcome::unconfirmed());
    }
    let delivered = Outcome::delivered();
    let expected = [(0, &delivered), (5, &delivered), (10, &delivered)];
    assert_eq!(confirmed(&sink.confirm()), expected);
    assert_eq!(server.accepted_ids(), ids(0..15));

    let [question] = &questions(&server)[..] else { panic!("one question is expected") };
    assert_eq!(question.text(), r#"{"acks":[0,1,2]}"#);
    let channel = question.query("channel").expect("it is named");
    assert_eq!((channel.len(), channel.matches('-').count()), (36, 4), "{channel}");
    for request in server.requests() {
        assert_eq!(request.header("x-splunk-request-channel"), Some(channel));
    }
}

#[test]
fn nothing_is_asked_while_nothing_waits() {
    let server = FaultServer::start(Hec::new().acknowledge()).unwrap();
    let mut sink = acknowledging(&server);
    assert!(sink.confirm().is_empty());
    assert_eq!(send(&mut sink, 0..5), Outcome::unconfirmed());
    assert_eq!(sink.confirm().len(), 1);
    assert!(sink.confirm().is_empty());
    assert_eq!(questions(&server).len(), 1);
}

#[test]
fn a_batch_that_is_not_indexed_yet_is_asked_for_again() {
    let server = FaultServer::start(Hec::new().ack_after(3)).unwrap();
    let mut sink = acknowledging(&server);
    assert_eq!(send(&mut sink, 0..5), Outcome::unconfirmed());
    assert!(sink.confirm().is_empty());
    assert!(sink.confirm().is_empty());
    assert_eq!(confirmed(&sink.confirm()), [(0, &Outcome::delivered())]);
}

#[test]
fn every_sink_has_a_channel_of_its_own() {
    let server = FaultServer::start(Hec::new().acknowledge()).unwrap();
    let (mut first, mut second) = (acknowledging(&server), acknowledging(&server));
    assert_eq!(send(&mut first, 0..1), Outcome::unconfirmed());
    assert_eq!(send(&mut second, 1..2), Outcome::unconfirmed());
    let channel = |index: usize| {
        let requests = server.requests();
        requests[index].header("x-splunk-request-channel").map(str::to_owned)
    };
    assert_ne!(channel(0), channel(1));
}

#[test]
fn a_batch_that_is_never_indexed_is_sent_again() {
    let server = FaultServer::start(Hec::new().never_ack()).unwrap();
    let mut sink = impatient(&server);
    assert_eq!(send(&mut sink, 0..5), Outcome::unconfirmed());
    let confirmations = sink.confirm();
    let [(0, outcome)] = confirmed(&confirmations)[..] else { panic!("{confirmations:?}") };
    assert_eq!(*outcome, Outcome::retry("splunk did not say in time that it indexed the batch"));
    assert!(sink.confirm().is_empty(), "it is said once");
}

#[test]
fn a_question_that_fails_never_makes_a_batch_delivered() {
    let fail: [fn(&FaultServer); 5] = [
        |server| server.inject_at(ACK, 9, Fault::status(503)),
        |server| server.inject_at(ACK, 9, Fault::hec(403, 4, "Invalid token")),
        |server| server.inject_at(ACK, 9, Fault::refusal(200, "<html>true</html>")),
        |server| server.inject_at(ACK, 9, Fault::ResetBefore),
        FaultServer::stop,
    ];
    for (case, fail) in fail.into_iter().enumerate() {
        let server = FaultServer::start(Hec::new().acknowledge()).unwrap();
        let (mut patient, mut impatient) = (acknowledging(&server), impatient(&server));
        assert_eq!(send(&mut patient, 0..5), Outcome::unconfirmed());
        assert_eq!(send(&mut impatient, 0..5), Outcome::unconfirmed());
        fail(&server);
        assert!(patient.confirm().is_empty(), "case {case}: it stays unconfirmed");
        let confirmations = impatient.confirm();
        let [(0, outcome)] = confirmed(&confirmations)[..] else { panic!("{confirmations:?}") };
        assert!(matches!(outcome.then(), Then::Retry { .. }), "case {case}: {outcome:?}");
        if case < 2 {
            assert!(reason(outcome).contains("splunk answered "), "{outcome:?}");
        }
    }
}

#[test]
fn a_server_that_counts_anew_has_earlier_batches_sent_again() {
    let server = FaultServer::start(Hec::new().acknowledge()).unwrap();
    let mut sink = acknowledging(&server);
    for ack in [5, 6, 0] {
        server.inject(success(ack));
    }
    for first in [10, 20, 30] {
        assert_eq!(send(&mut sink, first..first + 1), Outcome::unconfirmed());
    }
    let answer = Fault::refusal(200, r#"{"acks":{"0":true,"5":true,"6":true}}"#);
    server.inject_at(ACK, 1, answer);
    let confirmations = sink.confirm();
    let [(10, first), (20, second), (30, third)] = confirmed(&confirmations)[..] else {
        panic!("{confirmations:?}")
    };
    for outcome in [first, second] {
        assert!(reason(outcome).contains("counts its acknowledgements anew"), "{outcome:?}");
        assert!(matches!(outcome.then(), Then::Retry { .. }), "{outcome:?}");
    }
    assert_eq!(*third, Outcome::delivered());
}

#[test]
fn a_refusal_to_acknowledge_is_answered_by_sending_without_and_said_once() {
    let server = FaultServer::start(Hec::new()).unwrap();
    let mut sink = acknowledging(&server);
    server.inject(Fault::hec(400, 14, "ACK is disabled"));
    let outcome = send(&mut sink, 0..5);
    assert_eq!((outcome.then(), outcome.taken(5)), (&Then::Done, 5));
    let warning = outcome.warning().expect("it is said");
    assert!(warning.starts_with("splunk acknowledges nothing"), "{warning}");
    assert_eq!(send(&mut sink, 5..10), Outcome::delivered(), "it is said once");
    assert_eq!(server.accepted_ids(), ids(0..10));
    let channels: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.header("x-splunk-request-channel").is_some())
        .collect();
    assert_eq!(channels, [true, false, false]);
    assert_eq!(sink.unconfirmed_max(), 1);
}

#[test]
fn batches_that_wait_when_acknowledgement_ends_are_sent_again() {
    let server = FaultServer::start(Hec::new().acknowledge()).unwrap();
    let mut sink = acknowledging(&server);
    assert_eq!(send(&mut sink, 0..5), Outcome::unconfirmed());
    assert_eq!(send(&mut sink, 5..10), Outcome::unconfirmed());
    server.inject_at(ACK, 1, Fault::hec(400, 14, "ACK is disabled"));
    let confirmations = sink.confirm();
    let [(0, first), (5, second)] = confirmed(&confirmations)[..] else {
        panic!("{confirmations:?}")
    };
    for outcome in [first, second] {
        assert!(matches!(outcome.then(), Then::Retry { .. }), "{outcome:?}");
    }
    assert!(first.warning().is_some() && second.warning().is_none(), "{confirmations:?}");
    assert!(sink.confirm().is_empty());
}

#[test]
fn a_batch_that_is_refused_after_others_wait_ends_their_waiting_too() {
    let server = FaultServer::start(Hec::new().acknowledge()).unwrap();
    let mut sink = acknowledging(&server);
    assert_eq!(send(&mut sink, 0..5), Outcome::unconfirmed());
    server.inject(Fault::hec(400, 14, "ACK is disabled"));
    server.inject(Fault::hec(200, 0, "Success"));
    assert_eq!(send(&mut sink, 5..10).then(), &Then::Done);
    let confirmations = sink.confirm();
    let [(0, outcome)] = confirmed(&confirmations)[..] else { panic!("{confirmations:?}") };
    assert!(matches!(outcome.then(), Then::Retry { .. }), "{outcome:?}");
}

#[test]
fn a_token_without_acknowledgement_delivers_what_it_accepts_and_it_is_said_once() {
    let server = FaultServer::start(Hec::new()).unwrap();
    let mut sink = acknowledging(&server);
    let outcome = send(&mut sink, 0..5);
    assert_eq!(outcome.then(), &Then::Done);
    assert!(outcome.warning().is_some(), "{outcome:?}");
    assert_eq!(send(&mut sink, 5..10), Outcome::delivered());
}

#[test]
fn a_token_that_wants_acknowledgement_is_held_with_what_to_set() {
    let server = FaultServer::start(Hec::new().acknowledge()).unwrap();
    let outcome = send(&mut sink(&server), 0..5);
    assert!(matches!(outcome.then(), Then::Hold { .. }), "{outcome:?}");
    assert!(reason(&outcome).contains("`acknowledge = true`"), "{outcome:?}");
}

#[test]
fn a_nearly_full_queue_slows_down_batches_that_wait_too() {
    let server = FaultServer::start(Hec::new().acknowledge()).unwrap();
    server.inject(Fault::refusal(200, r#"{"text":"Success","code":25,"ackId":0}"#));
    let outcome = send(&mut acknowledging(&server), 0..5);
    assert_eq!(outcome, Outcome::unconfirmed().slow_down(tidings_splunk::SLOW_DOWN_DEFAULT));
}

#[test]
fn the_settings_are_what_the_delivery_is_told() {
    let server = FaultServer::start(Hec::new()).unwrap();
    assert_eq!(sink(&server).unconfirmed_max(), 1);
    assert_eq!(acknowledging(&server).unconfirmed_max(), UNCONFIRMED_MAX);
    assert_eq!(acknowledging(&server).confirm_interval(), ACK_POLL_DEFAULT);
    let hasty = builder(&server).acknowledge(true).ack_poll(Duration::ZERO).build().unwrap();
    assert_eq!(hasty.confirm_interval(), ACK_POLL_MIN);
    assert_eq!((&*hasty.name(), hasty.kind()), ("splunk", "splunk"));
}
