//! What the server refuses, what is said of it, and that events wait meanwhile.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use async_nats::ConnectOptions;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, Source};
use serde_json::json;
use tidings_delivery::{Delivery, Load, Outcome, Secret, Sink, SpoolSettings, Then};
use tidings_fault_server::Identity;
use tidings_fault_server::broker::{Broker, BrokerVersion, Proxy};
use tidings_nats::{NatsServer, NatsSink, StreamSettings};
use tidings_registry::Bus;

use crate::support::{CONFIG, CREDENTIALS, STOLEN, View, event_with, id, reason, send};

const ACK_TIMEOUT: Duration = Duration::from_millis(500);

fn sink_at(server: NatsServer) -> NatsSink {
    NatsSink::builder(server).ack_timeout(ACK_TIMEOUT).build().expect("the settings are in order")
}

fn sink_for(broker: &Broker) -> NatsSink {
    sink_at(NatsServer::at(&broker.url()))
}

/// Sends, and expects to be held for this reason.
#[track_caller]
fn assert_held(sink: &mut NatsSink, text: &str) {
    let outcome = send(sink, 0..3);
    assert!(matches!(outcome.then(), Then::Hold { .. }), "{outcome:?}");
    assert!(reason(&outcome).contains(text), "{outcome:?}");
    assert!(!format!("{outcome:?} {sink:?}").contains("hunter"), "{outcome:?}");
}

/// Emits while the server refuses: all must wait in the spool.
fn spooled_meanwhile(refused: NatsServer, spool: &Path) {
    let bus = Bus::builder().run("r").node("n").build();
    let settings = SpoolSettings::new(spool);
    let delivery = Delivery::builder(sink_at(refused)).spool(settings).start().expect("a folder");
    bus.subscribe(delivery).detach();
    let emitter = bus.raw_emitter("case", "t");
    for n in 0..10 {
        emitter.emit("quick_test.started", json!({ "n": n })).expect("a type");
    }
    let closed = bus.close(Duration::from_secs(1));
    let report = closed.unwrap_or_else(|error| error.report().clone());
    let counts = report.observer("nats").expect("it is there").counts;
    assert_eq!((counts.delivered, counts.spooled), (0, 10), "{report}");
}

/// What waits in a spool goes first when the server lets one in.
fn sent_from(spool: &Path, welcome: NatsServer) {
    let bus = Bus::builder().run("r").node("n").build();
    let settings = SpoolSettings::new(spool);
    let delivery = Delivery::builder(sink_at(welcome)).spool(settings).start().expect("a folder");
    bus.subscribe(delivery).detach();
    bus.close(Duration::from_secs(20)).expect("all of it is sent");
}

#[test]
fn wrong_credentials_are_held_and_events_stay_in_the_spool() {
    for version in BrokerVersion::ALL {
        let broker = Broker::builder(version).user_password("me", "hunter2").start().unwrap();
        let at = || NatsServer::at(&broker.url());
        assert_held(&mut sink_at(at()), "does not let us in");
        let wrong = at().user_password("me", Secret::new("hunter3"));
        assert_held(&mut sink_at(wrong.clone()), "check user and password");
        let spool = tempfile::tempdir().unwrap();
        spooled_meanwhile(wrong, spool.path());
        sent_from(spool.path(), at().user_password("me", Secret::new("hunter2")));
        let options = ConnectOptions::with_user_and_password("me".into(), "hunter2".into());
        assert_eq!(View::with(&broker.url(), options).count("tidings"), 10);
    }
}

#[test]
fn a_token_lets_one_in_or_does_not() {
    let broker = Broker::builder(BrokerVersion::Old).token("hunter2").start().unwrap();
    let at = || NatsServer::at(&broker.url());
    assert_held(&mut sink_at(at().token(Secret::new("hunter3"))), "does not let us in");
    let mut sink = sink_at(at().token(Secret::new("hunter2")));
    assert_eq!(send(&mut sink, 0..3), Outcome::delivered());
}

#[test]
fn a_credentials_file_is_read_for_each_connection() {
    for version in BrokerVersion::ALL {
        let broker = Broker::builder(version).config(CONFIG).start().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("user.creds");
        fs::write(&path, STOLEN).unwrap();
        let mut sink = sink_at(NatsServer::at(&broker.url()).credentials_file(&path));
        assert_held(&mut sink, "does not let us in");
        fs::remove_file(&path).unwrap();
        assert_held(&mut sink, "cannot be read");
        fs::write(&path, CREDENTIALS).unwrap();
        assert_eq!(send(&mut sink, 0..3), Outcome::delivered());
    }
}

#[test]
fn a_permission_that_is_missing_is_held_and_named() {
    let config = r#"
authorization { users: [{
  user: me, password: hunter2
  permissions: { publish: ["$JS.API.>"], subscribe: ["_INBOX.>"] }
}]}"#;
    let broker = Broker::builder(BrokerVersion::New).config(config).start().unwrap();
    let server = NatsServer::at(&broker.url()).user_password("me", Secret::new("hunter2"));
    let mut sink = sink_at(server);
    let text = "Permissions Violation for Publish to \"tidings.run-7.lab-3.quick_test.started\"";
    assert_held(&mut sink, text);
}

#[test]
fn heartbeats_that_are_not_allowed_are_warned_of_and_hold_up_no_event() {
    let config = r#"
authorization { users: [{
  user: me, password: hunter2
  permissions: { publish: ["$JS.API.>", "tidings.*.*.>"], subscribe: ["_INBOX.>"] }
}]}"#;
    let broker = Broker::builder(BrokerVersion::Old).config(config).start().unwrap();
    let server = NatsServer::at(&broker.url()).user_password("me", Secret::new("hunter2"));
    let heartbeat = Duration::from_millis(10);
    let mut sink = NatsSink::builder(server).heartbeat(heartbeat).build().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut number = 0;
    let warning = loop {
        let outcome = send(&mut sink, number..number + 1);
        assert!(matches!(outcome.then(), Then::Done | Then::Unconfirmed), "{outcome:?}");
        if let Some(warning) = outcome.warning() {
            break warning.to_owned();
        }
        assert!(Instant::now() < deadline);
        number += 1;
        drop(sink.confirm());
        std::thread::park_timeout(Duration::from_millis(5));
    };
    assert!(warning.starts_with("no heartbeat gets through: "), "{warning}");
}

#[test]
fn tls_trusts_whom_it_is_told_to_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, others) = (Identity::generate().unwrap(), Identity::generate().unwrap());
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let (ca, other_ca) = (file("ca.pem", ours.ca_pem()), file("other.pem", others.ca_pem()));
    for version in BrokerVersion::ALL {
        let broker = Broker::builder(version).tls(&ours).start().unwrap();
        let url = format!("tls://localhost:{}", broker.address().port());
        let mut sink = sink_at(NatsServer::at(&url).ca_file(&ca).require_tls());
        assert_eq!(send(&mut sink, 0..3), Outcome::delivered());
        assert_held(&mut sink_at(NatsServer::at(&url).ca_file(&other_ca)), "no TLS with tls://loc");
    }
    let elsewhere = Identity::for_name("elsewhere.example").unwrap();
    let broker = Broker::builder(BrokerVersion::New).tls(&elsewhere).start().unwrap();
    let ca = file("elsewhere.pem", elsewhere.ca_pem());
    let server = NatsServer::at(&broker.url()).ca_file(ca);
    assert_held(&mut sink_at(server), "name the server as its certificate does");
}

#[test]
fn a_server_that_demands_a_certificate_is_shown_one() {
    let folder = tempfile::tempdir().unwrap();
    let identity = Identity::generate().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let ca = file("ca.pem", identity.ca_pem());
    let certificate = file("cert.pem", identity.certificate_pem());
    let key = file("key.pem", identity.key_pem());
    let broker = Broker::builder(BrokerVersion::New).tls(&identity).verify_clients();
    let broker = broker.start().unwrap();
    let server = NatsServer::at(&broker.url()).ca_file(ca);
    let outcome = send(&mut sink_at(server.clone()), 0..3);
    assert!(matches!(outcome.then(), Then::Hold { .. }), "{outcome:?}");
    let mut sink = sink_at(server.client_certificate(certificate, key));
    assert_eq!(send(&mut sink, 0..3), Outcome::delivered());
}

#[test]
fn tls_that_is_demanded_of_a_server_without_it_is_held() {
    let broker = Broker::start(BrokerVersion::New).unwrap();
    let outcome = send(&mut sink_at(NatsServer::at(&broker.url()).require_tls()), 0..3);
    assert!(matches!(outcome.then(), Then::Hold { .. }), "{outcome:?}");
    assert_eq!(View::of(&broker.url()).count("tidings"), 0);
}

#[test]
fn a_server_without_jetstream_is_said_to_be_one() {
    for version in BrokerVersion::ALL {
        let broker = Broker::builder(version).without_jetstream().start().unwrap();
        let mut sink = sink_for(&broker);
        let advice = sink.check().unwrap_err();
        assert!(advice.contains("has no JetStream"), "{advice}");
        assert_held(&mut sink, "has no JetStream");
    }
}

#[test]
fn a_full_stream_keeps_what_it_has_and_takes_more_when_there_is_room() {
    for version in BrokerVersion::ALL {
        let broker = Broker::start(version).unwrap();
        let builder = NatsSink::builder(NatsServer::at(&broker.url())).ack_timeout(ACK_TIMEOUT);
        let settings = StreamSettings::default().max_messages(5);
        let mut sink = builder.stream(settings).build().unwrap();
        let outcome = send(&mut sink, 0..8);
        assert_eq!(outcome.taken(8), 5);
        assert!(matches!(outcome.then(), Then::Retry { .. }), "{outcome:?}");
        assert!(reason(&outcome).starts_with("the stream is full"), "{outcome:?}");
        let view = View::of(&broker.url());
        assert_eq!(view.ids("tidings"), (0..5).map(id).collect::<Vec<_>>());
        view.update(Config { max_messages: 100, ..view.config("tidings") });
        assert_eq!(send(&mut sink, 5..8), Outcome::delivered());
        assert_eq!(view.ids("tidings"), (0..8).map(id).collect::<Vec<_>>());
    }
}

#[test]
fn a_wrong_stream_is_held_and_it_is_said_what_would_be_right() {
    for version in BrokerVersion::ALL {
        let broker = Broker::start(version).unwrap();
        let view = View::of(&broker.url());
        let good = || Config {
            name: "tidings".to_owned(),
            subjects: vec!["tidings.*.*.>".to_owned()],
            ..Config::default()
        };
        let origin = Source { name: "origin".to_owned(), ..Source::default() };
        view.create(Config { name: "origin".to_owned(), subjects: vec!["x".into()], ..good() });
        let cases = [
            (Config { subjects: vec!["tidings.one.*.>".into()], ..good() }, "add `tidings.*.*.>`"),
            (Config { retention: RetentionPolicy::WorkQueue, ..good() }, "`limits` is needed"),
            (Config { max_messages_per_subject: 3, ..good() }, "`max_msgs_per_subject` to -1"),
            (Config { no_ack: true, ..good() }, "`no_ack`"),
            (Config { subjects: Vec::new(), mirror: Some(origin), ..good() }, "is a mirror"),
        ];
        for (config, text) in cases {
            view.create(config);
            assert_held(&mut sink_for(&broker), text);
            assert_eq!(view.count("tidings"), 0);
            view.delete("tidings");
        }
        view.create(Config { name: "other".to_owned(), ..good() });
        assert_held(&mut sink_for(&broker), "another stream has subjects below `tidings`");
    }
}

#[test]
fn a_stream_is_created_only_if_that_is_wanted() {
    let broker = Broker::start(BrokerVersion::Old).unwrap();
    let builder = || NatsSink::builder(NatsServer::at(&broker.url())).ack_timeout(ACK_TIMEOUT);
    let settings = StreamSettings::default().name("tests").create(false);
    let mut sink = builder().stream(settings).build().unwrap();
    assert_held(&mut sink, "there is no stream `tests`");
    let settings = StreamSettings::default().name("tests").max_age(Duration::from_hours(1));
    let mut creating = builder().stream(settings).build().unwrap();
    assert_eq!(creating.check(), Ok(()));
    assert_eq!(send(&mut sink, 0..3), Outcome::delivered());
    let config = View::of(&broker.url()).config("tests");
    assert_eq!((config.max_age, config.discard), (Duration::from_hours(1), DiscardPolicy::New));
    assert_eq!(config.subjects, ["tidings.*.*.>"]);
}

#[test]
fn a_stream_that_loses_what_nobody_said_is_used_and_warned_of_once() {
    let broker = Broker::start(BrokerVersion::New).unwrap();
    View::of(&broker.url()).create(Config {
        name: "tidings".to_owned(),
        subjects: vec!["tidings.>".to_owned()],
        max_messages: 100,
        ..Config::default()
    });
    let mut sink = sink_for(&broker);
    let outcome = send(&mut sink, 0..3);
    assert_eq!(outcome.then(), &Then::Done);
    let warning = outcome.warning().expect("there is one");
    assert!(warning.contains("removes its oldest events when it is full"), "{warning}");
    assert_eq!(send(&mut sink, 3..6).warning(), None);
}

#[test]
fn a_message_above_a_limit_is_set_aside_with_both_sizes() {
    for version in BrokerVersion::ALL {
        let broker = Broker::builder(version).max_payload(4000).start().unwrap();
        let mut sink = sink_for(&broker);
        let mut batch = Load::new();
        for (number, bytes) in [(0, 1), (1, 1), (2, 5000), (3, 1)] {
            let event = event_with(number, ("r", "n"), &"x".repeat(bytes));
            batch.push(&mut sink, event, number).unwrap();
        }
        let outcome = sink.send(&batch.batch(1, 1));
        let expected = "bytes, more than the 4000 that the server takes (`max_payload`)";
        assert!(matches!(outcome.then(), Then::SetAside { index: 2, .. }), "{outcome:?}");
        assert!(reason(&outcome).ends_with(expected), "{outcome:?}");
        assert_eq!(outcome.taken(4), 2);
        let view = View::of(&broker.url());
        assert_eq!(view.ids("tidings"), [id(0), id(1)]);
        view.update(Config { max_message_size: 1000, ..view.config("tidings") });
        let mut sink = sink_for(&broker);
        let mut batch = Load::new();
        batch.push(&mut sink, event_with(4, ("r", "n"), &"x".repeat(900)), 4).unwrap();
        let outcome = sink.send(&batch.batch(1, 1));
        let expected = "bytes, more than the 1000 that the stream takes (`max_msg_size`)";
        assert!(matches!(outcome.then(), Then::SetAside { index: 0, .. }), "{outcome:?}");
        assert!(reason(&outcome).ends_with(expected), "{outcome:?}");
        // What fits to the byte is taken: nothing is set aside that the server would take.
        let over: usize = reason(&outcome).split(' ').find_map(|word| word.parse().ok()).unwrap();
        let mut batch = Load::new();
        let text = "x".repeat(900 - (over - 1000));
        batch.push(&mut sink, event_with(5, ("r", "n"), &text), 5).unwrap();
        assert_eq!(sink.send(&batch.batch(2, 1)), Outcome::delivered());
    }
}

#[test]
fn a_limit_that_was_lowered_meanwhile_sets_aside_what_the_server_refuses() {
    let broker = Broker::start(BrokerVersion::New).unwrap();
    let mut sink = sink_for(&broker);
    assert_eq!(send(&mut sink, 0..1), Outcome::delivered());
    let view = View::of(&broker.url());
    view.update(Config { max_message_size: 1000, ..view.config("tidings") });
    let mut batch = Load::new();
    for (number, bytes) in [(1, 1), (2, 2000), (3, 1)] {
        batch.push(&mut sink, event_with(number, ("r", "n"), &"x".repeat(bytes)), number).unwrap();
    }
    assert_eq!(sink.send(&batch.batch(7, 1)), Outcome::unconfirmed());
    let deadline = Instant::now() + Duration::from_secs(20);
    let confirmed = loop {
        if let Some(confirmation) = sink.confirm().pop() {
            break confirmation;
        }
        assert!(Instant::now() < deadline);
        std::thread::park_timeout(Duration::from_millis(1));
    };
    assert_eq!((confirmed.batch, confirmed.outcome.taken(3)), (7, 1));
    assert!(matches!(confirmed.outcome.then(), Then::SetAside { index: 1, .. }), "{confirmed:?}");
}

#[test]
fn a_server_that_is_away_or_silent_is_tried_again_and_holds_up_nobody() {
    let broker = Broker::start(BrokerVersion::New).unwrap();
    let proxy = Proxy::to(broker.address()).unwrap();
    proxy.stall();
    let mut silent = sink_at(NatsServer::at(&proxy.url()));
    let gone = Broker::start(BrokerVersion::New).unwrap();
    gone.kill();
    let mut away = sink_for(&gone);
    for (sink, text) in [(&mut away, "no connection to nats://127.0.0.1"), (&mut silent, "within")]
    {
        let before = Instant::now();
        assert!(sink.check().is_err());
        let outcome = send(sink, 0..3);
        assert!(matches!(outcome.then(), Then::Retry { .. }), "{outcome:?}");
        assert!(reason(&outcome).contains(text), "{outcome:?}");
        assert!(before.elapsed() < 2 * ACK_TIMEOUT + Duration::from_secs(2));
        let before = Instant::now();
        sink.close();
        assert!(before.elapsed() < Duration::from_secs(2), "{:?}", before.elapsed());
    }
}
